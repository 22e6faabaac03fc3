"""Boxes of ISO base media files (ISO/IEC 14496-12): put together, and taken apart.

A box is a size of 32 bits, a type of four characters and a body. Sizes of 64 bits occur only in
files of gigabytes, which nothing that is live has.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tongke.errors import Text, TongkeError

HEADER_BYTES: Final = 8


class DamagedStream(TongkeError):
    code = "damaged-stream"
    status = 400
    message = Text("收到的音视频数据不完整", "The sound and picture received are damaged")
    remedy = Text("请刷新页面重新开始", "Reload the page and begin again")


@dataclass(frozen=True)
class Box:
    """A whole box. `data` is all of it, header included."""

    type: bytes
    data: bytes

    @property
    def body(self) -> bytes:
        return self.data[HEADER_BYTES:]


def box(type: bytes, *parts: bytes) -> bytes:
    """A box around its parts."""
    body = b"".join(parts)
    return struct.pack(">I4s", HEADER_BYTES + len(body), type) + body


def full(type: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    """A box with version and flags (14496-12, 4.2)."""
    return box(type, struct.pack(">I", version << 24 | flags), *parts)


def inside(data: bytes) -> Iterator[Box]:
    """The boxes that fill a body.

    Raises:
        DamagedStream: they do not fill it.
    """
    at = 0
    while at < len(data):
        found = first(data, at)
        if found is None:
            raise DamagedStream
        yield found
        at += len(found.data)


def first(data: bytes | bytearray, at: int = 0) -> Box | None:
    """The box that begins at an offset; None when not all of it is there.

    Raises:
        DamagedStream: no box begins there.
    """
    if len(data) - at < HEADER_BYTES:
        return None
    size, type = struct.unpack_from(">I4s", data, at)
    if size < HEADER_BYTES:
        raise DamagedStream
    if len(data) - at < size:
        return None
    return Box(type, bytes(data[at : at + size]))


def find(data: bytes, *path: bytes) -> list[Box]:
    """The boxes at a path of types below a body."""
    here, *below = path
    found = [each for each in inside(data) if each.type == here]
    if not below:
        return found
    return [deep for each in found for deep in find(each.body, *below)]
