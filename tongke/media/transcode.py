"""The work: a recording's renditions, each function one ffmpeg.

Every rendition is CMAF (fMP4) HLS in a folder of its own: `index.m3u8`, `init.mp4`, `00000.m4s`.
Pictures hold no sound and the sound is one rendition that all share, so a change of quality never
interrupts it, and it plays alone. No metadata of the source is handed on.

`-avoid_negative_ts disabled` keeps picture and sound in step: each is muxed by itself, and the
default would shift a picture with B-frames by two frames and leave the sound where it is.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from tongke.media import loudness, playlist, run
from tongke.media.ladder import CRF, PRESET, SEGMENT_S, SOUND_BIT_RATE, Ladder, Rung, copies_sound
from tongke.media.probe import Probe, opening
from tongke.media.programs import Programs
from tongke.media.run import OnProgress

SOURCE = "source"
SOUND = "sound"
SOURCE_SOUND = "source-sound"
PLAYLIST = "index.m3u8"
INIT = "init.mp4"

# The sound of a source that cannot be copied, until the normalised one is there.
FIRST_SOUND_BIT_RATE = 96_000

_CLEAN: dict[str, Any] = {"map_metadata": -1, "map_chapters": -1}


@dataclass(frozen=True)
class Made:
    """A rendition that was made, in the folder `name`. Rates in bit/s."""

    name: str
    kind: str  # "video" or "audio"
    codecs: str
    bandwidth: int
    average_bandwidth: int
    size_bytes: int
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None

    @property
    def playlist(self) -> str:
        return f"{self.name}/{PLAYLIST}"


async def remux(
    programs: Programs, path: Path, probe: Probe, out: Path, on_progress: OnProgress | None = None
) -> None:
    """The source as it is, as the renditions `source` and `source-sound`, without encoding.

    The playlists are EVENT lists while they grow: whoever watches the folder may publish each
    segment as it closes (`grown`).
    """
    arguments = ["-v", "error", *opening(probe.demuxer), "-i", str(path)]
    arguments += ["-map_metadata", "-1", "-map_chapters", "-1"]
    if probe.video is not None:
        arguments += ["-map", "0:v:0", "-c:v", "copy", "-tag:v", "avc1"]
        arguments += _hls_arguments(out / SOURCE)
    if probe.audio is not None:
        arguments += ["-map", "0:a:0", *_sound_arguments(probe)]
        arguments += _hls_arguments(out / SOURCE_SOUND)
    await run.ffmpeg(
        programs.ffmpeg, arguments, duration_s=probe.duration_s, on_progress=on_progress
    )


def _sound_arguments(probe: Probe) -> list[str]:
    assert probe.audio is not None
    if copies_sound(probe.audio):
        return ["-c:a", "copy"]
    return ["-c:a", "aac", "-b:a", str(FIRST_SOUND_BIT_RATE), "-ac", "2", "-ar", "48000"]


def _hls_arguments(folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    found: list[str] = ["-f", "hls"]
    for name, value in _hls_options(folder, "event").items():
        found += [f"-{name}", str(value)]
    return [*found, str(folder / PLAYLIST)]


async def encode_thin(
    programs: Programs,
    path: Path,
    probe: Probe,
    ladder: Ladder,
    out: Path,
    on_progress: OnProgress | None = None,
) -> None:
    """What thin lines play: the sound, normalised, and the smallest rung, in one ffmpeg."""
    gain = 0.0
    if ladder.sound:
        gain = await loudness.gain_db(programs, path, probe.demuxer)
    source = _input(path, probe)
    outputs = []
    if ladder.sound:
        outputs.append(_sound_output(source, gain, out / SOUND))
    if ladder.smallest is not None:
        picture = _picture(source, probe, ladder.rate)
        scaled = _scale(picture, ladder.smallest)
        outputs.append(_rung_output(scaled, ladder, ladder.smallest, out))
    await _encode(programs, outputs, probe, on_progress, nice=0)


async def encode_ladder(
    programs: Programs,
    path: Path,
    probe: Probe,
    ladder: Ladder,
    out: Path,
    on_progress: OnProgress | None = None,
) -> None:
    """The remaining rungs in one ffmpeg: one decode, each rung scaled from the one above."""
    picture = _picture(_input(path, probe), probe, ladder.rate)
    outputs = []
    for index, rung in enumerate(ladder.rest):
        picture = _scale(picture, rung)
        if index < len(ladder.rest) - 1:
            split = picture.filter_multi_output("split")
            picture, here = split[0], split[1]
        else:
            here = picture
        outputs.append(_rung_output(here, ladder, rung, out))
    await _encode(programs, outputs, probe, on_progress, nice=run.NICE_BACKGROUND)


async def _encode(
    programs: Programs,
    outputs: list[Any],
    probe: Probe,
    on_progress: OnProgress | None,
    *,
    nice: int,
) -> None:
    arguments = ffmpeg.merge_outputs(*outputs).get_args()
    await run.ffmpeg(
        programs.ffmpeg,
        ["-v", "error", *arguments],
        duration_s=probe.duration_s,
        on_progress=on_progress,
        nice=nice,
    )


def _input(path: Path, probe: Probe) -> Any:
    return ffmpeg.input(str(path), f=probe.demuxer, protocol_whitelist="file")


def _picture(source: Any, probe: Probe, rate: str) -> Any:
    """The source's picture at its constant rate, progressive."""
    assert probe.video is not None
    picture = source["v:0"]
    if probe.video.interlaced:
        picture = picture.filter("yadif")
    return picture.filter("fps", fps=rate)


