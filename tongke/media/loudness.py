"""Loudness: what to add to bring speech to -16 LUFS (EBU R128, BS.1770-4), and no more.

Measured over the whole recording first, as the two channels it will have, then applied as one
constant gain with a limiter for the peaks: quiet passages stay quiet, nothing pumps. Decoding the
sound twice costs seconds.
"""

from __future__ import annotations

import re
from pathlib import Path

from tongke.media import run
from tongke.media.probe import Probe, opening
from tongke.media.programs import Programs

TARGET_LUFS = -16.0
# What is quieter than this is a room with nobody speaking: making it loud only makes noise.
SILENT_LUFS = -55.0
MOST_GAIN_DB = 24.0
# True peak after gain; leaves AAC room for what it adds.
PEAK_DBTP = -1.5

MEASURED = "aformat=channel_layouts=stereo,ebur128=framelog=verbose"
_INTEGRATED = re.compile(r"I:\s+(-?[\d.]+|-inf|nan) LUFS")


async def gain_db(
    programs: Programs, path: Path, probe: Probe, on_progress: run.OnProgress | None = None
) -> float:
    """The gain, in dB, that brings a recording's sound to the target."""
    assert probe.audio is not None
    said = await run.ffmpeg(
        programs.ffmpeg,
        [
            "-v", "info", *opening(probe.demuxer), "-i", str(path),
            "-map", f"0:{probe.audio.index}", "-af", MEASURED,
            "-f", "null", "-",
        ],
        duration_s=probe.duration_s,
        on_progress=on_progress,
    )  # fmt: skip
    return gain_for(integrated(said))


def integrated(said: str) -> float:
    """The integrated loudness in ebur128's summary, in LUFS; -inf for silence."""
    found = _INTEGRATED.findall(said)
    return float(found[-1]) if found and found[-1] != "nan" else float("-inf")


def gain_for(loudness_lufs: float) -> float:
    """The gain for a measured loudness; 0 for silence."""
    if loudness_lufs < SILENT_LUFS:
        return 0.0
    return round(min(TARGET_LUFS - loudness_lufs, MOST_GAIN_DB), 2)


def limiter_level() -> float:
    """The limiter's ceiling as a factor, from dB."""
    return float(round(10 ** (PEAK_DBTP / 20), 4))
