"""What an appliance pushes is on the lesson's clock, without a hole and without a leap."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tongke.live.boxes import DamagedStream
from tongke.live.rtmp import flv
from tongke.live.rtmp.avc import size
from tongke.live.rtmp.dialogue import PICTURE, SOUND, Media
from tongke.live.rtmp.feed import Feed
from tongke.live.wire import Chunk, ChunkTrack, Configuration, decode

BEGAN = 1_790_000_000_000_000
# 1280 × 720, high profile, as x264 makes it.
AVCC = bytes.fromhex(
    "0164001fffe1001a6764001facd9405005bb011000000300100000030320f183196001000568ebecb22c"
)
AAC_44100 = bytes([0x12, 0x10])
KEYFRAME, OTHER = 0x17, 0x27


def set_up(feed: Feed, at_us: int = BEGAN, *, sound: bool = True) -> None:
    assert list(feed.take(Media(PICTURE, 0, bytes([KEYFRAME, 0, 0, 0, 0]) + AVCC), at_us)) == []
    if sound:
        assert list(feed.take(Media(SOUND, 0, b"\xaf\0" + AAC_44100), at_us)) == []


def shown(time_ms: int, kind: int = OTHER, later_ms: int = 0) -> Media:
    return Media(PICTURE, time_ms, bytes([kind, 1]) + later_ms.to_bytes(3, "big") + b"picture")


def heard(time_ms: int) -> Media:
    return Media(SOUND, time_ms, b"\xaf\1sound")


def started(*, sound: bool = True) -> Feed:
    feed = Feed()
    set_up(feed, sound=sound)
    feed.start(stream=4, number=100)
    return feed


def test_a_stream_says_what_it_has_and_begins_with_a_keyframe() -> None:
    feed = started()
    assert list(feed.take(shown(400), BEGAN)) == []
    said, first = feed.take(shown(440, KEYFRAME), BEGAN)
    assert isinstance(said, Configuration) and isinstance(first, Chunk)
    assert said.stream == 5
    assert said.video and (said.video.width, said.video.height) == (1280, 720)
    assert said.heard and (said.heard.rate, said.heard.channels) == (44_100, 2)
    assert (first.number, first.at_us, first.keyframe) == (101, BEGAN, True)
    (second,) = feed.take(shown(473), BEGAN + 50_000)
    assert isinstance(second, Chunk)
    assert (second.number, second.at_us, second.keyframe) == (102, BEGAN + 33_000, False)


def test_sound_in_whole_milliseconds_has_neither_holes_nor_overlaps() -> None:
    feed = started()
    list(feed.take(shown(0, KEYFRAME), BEGAN))
    chunks: list[Configuration | Chunk] = []
    for number in range(2000):
        chunks += feed.take(heard(int(number * 1024 / 44.1)), BEGAN)
    assert len(chunks) == 2000
    sounds = [each for each in chunks if isinstance(each, Chunk)]
    assert {each.track for each in sounds} == {ChunkTrack.SOUND}
    assert all(a.at_us + a.duration_us == b.at_us for a, b in pairwise(sounds))
    # And a hole that there is stays one.
    (later,) = feed.take(heard(60_000), BEGAN)
    assert isinstance(later, Chunk) and later.at_us == BEGAN + 60_000_000
    assert list(feed.take(heard(59_000), BEGAN)) == []


def test_a_picture_that_is_shown_later_than_its_turn_says_so() -> None:
    feed = started()
    list(feed.take(shown(0, KEYFRAME, 66), BEGAN))
    (picture,) = feed.take(shown(33, OTHER, 133), BEGAN)
    assert isinstance(picture, Chunk)
    assert decode(picture.encode()).offset_us == 133_000
    assert decode(picture.encode()) == picture


def test_without_sound_it_begins_after_a_while() -> None:
    feed = started(sound=False)
    assert list(feed.take(shown(0, KEYFRAME), BEGAN)) == []
    said, _ = feed.take(shown(2000, KEYFRAME), BEGAN + 2_000_000)
    assert isinstance(said, Configuration) and said.sound is None


@pytest.mark.parametrize("leap_ms", [3_600_000, -4000])
def test_a_clock_that_leaps_begins_a_new_stream_now(leap_ms: int) -> None:
    feed = started()
    list(feed.take(shown(5000, KEYFRAME), BEGAN))
    assert list(feed.take(shown(5000 + leap_ms), BEGAN + 40_000)) == []
    said, first = feed.take(shown(5040 + leap_ms, KEYFRAME), BEGAN + 80_000)
    assert isinstance(said, Configuration) and said.stream == 6
    assert isinstance(first, Chunk) and first.at_us == BEGAN + 80_000


def test_nothing_is_of_the_future() -> None:
    """An appliance that hands out what it kept runs ahead of its own first time."""
    feed = started()
    list(feed.take(shown(0, KEYFRAME), BEGAN))
    (near,) = feed.take(shown(400), BEGAN)
    assert isinstance(near, Chunk)
    assert list(feed.take(shown(800), BEGAN)) == []
    _, first = feed.take(shown(1200, KEYFRAME), BEGAN + 10_000)
    assert isinstance(first, Chunk) and first.at_us == BEGAN + 10_000


def test_what_came_until_it_was_known_for_which_lesson_is_in_it() -> None:
    """It may be the only keyframe: an appliance may be set to give none for a long time."""
    feed = Feed()
    set_up(feed)
    for number in range(10):
        came_us = BEGAN + number * 100_000
        assert list(feed.take(shown(number * 100, OTHER if number else KEYFRAME), came_us)) == []
        assert list(feed.take(heard(number * 100), came_us)) == []
    feed.start(stream=4, number=100)
    said, *chunks = feed.take(shown(1000), BEGAN + 1_000_000)
    assert isinstance(said, Configuration) and said.heard
    pictures = [each for each in chunks if isinstance(each, Chunk) and each.offset_us == 0]
    shown_us = [each.at_us for each in pictures if each.track is ChunkTrack.PICTURE]
    assert shown_us == [BEGAN + number * 100_000 for number in range(11)]
    assert sum(each.track is ChunkTrack.SOUND for each in pictures) > 0
    assert len(list(feed.take(shown(1100), BEGAN + 1_100_000))) == 1, "once"


def test_what_came_long_before_is_not() -> None:
    feed = Feed()
    set_up(feed)
    for second in range(20):
        kind = OTHER if second else KEYFRAME
        assert list(feed.take(shown(second * 1000, kind), BEGAN + second * 1_000_000)) == []
    feed.start(stream=4, number=100)
    assert list(feed.take(shown(20_000), BEGAN + 20_000_000)) == []


def test_what_came_before_the_class_is_let_go_but_for_how_it_is_coded() -> None:
    feed = Feed()
    set_up(feed)
    assert list(feed.take(shown(0, KEYFRAME), BEGAN)) == []
    feed.start(stream=-1, number=0)
    said, first = feed.take(shown(9000, KEYFRAME), BEGAN + 9_000_000)
    assert isinstance(said, Configuration) and said.stream == 0
    assert isinstance(first, Chunk) and first.number == 1
    feed.stop()
    assert list(feed.take(shown(9040), BEGAN)) == []


@pytest.mark.parametrize("data", [b"\x12\1\0\0\0abc", b"\x90hvc1abc"])
def test_other_pictures_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(flv.NotPlayable):
        flv.picture(data)


@pytest.mark.parametrize("data", [b"\x2f\1\0", b"\xaf\0\x2b\x11\x88\0"])
def test_other_sound_is_refused_in_words(data: bytes) -> None:
    """MP3, and HE-AAC."""
    with pytest.raises(flv.NotPlayable):
        flv.sound(data)


def test_a_cut_off_picture_has_no_size() -> None:
    for length in range(12, len(AVCC) - 16):
        with pytest.raises(DamagedStream):
            size(AVCC[:length])
