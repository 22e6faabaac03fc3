"""A rendition: what of it is kept, and how another process goes on from what is whole."""

from __future__ import annotations

import re
from itertools import count, pairwise

import pytest

from tests.live.test_packager import PICTURE_US, VIDEO, fed, packager
from tongke.live.frames import Frame
from tongke.live.packager import Packager
from tongke.live.playlist import LivePlaylist
from tongke.live.stream import Earlier, Stream, Whole


def new(epoch: int) -> Stream:
    playlist = LivePlaylist(segment_s=2, part_s=0.25, window_s=None)
    return Stream(epoch, playlist, map("{:08x}".format, count()).__next__)


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
        re.sub(r"(?<=\d\.\d{3})\d+|\d-p\d+|-[0-9a-f]{8}", "", text(stream))
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


def test_names_cannot_be_counted_on_from_one_segment_to_the_next() -> None:
    """And a part is called as it was said that it would be."""
    stream, hinted = new(1), list[str]()
    for each in fed(packager(), 20):
        hinted.append(stream.next_part)
        list(stream.take([each]))
    listed = names(stream)
    assert set(listed) <= set(hinted)
    wholes = re.findall(r"^1-s\d+-.*$", text(stream), re.MULTILINE)
    tails = [tail(name) for name in wholes]
    assert len(set(tails)) == len(tails) > 5
    # A change comes behind the first part of a segment, which was told of in the one before.
    changes = [tail(before) != tail(after) for before, after in pairwise(listed)]
    assert sum(changes) >= len(listed) // 8 - 1


def number(name: str) -> int:
    return int(name.partition("-p")[2].partition("-")[0])


def tail(name: str) -> str:
    return name.rpartition("-")[2]


def held(stream: Stream) -> list[str]:
    """The names of parts that are kept."""
    return [name for _, name in stream._ages]


def kept(stream: Stream) -> list[bytes]:
    found = map(stream.get, held(stream))
    return [data for data in found if data is not None]
