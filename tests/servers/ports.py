"""Ports of this machine for servers of the tests and the benches.

The kernel gives the local end of every connection a port of its own range. A port of that range
that is free now may belong to a connection when a server comes to listen there, or when it is
started again; so ours are looked for below it.
"""

from __future__ import annotations

import random
import socket
from pathlib import Path

# The last port below that a browser refuses to open is 10080.
FIRST = 11_000
_CHOOSE = random.SystemRandom()
_KERNEL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port(*, and_beside: int = 0) -> int:
    """A port that nothing has; with `and_beside`, the one so many further on is free as well."""
    below = int(_KERNEL.read_text().split()[0]) if _KERNEL.exists() else 2**15
    while True:
        port = _CHOOSE.randrange(FIRST, below - and_beside)
        if all(map(_is_free, {port, port + and_beside})):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as line:
        try:
            line.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
