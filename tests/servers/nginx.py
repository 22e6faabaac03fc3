"""A real nginx with the configuration that `tongke nginx` prints."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import Server, free_port, program
from tongke.cli.nginx.proxy import HEADER_LIMIT_S, Proxy, render

INSTALL = "install Debian's nginx-light, or any nginx with auth_request"


class Master(Server):
    """nginx's own processes outlive a master that is killed: here they go with it."""

    def kill(self) -> None:
        group = self.pid
        super().kill()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


@dataclass(frozen=True)
class Nginx:
    """A running nginx: `url` is where it answers, `state` the folder of what it keeps."""

    server: Server
    url: str
    plain_url: str
    state: Path


def start(
    folder: Path,
    upstreams: tuple[str, ...],
    *,
    header_limit_s: int = HEADER_LIMIT_S,
    tls: tuple[Path, Path] | None = None,
) -> Nginx:
    """Start one before web processes, which need not run yet. Raises `Missing`.

    With `tls`, a certificate and its key, `url` is of HTTPS, and `plain_url` is sent there.
    """
    found = program("nginx", INSTALL)
    port, tls_port = free_port(), free_port()
    proxy = Proxy(
        upstreams=upstreams,
        state=folder / "state",
        listen=f"127.0.0.1:{port}",
        listen_tls=f"127.0.0.1:{tls_port}",
        certificate=tls[0] if tls else None,
        key=tls[1] if tls else None,
        header_limit_s=header_limit_s,
    )
    proxy.state.mkdir()
    configuration = folder / "nginx.conf"
    configuration.write_text(render(proxy))
    command = [found, "-p", folder, "-c", configuration, "-e", "stderr", "-g", "daemon off;"]
    # Killed, a master takes nobody along; asked to end, it does.
    server = Master(
        "nginx",
        command,
        folder,
        lambda: _listens(port),
        as_other_user=True,
        death=signal.SIGTERM,
    )
    # It opens its standard output anew as the user it runs as.
    server.log.touch()
    server.start()
    plain_url = f"http://127.0.0.1:{port}"
    url = f"https://127.0.0.1:{tls_port}" if tls else plain_url
    return Nginx(server, url, plain_url, proxy.state)


def _listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
