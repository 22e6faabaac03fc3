"""The PROXY protocol's header says who comes, however it is cut (HAProxy's proxy-protocol.txt)."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.live.boxes import DamagedStream
from tongke.live.rtmp.proxied import SIGNATURE, Proxied, read

ADDRESSES = st.ip_addresses()
PORTS = st.integers(0, 65535)
RTMP = b"\3" + bytes(1536)


def line(source: IPv4Address | IPv6Address, port: int) -> bytes:
    return f"PROXY TCP{source.version} {source} {source} {port} 1935\r\n".encode()


def binary(
    source: IPv4Address | IPv6Address, port: int, more: bytes = b"", command: int = 0x21
) -> bytes:
    body = source.packed * 2 + struct.pack(">HH", port, 1935) + more
    family = 0x11 if source.version == 4 else 0x21
    return SIGNATURE + struct.pack(">BBH", command, family, len(body)) + body


@given(ADDRESSES, PORTS, st.binary(max_size=40), st.booleans())
def test_who_comes_is_read_as_soon_as_the_header_is_there(
    source: IPv4Address | IPv6Address, port: int, more: bytes, written: bool
) -> None:
    header = line(source, port) if written else binary(source, port, more)
    for cut in range(len(header)):
        assert read(header[:cut]) is None
    found = read(header + RTMP)
    assert found == Proxied(str(source), len(header))
    assert (header + RTMP)[found.length :] == RTMP


@pytest.mark.parametrize(
    "header",
    [
        b"PROXY UNKNOWN\r\n",
        b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n",
        # A proxy that asks for itself, whatever it adds; and one on a socket of its machine.
        binary(ip_address("10.0.0.1"), 1, command=0x20),
        SIGNATURE + b"\x20\0\0\0",
        SIGNATURE + b"\x21\x31\0\xd8" + bytes(216),
    ],
)
def test_a_proxy_may_speak_for_nobody(header: bytes) -> None:
    assert read(header + RTMP) == Proxied(None, len(header))


@pytest.mark.parametrize(
    "said",
    [
        RTMP,
        b"GET / HTTP/1.1\r\n",
        b"PROXY TCP4 10.0.0.1\r\n",
        b"PROXY TCP4 10.0.0.300 10.0.0.1 1 2\r\n",
        b"PROXY TCP6 10.0.0.1 10.0.0.1 1 2\r\n",
        b"PROXY TCP6 fe80::1%any\ntext fe80::2 1 2\r\n",
        b"PROXY TCP4 10.0.0.1 10.0.0.1 1 2\n" + bytes(100),
        b"P" + bytes(200),
        SIGNATURE + b"\x11\x11\0\x0c" + bytes(12),
        SIGNATURE + b"\x21\x11\0\x08" + bytes(8),
        SIGNATURE + b"\x21\x11\xff\xff",
    ],
)
def test_what_is_no_such_header_is_refused(said: bytes) -> None:
    with pytest.raises(DamagedStream):
        read(said)


@given(st.binary(max_size=300))
def test_anything_is_read_or_refused(said: bytes) -> None:
    try:
        found = read(said)
    except DamagedStream:
        return
    assert found is None or found.length <= len(said)
