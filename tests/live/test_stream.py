"""A rendition: what of it is kept, and how another process goes on from what is whole."""

from __future__ import annotations

import re
from itertools import groupby

import pytest

from tests.live.suffixes import counted, without
from tests.live.test_packager import PICTURE_US, VIDEO, fed, packager
from tongke.live.frames import Frame
from tongke.live.packager import Packager
from tongke.live.playlist import LivePlaylist
from tongke.live.stream import Earlier, Stream, Whole


def new(epoch: int) -> Stream:
    return Stream(epoch, LivePlaylist(segment_s=2, part_s=0.25, window_s=None), counted())


def text(stream: Stream) -> str:
    return stream.playlist.render(next_part_name=stream.next_part)


def lesson() -> tuple[Stream, list[Whole]]:
    stream = new(1)
    return stream, list(stream.take(fed(packager(), 20)))


def names(stream: Stream) -> list[str]:
    return re.findall(r'#EXT-X-PART:.*URI="([^"]+)"', text(stream))


def test_the_newest_is_listed_and_given_in_the_same_parts() -> None:
    before, wholes = lesson()
    after = new(2)
    segments = [whole.segment for whole in wholes]
    newest = {whole.segment.name: whole.data for whole in wholes[-4:]}
    after.resume(Earlier(segments, newest, wholes[-1].codecs))
    assert after.codecs == before.codecs != ""
    assert 8 * 3 <= len(names(after)) == len(names(before)), "of six seconds at least"
    assert [after.get(name) for name in names(after)] == [
        before.get(each) for each in names(before)
    ]
    # Whole ticks of a track make whole microseconds seldom.
    listed = [
        re.sub(r"(?<=\d\.\d{3})\d+|\d-p\d+", "", without(text(stream)))
        for stream in (before, after)
    ]
    assert listed[0] == listed[1]
    assert len(set(names(after))) == len(names(after))
    assert after.next_part not in names(after)


def test_what_is_damaged_and_all_before_it_is_listed_whole() -> None:
    before, wholes = lesson()
    segments = [whole.segment for whole in wholes]
    newest = {whole.segment.name: whole.data for whole in wholes[-3:]}
    newest[segments[-2].name] = b"not a box at all"
    after = new(2)
    after.resume(Earlier(segments, newest))
    assert len(names(after)) == len(segments[-1].parts)
    assert text(after).count("#EXTINF") == text(before).count("#EXTINF")
    bare = new(2)
    bare.resume(Earlier(segments))
    assert names(bare) == []


def shown(made: Packager, stream: Stream, since_us: int, number: int, size: int = 10) -> None:
    """Publish so many pictures, a keyframe every two seconds."""
    for turn in range(number):
        at = since_us + turn * PICTURE_US
        list(stream.take(made.picture(Frame(at, bytes(size), turn % 60 == 0), at)))


def lacking(stream: Stream) -> list[str]:
    """What is listed and not there."""
    return [name for name in names(stream) if stream.get(name) is None]


def test_after_a_break_every_listed_part_is_there() -> None:
    """Players list parts by how long they are, and in a break the lesson's clock goes on."""
    stream = new(1)
    before = packager(tracks=[VIDEO])
    shown(before, stream, 0, 300)
    list(stream.take(before.finish()))
    after = packager(tracks=[VIDEO], discontinuity=True)
    shown(after, stream, 70_000_000, 60)
    assert "#EXT-X-DISCONTINUITY\n" in text(stream)
    assert len(names(stream)) > 2 * 8, "some of them are of before"
    assert lacking(stream) == []


def test_a_part_that_is_listed_no_more_is_there_for_half_a_minute() -> None:
    stream = new(1)
    shown(packager(tracks=[VIDEO]), stream, 0, 45 * 30)
    numbers = {number(name) for name in held(stream)}
    assert 1 not in numbers
    assert 80 in numbers, "of 20 s ago"
    assert 80 not in map(number, names(stream))


def test_of_an_appliance_without_keyframes_every_listed_part_is_there() -> None:
    stream, made = new(1), packager(tracks=[VIDEO])
    for turn in range(120 * 30):
        at = turn * PICTURE_US
        list(stream.take(made.picture(Frame(at, b"p", turn == 0), at)))
    assert len(names(stream)) > 4 * 60
    assert lacking(stream) == []


def test_however_slow_its_clock_a_lesson_is_kept_by_its_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tongke.live.stream.MOST_BYTES", 300_000)
    monkeypatch.setattr("tongke.live.stream.MOST_LISTED_BYTES", 2_000_000)
    stream = new(1)
    shown(packager(tracks=[VIDEO]), stream, 0, 600, size=1_000)
    assert len(kept(stream)) > 300_000 // 9_000 - 5, "no more than it must go"
    assert sum(map(len, kept(stream))) <= 300_000
    # What is listed is more than that, and stays.
    stream = new(1)
    shown(packager(tracks=[VIDEO]), stream, 0, 300, size=3_000)
    assert lacking(stream) == []
    assert sum(map(len, kept(stream))) > 300_000
    # As long as it is not more than this.
    stream = new(1)
    shown(packager(tracks=[VIDEO]), stream, 0, 300, size=30_000)
    assert sum(map(len, kept(stream))) <= 2_000_000
    assert stream.get(names(stream)[-1]) is not None


def test_a_part_is_called_as_it_was_said_that_it_would_be() -> None:
    stream, hinted = new(1), set[str]()
    for each in fed(packager(), 20):
        hinted.add(stream.next_part)
        list(stream.take([each]))
    assert set(names(stream)) <= hinted
    wholes = re.findall(r"^1-s\d+-.*$", text(stream), re.MULTILINE)
    assert len({suffix(name) for name in wholes}) == len(wholes) > 5


@pytest.mark.parametrize("keyframe_every", [60, 10_000])
def test_who_knows_a_name_cannot_count_on_for_longer_than_a_second(keyframe_every: int) -> None:
    """Also where an appliance sends keyframes seldom, and a segment is long."""
    stream, made = new(1), packager(tracks=[VIDEO])
    for turn in range(60 * 30):
        at = turn * PICTURE_US
        list(stream.take(made.picture(Frame(at, b"p", turn % keyframe_every == 0), at)))
    listed = re.findall(r'PART:DURATION=([0-9.]+),URI="([^"]+)"', text(stream))
    runs = [
        sum(float(seconds) for seconds, _ in same)
        for _, same in groupby(listed, lambda part: suffix(part[1]))
    ]
    assert len(listed) > 20
    assert 0.7 < max(runs) <= 1.25, "a part more where parts are of different lengths"


def number(name: str) -> int:
    return int(name.partition("-p")[2].partition("-")[0])


def suffix(name: str) -> str:
    return name.rpartition("-")[2]


def held(stream: Stream) -> list[str]:
    """The names of parts that are kept."""
    return [name for _, name in stream._ages]


def kept(stream: Stream) -> list[bytes]:
    found = map(stream.get, held(stream))
    return [data for data in found if data is not None]
