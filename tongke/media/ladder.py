"""The plan of a recording: which rungs, how large, how fast, at what bitrate. Pure.

- Rungs of 1080, 720, 480, 360 and 240 lines (of the shorter side, so that a phone held upright
  gets the same), never larger than the source.
- A source that every browser plays as it is (H.264, 8 bit 4:2:0, progressive, upright) is
  remuxed: it is the top rung, seconds after the upload. It is encoded again at its own size only
  when it is much fatter than that rung would be, or cannot be remuxed.
- The two large rungs take a quicker preset than the small ones: they cost most of the processor
  time, while thin lines need every bit to count (docs/decisions/ladder.md).
- Rates of 25 and 30 stay; 50 and 60 are halved: a lesson gains nothing from them, an old PC loses
  frames. A variable rate is made constant, so that segments of all rungs begin together.
- Segments of four seconds: one GOP each, the same in every rung.
"""

from __future__ import annotations

from dataclasses import dataclass

from tongke.media.probe import MOST_KEYFRAME_GAP_S, Audio, Probe, Video

SEGMENT_S = 4

# Lines -> most bits per second of the picture (capped CRF: slides take a fraction of it).
RUNGS: dict[int, int] = {
    1080: 3_000_000,
    720: 1_600_000,
    480: 800_000,
    360: 450_000,
    240: 220_000,
}
# Bits per second of the sound-only rung, which all rungs share.
SOUND_BIT_RATE = 64_000
# A source up to this much above its rung is kept as the top; encoding it again would cost more
# processor time than all the other rungs and save little.
KEEP_SOURCE_FACTOR = 2.0
# A rung with at least this part of the source's lines shows all that the source does.
NEAR = 0.8

CRF = 23
# Rungs of at least so many lines are encoded with the quicker preset.
QUICK_FROM_LINES = 720
QUICK_PRESET = "superfast"
PRESET = "veryfast"

# Containers whose packets say when they are shown. AVI does not: its H.264 cannot be remuxed.
REMUXABLE_DEMUXERS = frozenset({"mov", "matroska", "mpegts", "flv"})
REMUXABLE_PROFILES = frozenset({"Constrained Baseline", "Baseline", "Main", "High"})
REMUXABLE_PIXELS = frozenset({"yuv420p", "yuvj420p"})
# Rates that are kept as they are, with the fraction ffmpeg is given.
_KEPT_RATES = {
    23.976: "24000/1001",
    24.0: "24",
    25.0: "25",
    29.97: "30000/1001",
    30.0: "30",
}


@dataclass(frozen=True)
class Rung:
    """One picture of the ladder. `width` and `height` are even; `max_rate` in bit/s."""

    name: str
    lines: int
    width: int
    height: int
    max_rate: int

    @property
    def preset(self) -> str:
        """x264's preset."""
        return QUICK_PRESET if self.lines >= QUICK_FROM_LINES else PRESET


@dataclass(frozen=True)
class Ladder:
    """What is made of a recording. `rungs` from the largest down; the last one is made first.

    `rate` is the constant rate as ffmpeg takes it, `gop` the distance of keyframes in frames.
    """

    remux: bool
    rate: str
    gop: int
    rungs: tuple[Rung, ...]
    sound: bool

    @property
    def smallest(self) -> Rung | None:
        return self.rungs[-1] if self.rungs else None

    @property
    def rest(self) -> tuple[Rung, ...]:
        """The rungs that follow the smallest one."""
        return self.rungs[:-1]


def plan(probe: Probe, *, may_remux: bool = True) -> Ladder:
    """The ladder of a recording. Without `may_remux` its picture is not kept as it is."""
    video = probe.video
    if video is None:
        return Ladder(False, "25", 25 * SEGMENT_S, (), sound=True)
    remux = may_remux and remuxable(probe)
    rate, frames = _rate(video)
    return Ladder(
        remux=remux,
        rate=rate,
        gop=round(frames * SEGMENT_S),
        rungs=_rungs(video, probe.bit_rate, remux=remux),
        sound=probe.audio is not None,
    )


def remuxable(probe: Probe) -> bool:
    """Whether every browser plays the picture as it is."""
    video = probe.video
    return (
        video is not None
        and probe.demuxer in REMUXABLE_DEMUXERS
        and video.codec == "h264"
        and video.profile in REMUXABLE_PROFILES
        and video.pixel_format in REMUXABLE_PIXELS
        and not video.rotated
        and not video.interlaced
        and video.keyframe_gap_s <= MOST_KEYFRAME_GAP_S
    )


def copies_sound(audio: Audio) -> bool:
    """Whether the sound can be remuxed: AAC-LC of one or two channels."""
    return audio.codec == "aac" and audio.profile == "LC" and audio.channels <= 2


def _rungs(video: Video, bit_rate: int, *, remux: bool) -> tuple[Rung, ...]:
    wanted = _lines(video, remux=remux)
    kept = remux and bit_rate <= _max_rate(wanted[0]) * KEEP_SOURCE_FACTOR
    if kept and len(wanted) > 1 and wanted[0] >= min(video.width, video.height) * NEAR:
        wanted = wanted[1:]
    return tuple(_rung(video, rung) for rung in wanted)


def _lines(video: Video, *, remux: bool) -> list[int]:
    """The listed rungs that fit; the source's own size where none is near it."""
    lines = min(video.width, video.height)
    wanted = [rung for rung in RUNGS if rung <= lines]
    if not wanted:
        return [lines]
    far = wanted[0] < lines * NEAR and wanted[0] < max(RUNGS)
    return [lines, *wanted] if far and not remux else wanted


def _rung(video: Video, lines: int) -> Rung:
    """The size of a rung: its lines on the shorter side, the shape kept, both sides even."""
    scale = lines / min(video.width, video.height)
    return Rung(
        name=f"{lines}p",
        lines=lines,
        width=_even(video.width * scale, video.width),
        height=_even(video.height * scale, video.height),
        max_rate=_max_rate(lines),
    )


def _max_rate(lines: int) -> int:
    """The cap of the nearest listed rung at or above."""
    return RUNGS[min((rung for rung in RUNGS if rung >= lines), default=max(RUNGS))]


def _even(value: float, most: int) -> int:
    """The nearest even number that is not above `most`."""
    return max(2, min(round(value / 2), most // 2) * 2)


def _rate(video: Video) -> tuple[str, float]:
    """The constant rate as ffmpeg is given it, and as a number."""
    fps = video.fps / 2 if video.fps > 40 else video.fps
    for kept, fraction in _KEPT_RATES.items():
        if abs(fps - kept) < 0.02:
            return fraction, kept
    if fps < 20 and video.constant_rate:
        return f"{round(fps)}" if fps >= 1 else "1", max(1.0, float(round(fps)))
    return ("25", 25.0) if fps <= 26 else ("30", 30.0)
