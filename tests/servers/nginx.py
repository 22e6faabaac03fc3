"""A real nginx with the configuration that `tongke nginx` prints."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ports import free_port
from tests.servers.process import Missing, Server, program
from tongke.cli.nginx.proxy import (
    CLASS_RIGHT_KEPT_S,
    CONNECTIONS_OF_ONE_ADDRESS,
    HEADER_LIMIT_S,
    Proxy,
    render,
)

INSTALL = "install Debian's nginx-light, or any nginx with auth_request"
INSTALL_STREAMS = "install Debian's libnginx-mod-stream, or any nginx with its stream module"
# Debian's is a file of its own.
STREAM_MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")


class Master(Server):
    """nginx's own processes outlive a master that is killed: here they go with it."""

    def kill(self) -> None:
        group = self.pid
        super().kill()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


@dataclass(frozen=True)
class Nginx:
    """A running nginx: `url` is where it answers, `state` the folder of what it keeps, `rtmp_port`
    where it takes appliances (0: nowhere), `status_url` where it tells of itself."""

    server: Server
    url: str
    plain_url: str
    status_url: str
    state: Path
    rtmp_port: int = 0


def stream_module() -> Path | None:
    """The file of nginx's stream module, None where it is part of nginx. Raises `Missing`."""
    if STREAM_MODULE.exists():
        return STREAM_MODULE
    found = program("nginx", INSTALL)
    said = subprocess.run([found, "-V"], capture_output=True, text=True, check=True).stderr
    if "--with-stream " not in said:
        raise Missing(f"nginx has no stream module: {INSTALL_STREAMS}")
    return None


def loading_streams() -> str:
    """What a configuration for another nginx lacks, to be taken by this one. Raises `Missing`."""
    found = stream_module()
    return f"load_module {found};\n" if found else ""


def start(
    folder: Path,
    upstreams: tuple[str, ...],
    *,
    header_limit_s: int = HEADER_LIMIT_S,
    class_right_kept_s: int = CLASS_RIGHT_KEPT_S,
    connections: int = CONNECTIONS_OF_ONE_ADDRESS,
    tls: tuple[Path, Path] | None = None,
    rtmp_port: int = 0,
) -> Nginx:
    """Start one before web processes, which need not run yet. Raises `Missing`.

    With `tls`, a certificate and its key, `url` is of HTTPS, and `plain_url` is sent there. With
    `rtmp_port`, where the web processes take appliances, it passes those on too.
    """
    found = program("nginx", INSTALL)
    port, tls_port, for_appliances = free_port(), free_port(), free_port() if rtmp_port else 0
    status_port = free_port()
    proxy = Proxy(
        upstreams=upstreams,
        state=folder / "state",
        listen=f"127.0.0.1:{port}",
        listen_tls=f"127.0.0.1:{tls_port}",
        certificate=tls[0] if tls else None,
        key=tls[1] if tls else None,
        header_limit_s=header_limit_s,
        class_right_kept_s=class_right_kept_s,
        connections=connections,
        rtmp_port=rtmp_port,
        listen_rtmp=f"127.0.0.1:{for_appliances}",
        stream_module=stream_module() if rtmp_port else None,
        listen_status=f"127.0.0.1:{status_port}",
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
    status_url = f"http://127.0.0.1:{status_port}"
    return Nginx(server, url, plain_url, status_url, proxy.state, for_appliances)


def _listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
