"""A real nginx with the configuration that `tongke nginx` prints."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.process import Missing, Server, free_port, program
from tongke.cli.nginx.proxy import HEADER_LIMIT_S, Proxy, render

INSTALL = "install Debian's nginx-light, or any nginx with auth_request"


@dataclass(frozen=True)
class Nginx:
    """A running nginx: `url` is where it answers, `state` the folder of what it keeps."""

    server: Server
    url: str
    state: Path


def start(
    folder: Path, upstreams: tuple[str, ...], *, header_limit_s: int = HEADER_LIMIT_S
) -> Nginx:
    """Start one before web processes, which need not run yet. Raises `Missing`."""
    found = program("nginx", INSTALL)
    port = free_port()
    proxy = Proxy(
        upstreams=upstreams,
        state=folder / "state",
        listen=f"127.0.0.1:{port}",
        header_limit_s=header_limit_s,
    )
    proxy.state.mkdir()
    configuration = folder / "nginx.conf"
    configuration.write_text(render(proxy))
    command = [found, "-p", folder, "-c", configuration, "-e", "stderr", "-g", "daemon off;"]
    server = Server("nginx", command, folder, lambda: _listens(port), as_other_user=True)
    # It opens its standard output anew as the user it runs as.
    server.log.touch()
    server.start()
    return Nginx(server, f"http://127.0.0.1:{port}", proxy.state)


def or_skip(missing: Missing) -> None:
    """Leave the test out on a machine without nginx, unless every server has to be there."""
    if os.environ.get("TONGKE_TESTS_NEED_SERVERS") == "1":
        pytest.fail(str(missing))
    pytest.skip(str(missing))


def _listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
