"""Viewers without a screen: many players that play as a classroom's does.

Each has connections of its own and a session of its own: on one it is pushed the playlist of every
part, on the other it asks for the part. Run as a process of its own:
`python -m bench.live.viewers URL CLASS COOKIES SECONDS`, where COOKIES is a file with one a line;
it prints how many parts were played, how many came too late to be played in time or were passed
over because the next was there already, and how often a connection broke.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import os
import re
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import uvloop

PART = re.compile(rb'^#EXT-X-PART:.*?URI="([^"]+)"', re.MULTILINE)
# How a text that is packed by gzip begins.
PACKED: Final = b"\x1f\x8b"
# Between one part and the next: a player begins this far behind the end, more or less.
LATE_S: Final = 1.0
PAUSE_S: Final = 0.3
# They do not all come at once.
SPREAD_S: Final = 10.0
# Of a frame (RFC 6455, 5.2): what it is, and how long.
BINARY, PING, PONG = 0x82, 0x89, 0x8A
LONGER = 126
# A browser masks what it says, with any four bytes.
MASKED_NOTHING: Final = bytes((0x80, 0, 0, 0, 0))


@lru_cache(maxsize=64)
def last_part(playlist: bytes) -> str | None:
    """Which part a playlist brings. Remembered, since all viewers are given the same one."""
    text = gzip.decompress(playlist) if playlist.startswith(PACKED) else playlist
    named = PART.findall(text)
    return named[-1].decode() if named else None


@dataclass
class Count:
    parts: int = 0
    bytes: int = 0
    late: int = 0
    missed: int = 0
    refused: int = 0
    breaks: int = 0


class Viewer:
    def __init__(self, url: str, class_id: int, cookie: str, count: Count) -> None:
        parsed = urlsplit(url)
        self._address = parsed.hostname or "", parsed.port or 80
        self._line = f"/live/{class_id}/playlists/source"
        self._folder = f"/live/{class_id}/hls/source/"
        self._head = f"Host: {parsed.netloc}\r\nCookie: tongke={cookie}\r\n"
        self._count = count

    async def watch(self, until: float) -> None:
        while time.monotonic() < until:
            try:
                await self._play(until)
            except (OSError, asyncio.IncompleteReadError):
                self._count.breaks += 1
                await asyncio.sleep(PAUSE_S)

    async def _play(self, until: float) -> None:
        told, telling = await asyncio.open_connection(*self._address)
        with closing(telling):
            await self._open_line(told, telling)
            given, asking = await asyncio.open_connection(*self._address)
            with closing(asking):
                began, before = None, None
                while time.monotonic() < until:
                    name = last_part(await self._playlist(told, telling))
                    if name is not None:
                        await self._part(given, asking, name)
                        now = time.monotonic()
                        self._count.late += began is not None and now - began > LATE_S
                        number = int(name.rpartition("-p")[2].partition("-")[0])
                        self._count.missed += number - before - 1 if before is not None else 0
                        began, before = now, number

    async def _open_line(self, told: asyncio.StreamReader, telling: asyncio.StreamWriter) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        telling.write(
            f"GET {self._line} HTTP/1.1\r\n{self._head}"
            "Connection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        head = await told.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.partition(b"\r\n")[0]:
            self._count.refused += 1
            raise ConnectionRefusedError

    async def _playlist(self, told: asyncio.StreamReader, telling: asyncio.StreamWriter) -> bytes:
        """The next one, on its line."""
        while True:
            kind, size = await told.readexactly(2)
            if size == LONGER:
                size = int.from_bytes(await told.readexactly(2))
            data = await told.readexactly(size)
            if kind == BINARY:
                return data
            if kind != PING:
                raise ConnectionResetError
            telling.write(bytes((PONG,)) + MASKED_NOTHING)

    async def _part(
        self, given: asyncio.StreamReader, asking: asyncio.StreamWriter, name: str
    ) -> None:
        asking.write(f"GET {self._folder}{name} HTTP/1.1\r\n{self._head}\r\n".encode())
        head = (await given.readuntil(b"\r\n\r\n")).lower()
        size = re.search(rb"content-length: (\d+)", head)
        body = await given.readexactly(int(size[1]) if size else 0)
        is_given = int(head[9:12]) == 200
        self._count.parts += is_given
        self._count.refused += not is_given
        self._count.bytes += len(body)


async def watch_all(url: str, class_id: int, cookies: Sequence[str], seconds: float) -> Count:
    """So many viewers as there are cookies."""
    count, until = Count(), time.monotonic() + seconds

    async def come(number: int, cookie: str) -> None:
        await asyncio.sleep(SPREAD_S * number / len(cookies))
        await Viewer(url, class_id, cookie, count).watch(until)

    await asyncio.gather(*(come(number, cookie) for number, cookie in enumerate(cookies)))
    return count


if __name__ == "__main__":
    url, class_id, cookies, seconds = sys.argv[1:]
    lines = Path(cookies).read_text().split()
    counted = uvloop.run(watch_all(url, int(class_id), lines, float(seconds)))
    print(json.dumps(vars(counted)))
