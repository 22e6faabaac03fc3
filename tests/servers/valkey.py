"""Valkey or Redis over TCP with a password, as many machines share one.

The wheel's Valkey speaks no TLS; Debian's `redis-server` does, and stands here for the Redis that
an operator may have instead.
"""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import NamedTuple

from tests.servers.ports import free_port
from tests.servers.process import Server, program
from tongke.cli import certificates
from tongke.storage.bus import embedded

PASSWORD = "only-for-tests"
LOOPBACK = "127.0.0.1"


class Valkey(NamedTuple):
    """A running server; `url` is what the setting `bus_url` takes."""

    server: Server
    url: str


def start(folder: Path) -> Valkey:
    """The wheel's Valkey in `folder`."""
    port = free_port()
    command = [embedded.find_server(None), *_options(folder), "--port", str(port)]
    server = Server(
        "valkey", command, folder, lambda: _answers(socket.create_connection(_at(port)))
    )
    server.start()
    return Valkey(server, f"redis://:{PASSWORD}@{LOOPBACK}:{port}")


def start_with_tls(folder: Path) -> Valkey:
    """Debian's Redis, with a certificate of an authority of its own. Raises `Missing`."""
    redis = program("redis-server", "install Debian's redis-server")
    issued = certificates.issue(folder / "tls", [LOOPBACK])
    port = free_port()
    command = [redis, *_options(folder), "--port", "0", "--tls-port", str(port)]
    command += ["--tls-cert-file", issued.certificate, "--tls-key-file", issued.key]
    command += ["--tls-ca-cert-file", issued.authority, "--tls-auth-clients", "no"]
    trusting = ssl.create_default_context(cafile=issued.authority)

    def ready() -> bool:
        line = trusting.wrap_socket(socket.create_connection(_at(port)), server_hostname=LOOPBACK)
        return _answers(line)

    server = Server("redis", command, folder, ready)
    server.start()
    url = f"rediss://:{PASSWORD}@{LOOPBACK}:{port}?ssl_ca_certs={issued.authority}"
    return Valkey(server, url)


def _options(folder: Path) -> list[str | Path]:
    """Nothing is kept on disk: all that is there can be rebuilt."""
    options: list[str | Path] = ["--bind", LOOPBACK, "--requirepass", PASSWORD]
    return [*options, "--save", "", "--appendonly", "no", "--dir", folder]


def _at(port: int) -> tuple[str, int]:
    return LOOPBACK, port


def _answers(line: socket.socket) -> bool:
    with line:
        line.settimeout(2)
        line.sendall(f"AUTH {PASSWORD}\r\nPING\r\n".encode())
        return line.makefile("rb").readline().startswith(b"+OK")
