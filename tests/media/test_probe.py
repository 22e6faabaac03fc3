"""What recordings hold, and why some are refused: real files."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from tests.media.clips import Studio
from tongke.errors import Unpublishable
from tongke.media import probe as probing
from tongke.media.errors import (
    DamagedRecording,
    EmptyFile,
    EncryptedRecording,
    NotARecording,
    TooLarge,
    TooLong,
    TruncatedRecording,
    UnknownCodec,
)
from tongke.media.ladder import plan, remuxable
from tongke.media.probe import probe
from tongke.media.programs import Programs

pytestmark = pytest.mark.media


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("empty.mp4", EmptyFile),
        ("cut.mp4", TruncatedRecording),
        ("damaged.mkv", DamagedRecording),
        ("encrypted.mp4", EncryptedRecording),
        ("unknown.mp4", UnknownCodec),
    ],
)
async def test_what_cannot_be_published_is_refused_with_its_reason(
    programs: Programs, studio: Studio, name: str, error: type[Unpublishable]
) -> None:
    with pytest.raises(error) as refused:
        await probe(programs, studio.clip(name))
    assert refused.value.message.zh
    assert refused.value.remedy.zh


async def test_a_text_is_no_recording(programs: Programs, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("第一条　为规范学生考勤，制定本办法。")
    with pytest.raises(NotARecording):
        await probe(programs, path)


async def test_a_container_without_picture_and_sound_is_no_recording(
    programs: Programs, studio: Studio, tmp_path: Path
) -> None:
    words = tmp_path / "a.srt"
    words.write_text("1\n00:00:00,000 --> 00:00:02,000\n同课\n")
    studio.make("-i", words, "-c:s", "mov_text", tmp_path / "words.mp4")
    with pytest.raises(NotARecording):
        await probe(programs, tmp_path / "words.mp4")


async def test_too_long_and_too_large_say_the_figures(
    programs: Programs, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "MOST_HOURS", 0.001)
    with pytest.raises(TooLong) as long:
        await probe(programs, studio.clip("lesson.mp4"))
    assert "0.001" in long.value.message.zh
    monkeypatch.undo()
    monkeypatch.setattr(probing, "MOST_PIXELS", 640 * 360 - 1)
    with pytest.raises(TooLarge) as large:
        await probe(programs, studio.clip("lesson.mp4"))
    assert "640×360" in large.value.message.zh


@pytest.mark.parametrize(
    "name", ["lesson.mp4", "lesson.mkv", "lesson.ts", "lesson.flv", "telling.mov", "fast.mp4",
             "wide.mp4", "surround.mp4", "late.mp4"],
)  # fmt: skip
async def test_what_browsers_play_is_kept_as_it_is(
    programs: Programs, studio: Studio, name: str
) -> None:
    found = await probe(programs, studio.clip(name))
    assert remuxable(found)
    assert found.video is not None
    assert (found.video.width, found.video.height) == (640, 360)
    assert found.duration_s == pytest.approx(9, abs=0.1)


@pytest.mark.parametrize(
    "name", ["hevc.mp4", "rotated.mp4", "interlaced.mp4", "sparse.mp4", "browser.webm", "old.mpg",
             "lesson.wmv", "lesson.avi"],
)  # fmt: skip
async def test_what_they_do_not_play_is_encoded(
    programs: Programs, studio: Studio, name: str
) -> None:
    assert not remuxable(await probe(programs, studio.clip(name)))


async def test_a_phone_held_upright_is_measured_as_it_is_shown(
    programs: Programs, studio: Studio
) -> None:
    video = (await probe(programs, studio.clip("rotated.mp4"))).video
    assert video is not None
    assert video.rotated
    assert (video.width, video.height) == (360, 640)


async def test_a_variable_rate_is_seen_and_made_constant(
    programs: Programs, studio: Studio
) -> None:
    found = await probe(programs, studio.clip("variable.mp4"))
    assert found.video is not None
    assert not found.video.constant_rate
    assert plan(found).rate == "25"


async def test_a_browser_recording_without_a_length_is_read_through(
    programs: Programs, studio: Studio
) -> None:
    found = await probe(programs, studio.clip("browser.webm"))
    assert found.duration_s == pytest.approx(9, abs=0.1)
    assert found.bit_rate > 0


async def test_what_has_to_be_read_to_its_end_says_how_far_it_is(
    studio: Studio, programs: Programs
) -> None:
    said: list[float] = []
    await probe(programs, studio.clip("browser.webm"), said.append)
    assert said == sorted(said)
    assert 0 < said[0] < 0.5 < said[-1] < 1


@pytest.mark.parametrize(
    ("bound", "name"), [("MOST_PACKETS", "browser.webm"), ("MOST_WATCHED", "hd.mp4")]
)
async def test_a_recording_of_too_many_packets_is_not_read_to_its_end(
    programs: Programs,
    studio: Studio,
    monkeypatch: pytest.MonkeyPatch,
    bound: str,
    name: str,
) -> None:
    assert (await probe(programs, studio.clip(name))).video is not None
    monkeypatch.setattr(probing, bound, 20)
    with pytest.raises(DamagedRecording):
        await probe(programs, studio.clip(name))
    assert [one.name() for one in psutil.Process().children() if "ffprobe" in one.name()] == []


@pytest.mark.parametrize(
    "name", ["sound.mp3", "sound.m4a", "sound.wav", "sound.flac", "sound.aac", "sound.ogg",
             "cover.mp3"],
)  # fmt: skip
async def test_sound_alone_has_no_picture_even_with_a_cover(
    programs: Programs, studio: Studio, name: str
) -> None:
    found = await probe(programs, studio.clip(name))
    assert found.video is None
    assert found.audio is not None
    # ADTS holds no length: ffmpeg works one out from the first packets.
    assert found.duration_s == pytest.approx(9, rel=0.2)
