"""A rendition that another process goes on with, from what is whole."""

from __future__ import annotations

import re

from tests.live.test_packager import fed, packager
from tongke.live.playlist import LivePlaylist
from tongke.live.stream import Earlier, Stream, Whole


def new(epoch: int) -> Stream:
    return Stream(epoch, LivePlaylist(segment_s=2, part_s=0.25, window_s=None))


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
    after.resume(Earlier(segments, {whole.segment.name: whole.data for whole in wholes[-4:]}))
    assert 8 * 3 <= len(names(after)) == len(names(before)), "of six seconds at least"
    assert [after.get(name) for name in names(after)] == [
        before.get(each) for each in names(before)
    ]
    # Whole ticks of a track make whole microseconds seldom.
    listed = [re.sub(r"(?<=\d\.\d{3})\d+|\d-p\d+", "", text(stream)) for stream in (before, after)]
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
