"""Encoding: the sound and the smallest rung, and the rest of the ladder, each in one ffmpeg.

Within one ffmpeg the source is decoded once and each rung is scaled from the one above it. What
this saves against one ffmpeg a rung is measured in docs/decisions/ladder.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from tongke.media import loudness, run
from tongke.media.ladder import CRF, SOUND_BIT_RATE, Ladder, Rung
from tongke.media.probe import Probe
from tongke.media.programs import Programs
from tongke.media.rendition import CLEAN, PLAYLIST, SOUND, hls_options
from tongke.media.run import OnProgress

# Averages the pixels that a smaller one stands for: for shrinking the cheapest that leaves the
# strokes of small writing whole.
SCALER = "area"
# Encoders beside each other keep the cores busy by themselves; threads within each would only
# wait for one another. An encoder alone needs them.
ONE_EACH = 1
AS_MANY_AS_CORES = 0


async def encode_thin(
    programs: Programs,
    path: Path,
    probe: Probe,
    ladder: Ladder,
    out: Path,
    on_progress: OnProgress | None = None,
) -> None:
    """What thin lines play: the sound, normalised, and the smallest rung, in one ffmpeg."""
    source = _input(path, probe)
    outputs = []
    if probe.audio is not None:
        gain = await loudness.gain_db(programs, path, probe)
        outputs.append(_sound_output(source[str(probe.audio.index)], gain, out / SOUND))
    if ladder.smallest is not None:
        picture = _picture(source, probe, ladder)
        outputs += _rung_outputs(picture, ladder, [ladder.smallest], out, AS_MANY_AS_CORES)
    await _encode(programs, outputs, probe, on_progress, nice=0)


async def encode_ladder(
    programs: Programs,
    path: Path,
    probe: Probe,
    ladder: Ladder,
    out: Path,
    on_progress: OnProgress | None = None,
) -> None:
    """The remaining rungs, in one ffmpeg."""
    picture = _picture(_input(path, probe), probe, ladder)
    threads = ONE_EACH if len(ladder.rest) > 1 else AS_MANY_AS_CORES
    outputs = _rung_outputs(picture, ladder, ladder.rest, out, threads)
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


def _picture(source: Any, probe: Probe, ladder: Ladder) -> Any:
    """The source's picture at its constant rate, progressive."""
    assert probe.video is not None
    picture = source[str(probe.video.index)]
    if probe.video.interlaced:
        picture = picture.filter("yadif")
    return picture.filter("fps", fps=ladder.rate)


def _rung_outputs(
    picture: Any, ladder: Ladder, rungs: Sequence[Rung], out: Path, threads: int
) -> list[Any]:
    """An output for each rung, from the largest down, each scaled from the one before."""
    outputs = []
    for left, rung in zip(range(len(rungs) - 1, -1, -1), rungs, strict=True):
        scaled = _scale(picture, rung)
        if left:
            split = scaled.filter_multi_output("split")
            picture, scaled = split[0], split[1]
        outputs.append(_rung_output(scaled, ladder, rung, out / rung.name, threads))
    return outputs


def _scale(picture: Any, rung: Rung) -> Any:
    scaled = picture.filter("scale", rung.width, rung.height, flags=SCALER)
    return scaled.filter("format", "yuv420p").filter("setsar", 1)


def _rung_output(picture: Any, ladder: Ladder, rung: Rung, folder: Path, threads: int) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    return ffmpeg.output(
        picture,
        str(folder / PLAYLIST),
        **CLEAN,
        **{
            "c:v": "libx264",
            "preset": rung.preset,
            "profile:v": "main",
            "crf": CRF,
            "maxrate": rung.max_rate,
            "bufsize": rung.max_rate * 2,
            "g": ladder.gop,
            "keyint_min": ladder.gop,
            "sc_threshold": 0,
            # Made for fades: nothing in a lesson, and looking for them costs time in every frame.
            "weightp": 0,
            "threads": threads,
        },
        **hls_options(folder, "vod"),
    )


def _sound_output(sound: Any, gain_db: float, folder: Path) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    levelled = (
        sound.filter("aresample", 48000, **{"async": 1})
        .filter("aformat", channel_layouts="stereo")
        .filter("volume", f"{gain_db}dB")
        .filter("alimiter", limit=loudness.limiter_level(), level="disabled")
    )
    return ffmpeg.output(
        levelled,
        str(folder / PLAYLIST),
        **CLEAN,
        **{"c:a": "aac", "b:a": SOUND_BIT_RATE},
        **hls_options(folder, "vod"),
    )
