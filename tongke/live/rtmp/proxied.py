"""The PROXY protocol's header: who an appliance is that comes through a proxy.

A proxy that passes on bytes says in front of them from where they come (HAProxy's specification,
versions 1 and 2; nginx speaks the first). Whoever listens has to know that a proxy is there: a
stranger can write such a header as well, so only who is trusted may be asked for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from tongke.live.boxes import DamagedStream

# The longest of version 1, with its end of line.
MOST_LINE_BYTES: Final = 107
SIGNATURE: Final = b"\r\n\r\n\0\r\nQUIT\n"
FIXED_BYTES: Final = 16
# What follows the addresses in version 2 (names, certificates) is nothing to us, but has a bound.
MOST_MORE_BYTES: Final = 2048
# Of version 2: the command, and the family with its length of one address.
LOCAL, PROXIED = 0x20, 0x21
ADDRESS_BYTES: Final = {0x11: 4, 0x21: 16}


@dataclass(frozen=True)
class Proxied:
    """`address` is None where the proxy speaks for itself or says it does not know. The header is
    the first `length` bytes."""

    address: str | None
    length: int


def read(data: bytes) -> Proxied | None:
    """The header at the beginning of a connection, or None while more of it is to come.

    Raises:
        DamagedStream: it begins with no such header.
    """
    if data[:1] == b"P":
        return _line(data)
    if not SIGNATURE.startswith(data[: len(SIGNATURE)]):
        raise DamagedStream
    return _binary(data) if len(data) >= FIXED_BYTES else None


def _line(data: bytes) -> Proxied | None:
    head, end, _ = data[:MOST_LINE_BYTES].partition(b"\r\n")
    if not end:
        if len(data) >= MOST_LINE_BYTES:
            raise DamagedStream
        return None
    length = len(head) + len(end)
    match head.split(b" "):
        case [b"PROXY", b"UNKNOWN", *_]:
            return Proxied(None, length)
        case [b"PROXY", b"TCP4" | b"TCP6" as family, source, _, _, _]:
            kind = IPv4Address if family == b"TCP4" else IPv6Address
            return Proxied(_address(source, kind), length)
    raise DamagedStream


def _address(source: bytes, kind: type[IPv4Address] | type[IPv6Address]) -> str:
    # A zone behind "%" may be any text, and is of the proxy's own links.
    if b"%" in source:
        raise DamagedStream
    try:
        return str(kind(source.decode("ascii")))
    except ValueError:
        raise DamagedStream from None


def _binary(data: bytes) -> Proxied | None:
    command, family = data[12], data[13]
    more = int.from_bytes(data[14:16], "big")
    size = ADDRESS_BYTES.get(family, 0)
    if command not in (LOCAL, PROXIED) or more > MOST_MORE_BYTES:
        raise DamagedStream
    known = command == PROXIED and size > 0
    if known and more < 2 * size + 4:
        raise DamagedStream
    if len(data) < FIXED_BYTES + more:
        return None
    source = data[FIXED_BYTES : FIXED_BYTES + size]
    return Proxied(str(ip_address(source)) if known else None, FIXED_BYTES + more)
