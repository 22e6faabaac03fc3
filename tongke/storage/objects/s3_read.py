"""Reading an S3 object as a stream that survives a cut line: it goes on at its byte.

Every request after the first asks for that very object by its etag, so what is read is never
half of one object and half of another.
"""

from __future__ import annotations

from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from tongke.storage.objects.errors import ObjectsUnavailable
from tongke.storage.objects.s3_client import S3Client
from tongke.storage.objects.s3_errors import PastTheEnd

# Reads go to people, at the speed of their line: a smaller piece starts a video sooner.
READ_BYTES = 256 * 1024
# In a row without one byte between; each was tried several times by the client before.
CUTS_SURVIVED = 3


class Reader:
    """At most `length` bytes of the object `name` from `start`. Its methods block."""

    def __init__(self, client: S3Client, name: str, start: int, length: int | None) -> None:
        self._client = client
        self._name = name
        self._at = start
        self._left = length
        self._etag = ""
        self._stream: BaseHTTPResponse | None = None
        self._ended = False

    def next(self) -> bytes:
        """The next piece, empty at the end. Raises `ObjectMissing`, `ChangedMeanwhile`."""
        cut: HTTPError | None = None
        for _ in range(CUTS_SURVIVED + 1):
            try:
                return self._piece()
            except HTTPError as error:
                cut = error
                self.close()
        raise ObjectsUnavailable(reason=type(cut).__name__) from cut

    def close(self) -> None:
        """Closes the connection too, where bytes are still on their way."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _piece(self) -> bytes:
        if self._stream is None and not self._ended:
            self._open()
        piece = self._stream.read(READ_BYTES) if self._stream is not None else b""
        if not piece:
            self._end()
        self._at += len(piece)
        if self._left is not None:
            self._left -= len(piece)
        return piece

    def _open(self) -> None:
        if self._left == 0:
            if not self._etag:
                self._client.stat(self._name)  # nothing of an object that has to be there
            self._ended = True
            return
        try:
            self._stream = self._client.open(self._name, self._at, self._left, self._etag)
        except PastTheEnd:
            self._ended = True
            return
        self._etag = self._etag or self._stream.headers.get("ETag", "").strip('"')

    def _end(self) -> None:
        """All was read: the connection is good for another call."""
        self._ended = True
        if self._stream is not None:
            self._stream.release_conn()
            self._stream = None
