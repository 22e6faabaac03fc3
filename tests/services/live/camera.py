"""A lead classroom without a browser: a real picture and sound, as chunks of the wire."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from aiohttp import ClientWebSocketResponse, WSMsgType

from tongke.live.wire import Chunk, ChunkTrack
from tongke.media.programs import Programs

WIDTH, HEIGHT, RATE = 320, 180, 30
KEY_EVERY_S = 2


@dataclass
class Camera:
    """A film of some seconds, played once in the lesson's own time."""

    programs: Programs
    folder: Path
    seconds: int = 12

    @cached_property
    def film(self) -> Path:
        path = self.folder / "film.mp4"
        subprocess.run(
            [self.programs.ffmpeg, "-v", "error",
             "-f", "lavfi", "-i", f"testsrc2=size={WIDTH}x{HEIGHT}:rate={RATE}",
             "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", str(self.seconds),
             "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", str(RATE * KEY_EVERY_S),
             "-pix_fmt", "yuv420p", "-c:a", "libopus", "-frame_duration", "20", "-ac", "2", path],
            check=True,
        )  # fmt: skip
        return path

    def configuration(self, stream: int = 0) -> str:
        data = self.film.read_bytes()
        at = data.index(b"avcC")
        size = int.from_bytes(data[at - 4 : at], "big")
        avcc = base64.b64encode(data[at + 4 : at - 4 + size]).decode()
        picture = {"width": WIDTH, "height": HEIGHT, "description": avcc}
        sound = {"codec": "opus", "channels": 2}
        return json.dumps({"stream": stream, "picture": picture, "sound": sound})

    @cached_property
    def chunks(self) -> list[Chunk]:
        """In the order of their times, from zero."""
        told = subprocess.run(
            [self.programs.ffprobe, "-v", "error", "-show_packets", "-of", "json", self.film],
            check=True, capture_output=True,
        )  # fmt: skip
        data, found = self.film.read_bytes(), []
        for row in json.loads(told.stdout)["packets"]:
            at, size = int(row["pos"]), int(row["size"])
            is_picture = row["codec_type"] == "video"
            track = ChunkTrack.PICTURE if is_picture else ChunkTrack.SOUND
            time_us = max(0, round(float(row["pts_time"]) * 1e6))
            lasts_us = 0 if is_picture else 20_000
            body = data[at : at + size]
            found.append(Chunk(track, 0, 1, time_us, lasts_us, body, "K" in row["flags"]))
        found.sort(key=lambda chunk: chunk.at_us)
        return [replace(chunk, number=number) for number, chunk in enumerate(found, 1)]

    def filmed(self, began_us: int, since_s: float = 0, until_s: float = 1e9) -> Iterator[Chunk]:
        """What was captured between two seconds of the film, which began then."""
        for chunk in self.chunks:
            if since_s * 1e6 <= chunk.at_us < until_s * 1e6:
                yield replace(chunk, at_us=began_us + chunk.at_us)


async def play(socket: ClientWebSocketResponse, chunks: Iterator[Chunk], began_us: int) -> None:
    """Send each when it was captured."""
    for chunk in chunks:
        await asyncio.sleep(
            max(0.0, (chunk.at_us - began_us) / 1e6 - (time.time() - began_us / 1e6))
        )
        await socket.send_bytes(chunk.encode())


async def until_durable(socket: ClientWebSocketResponse, number: int) -> None:
    """Read until everything up to a number was acknowledged."""
    async for message in socket:
        assert message.type is WSMsgType.TEXT
        told = json.loads(message.data)
        if told.get("durable", 0) >= number:
            return
    raise AssertionError(f"closed with {socket.close_code} before {number} was durable")
