"""Pictures out of an FLV stream as an encoder's pipe gives it (FLV 10.1, annex E).

Of the containers that ffmpeg writes, this one has each picture whole, at once, with its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tongke.live.boxes import DamagedStream

_SIGNATURE: Final = b"FLV"
# The file's own header, with the length of the tag before the first.
_FILE_HEADER_BYTES: Final = 9 + 4
_TAG_HEADER_BYTES: Final = 11
# The length of the tag stands behind it once more.
_TRAILER_BYTES: Final = 4
_PICTURE: Final = 9


@dataclass(frozen=True)
class PictureTag:
    """The body of a tag with a picture, as `tongke.live.rtmp.flv` reads it, and its time."""

    at_ms: int
    body: bytes


class FlvReader:
    """Bytes in, with any cuts; tags of pictures out."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._begun = False

    def feed(self, data: bytes) -> Iterator[PictureTag]:
        """Raises DamagedStream."""
        self._waiting += data
        if not self._begun and not self._begin():
            return
        while len(self._waiting) >= _TAG_HEADER_BYTES:
            head = self._waiting
            ends = _TAG_HEADER_BYTES + int.from_bytes(head[1:4], "big")
            if len(head) < ends + _TRAILER_BYTES:
                return
            kind, at_ms = head[0], head[7] << 24 | int.from_bytes(head[4:7], "big")
            body = bytes(head[_TAG_HEADER_BYTES:ends])
            del head[: ends + _TRAILER_BYTES]
            if kind == _PICTURE and body:
                yield PictureTag(at_ms, body)

    def _begin(self) -> bool:
        """Take the file's header; False while it is not all there."""
        if not _SIGNATURE.startswith(self._waiting[: len(_SIGNATURE)]):
            raise DamagedStream
        if len(self._waiting) < _FILE_HEADER_BYTES:
            return False
        del self._waiting[:_FILE_HEADER_BYTES]
        self._begun = True
        return True
