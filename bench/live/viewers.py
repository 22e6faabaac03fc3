"""Viewers without a screen: many players that ask an origin as hls.js does at low latency.

Each has a line of its own and a session of its own. For every part it asks for the playlist that
has it (held by the origin until then, as a difference), then for the part. Run as a process of its
own: `python -m bench.live.viewers URL CLASS COOKIES SECONDS`, where COOKIES is a file with one a
line; it prints how many parts were played, and how many came too late to be played in time.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

FIRST, LAST_PART = re.compile(rb"#EXT-X-MEDIA-SEQUENCE:(\d+)"), re.compile(rb'URI="([^"]+)"')
SKIPPED = re.compile(rb"SKIPPED-SEGMENTS=(\d+)")
# Between asking for one part and having it: hls.js begins this far behind the end, more or less.
LATE_S = 1.0
PAUSE_S = 0.3
# They do not all come at once.
SPREAD_S = 10.0


@dataclass(frozen=True)
class Place:
    """The end of a playlist: its last part, and which would be the next."""

    part: str
    sequence: int
    next_part: int


@lru_cache(maxsize=64)
def place(body: bytes, packed: bool) -> Place | None:
    """What a player reads in a playlist. Remembered, since all viewers are given the same one."""
    text = gzip.decompress(body) if packed else body
    head, _, rest = text.rpartition(b"#EXTINF")
    first = FIRST.search(text)
    tail = rest if head else text
    parts = [line for line in tail.split(b"\n") if line.startswith(b"#EXT-X-PART:")]
    named = LAST_PART.findall(b"\n".join(x for x in text.split(b"\n") if x[:12] == b"#EXT-X-PART:"))
    if first is None or not named:
        return None
    skipped = SKIPPED.search(text)
    whole = text.count(b"#EXTINF") + (int(skipped[1]) if skipped else 0)
    return Place(named[-1].decode(), int(first[1]) + whole, len(parts))


@dataclass
class Count:
    parts: int = 0
    bytes: int = 0
    late: int = 0
    refused: int = 0


class Viewer:
    """One player on one kept connection."""

    def __init__(self, url: str, class_id: int, cookie: str, count: Count) -> None:
        parsed = urlsplit(url)
        self._host, self._port = parsed.hostname or "", parsed.port or 80
        self._folder = f"/live/{class_id}/hls/source/"
        self._head = (
            f"Host: {parsed.netloc}\r\nCookie: tongke={cookie}\r\nAccept-Encoding: gzip\r\n\r\n"
        )
        self._count = count

    async def watch(self, until: float) -> None:
        while time.monotonic() < until:
            try:
                await self._play(until)
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(PAUSE_S)

    async def _play(self, until: float) -> None:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            query = ""
            while time.monotonic() < until:
                began = time.monotonic()
                found = await self._playlist(reader, writer, query)
                if found is None:
                    await asyncio.sleep(PAUSE_S)
                    continue
                body, status, _ = await self._get(reader, writer, found.part)
                self._count.parts += status == 200
                self._count.bytes += len(body)
                self._count.refused += status != 200
                self._count.late += bool(query) and time.monotonic() - began > LATE_S
                query = f"?_HLS_msn={found.sequence}&_HLS_part={found.next_part}&_HLS_skip=YES"
        finally:
            writer.close()

    async def _playlist(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, query: str
    ) -> Place | None:
        body, status, packed = await self._get(reader, writer, "live.m3u8" + query)
        if status != 200:
            self._count.refused += 1
            return None
        return place(body, packed)

    async def _get(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str
    ) -> tuple[bytes, int, bool]:
        """The body, the status, and whether the body is packed."""
        writer.write(f"GET {self._folder}{name} HTTP/1.1\r\n{self._head}".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        size = re.search(rb"content-length: (\d+)", head)
        body = await reader.readexactly(int(size[1]) if size else 0)
        return body, int(head[9:12]), b"content-encoding: gzip" in head


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
