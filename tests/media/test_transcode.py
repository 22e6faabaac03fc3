"""Renditions of real files: aligned, in step, upright, and silent about who made them."""

from __future__ import annotations

import json
import subprocess
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.media.clips import FLASH_EVERY_S, SECONDS, SECRETS, Studio
from tongke.media.ladder import SEGMENT_S, Ladder, plan
from tongke.media.playlist import segments
from tongke.media.probe import Probe, probe
from tongke.media.programs import Programs
from tongke.media.remux import join, remux
from tongke.media.rendition import INIT, PLAYLIST, SOUND, SOURCE, SOURCE_SOUND, describe
from tongke.media.thumbnails import poster, storyboard
from tongke.media.transcode import encode_ladder, encode_thin

pytestmark = pytest.mark.media

# A frame at 25 a second, and a packet of AAC: what containers round to.
IN_STEP_S = 0.065


@dataclass
class Bench:
    """One clip, all that is made of it, and the programs that look at it."""

    programs: Programs
    clip: Path
    out: Path
    found: Probe
    ladder: Ladder

    async def remux(self) -> None:
        await remux(self.programs, self.clip, self.found, self.out)

    async def thin(self) -> None:
        await encode_thin(self.programs, self.clip, self.found, self.ladder, self.out)

    async def rest(self) -> None:
        await encode_ladder(self.programs, self.clip, self.found, self.ladder, self.out)

    def ask(self, *arguments: str | Path) -> Any:
        command = [self.programs.ffprobe, "-v", "error", *arguments, "-of", "json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    def first_time(self, rendition: str) -> float:
        """When the first packet of a rendition is shown or heard."""
        said = self.ask(*hls(self.out / rendition), "-show_entries", "packet=pts_time")
        return min(float(packet["pts_time"]) for packet in said["packets"])

    def size_of(self, rendition: str) -> tuple[int, int]:
        entries = "stream=width,height,sample_aspect_ratio"
        stream = self.ask(*hls(self.out / rendition), "-show_entries", entries)["streams"][0]
        assert stream.get("sample_aspect_ratio", "1:1") == "1:1"
        return stream["width"], stream["height"]


def hls(folder: Path) -> list[str]:
    return ["-f", "hls", "-allowed_extensions", "ALL", "-i", str(folder / PLAYLIST)]


async def bench(programs: Programs, clip: Path, out: Path, *, may_remux: bool = False) -> Bench:
    found = await probe(programs, clip)
    return Bench(programs, clip, out, found, plan(found, may_remux=may_remux))


def lengths(folder: Path) -> list[float]:
    return [seconds for _, seconds in segments((folder / PLAYLIST).read_text())]


@pytest.mark.parametrize("name", ["hd.mp4", "variable.mp4"])
async def test_segments_of_all_rungs_begin_together(
    programs: Programs, studio: Studio, out: Path, name: str
) -> None:
    made = await bench(programs, studio.clip(name), out)
    await made.thin()
    await made.rest()
    boundaries = [lengths(out / rung.name) for rung in made.ladder.rungs]
    assert len(boundaries) == len(made.ladder.rungs) > 1
    assert all(found == pytest.approx(boundaries[0]) for found in boundaries)
    assert boundaries[0][:-1] == pytest.approx([SEGMENT_S] * (len(boundaries[0]) - 1))
    assert sum(boundaries[0]) == pytest.approx(SECONDS, abs=0.1)
    for rung in made.ladder.rungs:
        assert made.size_of(rung.name) == (rung.width, rung.height)
        for name, _ in segments((out / rung.name / PLAYLIST).read_text()):
            assert first_is_key(made, out / rung.name, name)


def first_is_key(made: Bench, folder: Path, segment: str) -> bool:
    """Whether a player can begin with this segment."""
    whole = folder / "one.mp4"
    whole.write_bytes((folder / INIT).read_bytes() + (folder / segment).read_bytes())
    said = made.ask("-show_entries", "packet=flags", "-read_intervals", "%+#1", whole)
    whole.unlink()
    return bool(said["packets"][0]["flags"].startswith("K"))


@pytest.mark.parametrize(
    "name", ["rotated.mp4", "hevc.mp4", "interlaced.mp4", "wide.mp4", "old.mpg", "lesson.avi",
             "lesson.wmv", "browser.webm", "fast.mp4", "tiny.mp4", "short.mp4"],
)  # fmt: skip
async def test_whatever_comes_in_becomes_h264_with_square_pixels(
    programs: Programs, studio: Studio, out: Path, name: str
) -> None:
    made = await bench(programs, studio.clip(name), out)
    await made.thin()
    smallest = made.ladder.smallest
    assert smallest is not None
    assert made.size_of(smallest.name) == (smallest.width, smallest.height)
    described = await describe(out / smallest.name)
    assert described.codecs.startswith("avc1.4d")
    assert described.duration_s == pytest.approx(made.found.duration_s, abs=0.3)
    assert (await describe(out / SOUND)).codecs == "mp4a.40.2"


@pytest.mark.parametrize(
    "name", ["lesson.mp4", "lesson.mkv", "lesson.ts", "lesson.flv", "telling.mov", "surround.mp4"]
)
async def test_a_source_is_remuxed_as_it_is(
    programs: Programs, studio: Studio, out: Path, name: str
) -> None:
    made = await bench(programs, studio.clip(name), out, may_remux=True)
    await made.remux()
    picture, sound = await describe(out / SOURCE), await describe(out / SOURCE_SOUND)
    assert picture.kind == "video"
    assert sound.kind == "audio"
    assert picture.duration_s == pytest.approx(SECONDS, abs=0.1)
    assert 0 < picture.average_bandwidth <= picture.bandwidth
    text = (out / SOURCE / PLAYLIST).read_text()
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in text
    assert text.rstrip().endswith("#EXT-X-ENDLIST")


@pytest.mark.parametrize("name", ["lesson.mp4", "lesson.ts", "late.mp4", "lesson.mkv"])
async def test_picture_and_sound_stay_in_step(
    programs: Programs, studio: Studio, out: Path, name: str
) -> None:
    made = await bench(programs, studio.clip(name), out)
    await made.remux()
    await made.thin()
    smallest = made.ladder.smallest
    assert smallest is not None
    for picture, sound in ((SOURCE, SOURCE_SOUND), (smallest.name, SOUND)):
        flashes, beeps = flashes_of(made, picture), beeps_of(made, sound)
        assert len(flashes) >= 4
        assert apart(flashes, beeps) < IN_STEP_S
    await join(programs, out / smallest.name, out / SOUND, out / "taken.mp4")
    taken = made.ask("-show_entries", "stream=codec_type,start_time", out / "taken.mp4")
    starts = {stream["codec_type"]: float(stream["start_time"]) for stream in taken["streams"]}
    wanted = made.first_time(SOUND) - made.first_time(smallest.name)
    assert starts["audio"] - starts["video"] == pytest.approx(wanted, abs=IN_STEP_S)


def apart(flashes: list[float], beeps: list[float]) -> float:
    """How far the beeps are from the nearest flash, at worst."""
    return max(min(abs(beep - flash) for flash in flashes) for beep in beeps)


def flashes_of(made: Bench, rendition: str) -> list[float]:
    """When the picture turns white."""
    command = [made.programs.ffmpeg, "-v", "error", *hls(made.out / rendition)]
    command += ["-vf", "scale=2:2,format=gray", "-fps_mode", "passthrough", "-f", "rawvideo", "-"]
    frames = subprocess.run(command, check=True, capture_output=True).stdout[::4]
    return rises([value > 40 for value in frames], 25, made.first_time(rendition))


def beeps_of(made: Bench, rendition: str) -> list[float]:
    """When the sound sets in, in steps of a thousandth of a second."""
    command = [made.programs.ffmpeg, "-v", "error", *hls(made.out / rendition)]
    command += ["-ac", "1", "-ar", "8000", "-f", "s16le", "-"]
    samples = array("h", subprocess.run(command, check=True, capture_output=True).stdout)
    loud = [max(map(abs, samples[at : at + 8])) > 800 for at in range(0, len(samples), 8)]
    return rises(loud, 1000, max(made.first_time(rendition), 0.0))


def rises(on: list[bool], per_s: int, start_s: float) -> list[float]:
    """When a signal sets in that was off before, for as long as a flash at most."""
    quiet = per_s * FLASH_EVERY_S // 4
    return [
        start_s + at / per_s
        for at in range(quiet, len(on))
        if on[at] and not any(on[at - quiet : at])
    ]


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_nothing_that_is_handed_out_says_who_where_and_with_what(
    programs: Programs, studio: Studio, out: Path
) -> None:
    clip = studio.clip("telling.mov")
    assert all(secret in clip.read_bytes() for secret in SECRETS), "the clip tells"
    made = await bench(programs, clip, out)
    await made.remux()
    await made.thin()
    await made.rest()
    await poster(programs, clip, made.found, out)
    await storyboard(programs, clip, made.found, out)
    await join(programs, out / made.ladder.rest[0].name, out / SOUND, out / "lesson.mp4")
    await join(programs, None, out / SOUND, out / "sound.m4a")
    files = files_in(out)
    assert len(files) > 20
    for path in files:
        told = [secret for secret in SECRETS if secret in path.read_bytes()]
        assert not told, path.name
    for name in ("lesson.mp4", "sound.m4a"):
        said = made.ask("-show_format", "-show_chapters", out / name)
        assert not said["chapters"]
        assert set(said["format"]["tags"]) <= {
            "major_brand", "minor_version", "compatible_brands", "encoder",
        }  # fmt: skip


async def test_a_file_that_holds_less_than_it_says_is_described_as_it_is(
    programs: Programs, studio: Studio, out: Path
) -> None:
    made = await bench(programs, studio.clip("half.mp4"), out, may_remux=True)
    await made.remux()
    assert made.found.duration_s == pytest.approx(SECONDS, abs=0.1)
    assert 1 < (await describe(out / SOURCE)).duration_s < SECONDS - 1


async def test_progress_reaches_the_end(programs: Programs, studio: Studio, out: Path) -> None:
    made = await bench(programs, studio.clip("lesson.mp4"), out)
    seen: list[float] = []
    await encode_thin(programs, made.clip, made.found, made.ladder, out, seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1, abs=0.05)
