"""A lead classroom without a browser: a real picture and sound, as chunks of the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import ClientWebSocketResponse, WSMsgType

from tongke.demo_library.live_film import Film, encode
from tongke.live.wire import Chunk
from tongke.media.programs import Programs

RATE = 30
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-ac", "2")


@cache
def made(programs: Programs, size: str, seconds: int) -> Film:
    """The same film for every test of a run: to make one takes longer than most tests."""
    picture = ("-f", "lavfi", "-i", f"testsrc2=size={size}:rate={RATE}")
    with TemporaryDirectory(prefix="tk-film-") as folder:
        path = Path(folder) / "film.mp4"
        encode(programs.ffmpeg, (*picture, *SOUND), RATE, seconds, path)
        return Film.read(path, programs.ffprobe)


@dataclass
class Camera:
    """A film of some seconds, played once in the lesson's own time."""

    programs: Programs
    seconds: int = 12
    size: str = "320x180"

    @property
    def film(self) -> Film:
        return made(self.programs, self.size, self.seconds)

    def configuration(self, stream: int = 0) -> str:
        return self.film.configured(stream)

    @cached_property
    def chunks(self) -> list[Chunk]:
        """In the order of their times, from zero."""
        return [replace(chunk, number=n) for n, chunk in enumerate(self.film.chunks, 1)]

    def filmed(self, began_us: int, since_s: float = 0, until_s: float = 1e9) -> Iterator[Chunk]:
        """What was captured between two seconds of the film, which began then."""
        for chunk in self.chunks:
            if since_s * 1e6 <= chunk.at_us < until_s * 1e6:
                yield replace(chunk, at_us=began_us + chunk.at_us)


async def until_durable(socket: ClientWebSocketResponse, number: int) -> None:
    """Read until everything up to a number was acknowledged."""
    async for message in socket:
        assert message.type is WSMsgType.TEXT
        told = json.loads(message.data)
        if told.get("durable", 0) >= number:
            return
    raise AssertionError(f"closed with {socket.close_code} before {number} was durable")
