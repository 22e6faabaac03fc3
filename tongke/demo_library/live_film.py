"""A film as the coded pieces that a lead classroom's browser sends, without end and on the clock.

`encode` makes the file, `Film` reads it. What a film shows depends on the time alone: begun again
after a break it goes on where it would have been, and whoever knows the film knows when a picture
was captured.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tongke.live.sound import PACKET_US
from tongke.live.wire import Chunk, ChunkTrack, Configuration, OpusSaid, PictureSaid

# As the service asks of browsers: a segment begins with a keyframe.
KEYFRAME_S = 2


def encode(
    ffmpeg: str | Path,
    source: Sequence[str | Path],
    rate: int,
    seconds: float,
    target: Path,
    pictures: Iterable[bytes] = (),
) -> None:
    """Write a film that `Film` can read, of H.264 and Opus.

    Args:
        source: Inputs and filters of ffmpeg: one picture, one sound.
        rate: Pictures a second.
        pictures: Raw pictures, where the source reads from its standard input.

    Raises:
        CalledProcessError: ffmpeg found something wrong.
    """
    command = [
        *(ffmpeg, "-v", "error", "-y", *source, "-t", f"{seconds:g}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", str(rate * KEYFRAME_S)),
        *("-pix_fmt", "yuv420p", "-threads", "1"),
        *("-c:a", "libopus", "-frame_duration", "20", "-ar", "48000", "-b:a", "48k"),
        *("-movflags", "+faststart", target),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoding:
        assert encoding.stdin is not None
        try:
            for picture in pictures:
                encoding.stdin.write(picture)
            encoding.stdin.close()
        except BrokenPipeError:
            pass  # it has said why
    if encoding.returncode:
        raise subprocess.CalledProcessError(encoding.returncode, command)


@dataclass(frozen=True)
class Film:
    """Its chunks have no numbers yet, and times from zero; `lasts_us` is its length."""

    configuration: Configuration
    chunks: tuple[Chunk, ...]
    lasts_us: int

    @classmethod
    def read(cls, path: Path, ffprobe: str | Path) -> Film:
        """Raises CalledProcessError."""
        told = _probe(path, ffprobe)
        data = path.read_bytes()
        streams = {stream["codec_type"]: stream for stream in told["streams"]}
        rows = {kind: [r for r in told["packets"] if r["codec_type"] == kind] for kind in streams}
        pictures = [_picture(row, data) for row in rows["video"]]
        # A microsecond too much in each round is half a minute since the clock began.
        lasts_us = round(pictures[-1].at_us * len(pictures) / (len(pictures) - 1))
        # One packet after the other, so that a film that begins again has no hole in its sound.
        sounds = [_sound(row, n * PACKET_US, data) for n, row in enumerate(rows["audio"])]
        chunks = [*pictures, *(chunk for chunk in sounds if chunk.at_us < lasts_us)]
        video, audio = streams["video"], streams["audio"]
        said = PictureSaid(width=video["width"], height=video["height"], description=_avcc(data))
        sound = OpusSaid(codec="opus", channels=audio["channels"])
        return cls(
            Configuration(stream=0, picture=said, sound=sound),
            tuple(sorted(chunks, key=lambda chunk: chunk.at_us)),
            lasts_us,
        )

    def configured(self, stream: int) -> str:
        """How the chunks of a stream are coded, as it is said on the wire."""
        return self.configuration.model_copy(update={"stream": stream}).model_dump_json()

    def since(self, at_us: int) -> Iterator[Chunk]:
        """What is captured from the first keyframe after a time on; without end.

        The film is shown over and over; it began with the lesson's clock, in 1970.
        """
        loop_us = at_us - at_us % self.lasts_us
        begun = False
        while True:
            for chunk in self.chunks:
                captured_us = loop_us + chunk.at_us
                begun = begun or (chunk.keyframe and captured_us >= at_us)
                if begun:
                    yield replace(chunk, at_us=captured_us)
            loop_us += self.lasts_us


def _probe(path: Path, ffprobe: str | Path) -> dict[str, Any]:
    asked = [ffprobe, "-v", "error", "-show_streams", "-show_packets", "-of", "json", path]
    told: dict[str, Any] = json.loads(subprocess.run(asked, check=True, capture_output=True).stdout)
    return told


def _picture(row: dict[str, str], data: bytes) -> Chunk:
    at_us = round(float(row["pts_time"]) * 1e6)
    return Chunk(ChunkTrack.PICTURE, 0, 0, at_us, 0, _body(row, data), "K" in row["flags"])


def _sound(row: dict[str, str], at_us: int, data: bytes) -> Chunk:
    return Chunk(ChunkTrack.SOUND, 0, 0, at_us, PACKET_US, _body(row, data))


def _body(row: dict[str, str], data: bytes) -> bytes:
    at = int(row["pos"])
    return data[at : at + int(row["size"])]


def _avcc(data: bytes) -> str:
    """The avcC box (ISO/IEC 14496-15), in base64; the index is at the front of the file."""
    at = data.index(b"avcC")
    size = int.from_bytes(data[at - 4 : at], "big")
    return base64.b64encode(data[at + 4 : at - 4 + size]).decode()