def _scale(picture: Any, rung: Rung) -> Any:
    return picture.filter("scale", rung.width, rung.height, flags="bicubic").filter("setsar", 1)


def _rung_output(picture: Any, ladder: Ladder, rung: Rung, out: Path) -> Any:
    folder = out / rung.name
    folder.mkdir(parents=True, exist_ok=True)
    return ffmpeg.output(
        picture,
        str(folder / PLAYLIST),
        **_CLEAN,
        **{
            "c:v": "libx264",
            "preset": PRESET,
            "profile:v": "main",
            "pix_fmt": "yuv420p",
            "crf": CRF,
            "maxrate": rung.max_rate,
            "bufsize": rung.max_rate * 2,
            "g": ladder.gop,
            "keyint_min": ladder.gop,
            "sc_threshold": 0,
            "f": "hls",
        },
        **_hls_options(folder, "vod"),
    )


def _sound_output(source: Any, gain_db: float, folder: Path) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    sound = (
        source["a:0"]
        .filter("aresample", 48000, **{"async": 1})
        .filter("aformat", channel_layouts="stereo")
        .filter("volume", f"{gain_db}dB")
        .filter("alimiter", limit=loudness.limiter_level(), level="disabled")
    )
    return ffmpeg.output(
        sound,
        str(folder / PLAYLIST),
        **_CLEAN,
        **{"c:a": "aac", "b:a": SOUND_BIT_RATE, "f": "hls"},
        **_hls_options(folder, "vod"),
    )


def _hls_options(folder: Path, kind: str) -> dict[str, Any]:
    return {
        "hls_time": SEGMENT_S,
        "hls_playlist_type": kind,
        "hls_segment_type": "fmp4",
        "hls_fmp4_init_filename": INIT,
        "hls_segment_filename": str(folder / "%05d.m4s"),
        "avoid_negative_ts": "disabled",
    }


async def describe(folder: Path, *, width: int | None = None, height: int | None = None,
                   frame_rate: float | None = None) -> Made:  # fmt: skip
    """A finished rendition in a folder, described from its files."""
    return await asyncio.to_thread(_describe, folder, width, height, frame_rate)


def _describe(
    folder: Path, width: int | None, height: int | None, frame_rate: float | None
) -> Made:
    parts = [
        ((folder / name).stat().st_size, seconds)
        for name, seconds in playlist.segments((folder / PLAYLIST).read_text())
    ]
    peak, average = playlist.bandwidths(parts)
    init = (folder / INIT).read_bytes()
    return Made(
        name=folder.name,
        kind="video" if b"avcC" in init else "audio",
        codecs=codecs(init),
        bandwidth=peak,
        average_bandwidth=average,
        size_bytes=sum(size for size, _ in parts) + len(init),
        width=width,
        height=height,
        frame_rate=frame_rate,
    )


def codecs(init: bytes) -> str:
    """The codec string (RFC 6381) of an initialisation segment: from its avcC, or AAC-LC."""
    at = init.find(b"avcC")
    if at < 0:
        return "mp4a.40.2"
    return "avc1." + init[at + 5 : at + 8].hex()


async def join(programs: Programs, pictures: Path | None, sound: Path | None, out: Path) -> None:
    """One file to take along, of renditions that we made ourselves, without encoding."""
    arguments = ["-v", "error"]
    sources = [source for source in (pictures, sound) if source is not None]
    for source in sources:
        arguments += ["-f", "hls", "-protocol_whitelist", "file", "-allowed_extensions", "ALL"]
        arguments += ["-i", str(source / PLAYLIST)]
    for index in range(len(sources)):
        arguments += ["-map", str(index)]
    arguments += ["-c", "copy", "-map_metadata", "-1", "-movflags", "+faststart", str(out)]
    await run.ffmpeg(programs.ffmpeg, arguments)
