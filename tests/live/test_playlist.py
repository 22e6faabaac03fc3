"""Live playlists, read back as a player does (`playlist_reader`)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given

from tests.live.planned import BEGAN, SEGMENT_S, Plan, new, plans, teach, windows
from tests.live.playlist_reader import Seen, follow_the_standard, read, us
from tongke.live import playlist_text
from tongke.live.playlist import DateRange, LivePlaylist, Part, Segment, recorded


@given(plans, windows)
def test_no_segment_is_lost_or_changed_while_it_can_be_seen(
    planned: list[Plan], window_s: float | None
) -> None:
    playlist, made, first, target = new(window_s), list[Segment](), 0, SEGMENT_S
    for _ in teach(playlist, planned, made):
        seen = read(playlist.render(next_part_name="next"))
        follow_the_standard(seen, SEGMENT_S)
        assert seen.version == 6 and seen.hint == "next"
        before, first = first, int(seen.head["#EXT-X-MEDIA-SEQUENCE"])
        assert before <= first
        assert target <= int(seen.head["#EXT-X-TARGETDURATION"])
        target = int(seen.head["#EXT-X-TARGETDURATION"])
        assert [shown.sequence for shown in seen.segments] == list(range(first, len(made)))
        for shown, segment in zip(seen.segments, made[first:], strict=True):
            turn = sum(plan.discontinuity for plan in planned[: shown.sequence + 1])
            assert (shown.name, shown.map_name, shown.turn) == (
                segment.name, segment.map_name, turn,
            )  # fmt: skip
            assert shown.duration_us == us(str(segment.duration_s))
            assert shown.began_at == segment.began_at
        assert "#EXT-X-PLAYLIST-TYPE" not in seen.head  # 6.2.2
        assert playlist.listed_parts == sum(
            len(parts) for parts in [*(shown.parts for shown in seen.segments), seen.open_parts]
        )
        if window_s is None:
            assert first == 0
        else:
            left_us = sum(shown.duration_us for shown in seen.segments)
            assert first == before or left_us >= max(window_s, 3 * target) * 1_000_000


@given(plans, windows)
def test_what_a_difference_makes_of_an_older_copy_is_the_whole(
    planned: list[Plan], window_s: float | None
) -> None:
    playlist, copies = new(window_s), list[tuple[int, Seen]]()
    for at_us in teach(playlist, planned, []):
        whole = read(playlist.render(next_part_name="next"))
        copies.append((at_us, whole))
        # A copy may be half of the skip boundary old (6.2.5.1): the oldest is the hardest.
        age_us = whole.seconds("CAN-SKIP-UNTIL") / 2 * 1_000_000
        while at_us - copies[0][0] > min(age_us, copies[0][1].seconds("CAN-SKIP-UNTIL") * 500_000):
            copies.pop(0)
        difference = playlist.render(next_part_name="next", skip=True)
        for _, copy in (copies[0], copies[-1]):
            assert read(difference, copy) == whole
        # Left out is what is wholly older than the boundary, and no less.
        left = whole.segments[read(difference, whole).skipped :]
        boundary_us = whole.seconds("CAN-SKIP-UNTIL") * 1_000_000
        assert len(left) == len(whole.segments) or sum(s.duration_us for s in left) > boundary_us
        assert sum(s.duration_us for s in left[1:]) <= boundary_us


def test_a_lesson_reads_as_the_standard_shows_it() -> None:
    playlist = LivePlaylist(segment_s=2, part_s=0.25, window_s=30)
    playlist.begin_segment("i1.mp4", BEGAN.replace(microsecond=1_600))
    playlist.add_part(Part("p1.m4s", 0.25, independent=True))
    playlist.add_part(Part("p2.m4s", 0.2, independent=False))
    dropped = playlist.close_segment("s1.m4s")
    playlist.begin_segment("i2.mp4", BEGAN + timedelta(seconds=9), discontinuity=True)
    playlist.begin_segment("i3.mp4", BEGAN + timedelta(seconds=10))  # The first had no part.
    playlist.add_part(Part("p3.m4s", 0.25, independent=True))
    segments = """\
#EXT-X-MAP:URI="i1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-03-02T00:00:00.002Z
#EXT-X-PART:DURATION=0.250000,URI="p1.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.200000,URI="p2.m4s"
#EXTINF:0.450000,
s1.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="i3.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-03-02T00:00:10.000Z
#EXT-X-PART:DURATION=0.250000,URI="p3.m4s",INDEPENDENT=YES
"""
    quiz = (
        '#EXT-X-DATERANGE:ID="c1",CLASS="quiz",START-DATE="2026-03-02T00:00:00.000Z",'
        'DURATION=0.000000,X-TONGKE="eyJxIjoxfQ"\n'
    )
    assert playlist.render(next_part_name="p4.m4s", reports={"sound.m3u8": (1, 2)}) == (
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:2\n"
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.750000,"
        "HOLD-BACK=6.000000,CAN-SKIP-UNTIL=12.000000\n"
        "#EXT-X-PART-INF:PART-TARGET=0.250000\n"
        f"#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n{segments}"
        '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="p4.m4s"\n'
        '#EXT-X-RENDITION-REPORT:URI="sound.m3u8",LAST-MSN=1,LAST-PART=2\n'
    )
    lesson = [dropped, playlist.close_segment("s2.m4s")]
    cue = DateRange("c1", "quiz", BEGAN, 0, "eyJxIjoxfQ")
    without_parts = re.sub("#EXT-X-PART:.*\n", "", segments)
    assert recorded(lesson, [cue]) == (
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:1\n#EXT-X-PLAYLIST-TYPE:VOD\n"
        f"#EXT-X-MEDIA-SEQUENCE:0\n{quiz}{without_parts}"
        "#EXTINF:0.250000,\ns2.m4s\n#EXT-X-ENDLIST\n"
    )


@given(plans)
def test_the_recording_is_the_lesson(planned: list[Plan]) -> None:
    playlist, made = new(None), list[Segment]()
    for _ in teach(playlist, planned, made):
        pass
    playlist.end()
    live = read(playlist.render(next_part_name="next", skip=True))
    kept = read(recorded(made, []))
    assert kept.ended and live.ended and not live.hint and not live.skipped
    assert [(s.name, s.duration_us, s.map_name, s.began_at, s.turn) for s in kept.segments] == [
        (s.name, s.duration_us, s.map_name, s.began_at, s.turn) for s in live.segments
    ]
    assert not any(shown.parts for shown in kept.segments)
    assert playlist.edge.has(99, 3)  # Nothing is waited for any more (6.2.5.2).


def test_what_would_break_the_playlist_is_refused_by_name() -> None:
    playlist = new(None)
    with pytest.raises(ValueError, match="no segment is open"):
        playlist.add_part(Part("p", 0.1, independent=True))
    with pytest.raises(ValueError, match="time zone"):
        playlist.begin_segment("a.mp4", BEGAN.replace(tzinfo=None))
    with pytest.raises(ValueError, match="quote"):
        recorded([], [DateRange("c", "quiz", BEGAN, 0, 'x"\n#EXT-X-ENDLIST')])
    playlist.begin_segment("a.mp4", BEGAN)
    with pytest.raises(ValueError, match="a part of 0 s"):
        playlist.add_part(Part("p", 0, independent=True))
    playlist.add_part(Part("p", 0.5, independent=True))
    with pytest.raises(ValueError, match="cannot list"):
        playlist.close_segment("#EXT-X-ENDLIST")
    for too_early in (lambda: playlist.begin_segment("a.mp4", BEGAN), playlist.end):
        with pytest.raises(ValueError, match="segment 0 is still open"):
            too_early()
    playlist.close_segment("s0.m4s")
    playlist.end()
    with pytest.raises(ValueError, match="ended"):
        playlist.begin_segment("a.mp4", BEGAN)
    with pytest.raises(ValueError, match="do not make segments"):
        LivePlaylist(segment_s=1, part_s=2, window_s=None)


def test_the_text_of_a_segment_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    playlist = new(None)
    for _ in teach(playlist, [Plan((500, 500), "a.mp4", False)] * 100, []):
        pass
    expected = playlist.render(next_part_name="next")
    for made in ("opening", "closing", "_part", "initialisation"):
        monkeypatch.delattr(playlist_text, made)
    assert playlist.render(next_part_name="next") == expected


def test_a_long_lesson_holds_the_parts_of_its_newest_segments_alone() -> None:
    """A process carries dozens of lessons, and each is listed whole, to be looked back on."""
    playlist = new(None)
    for _ in teach(playlist, [Plan((500, 500), "a.mp4", False)] * 100, []):
        pass
    holding = [bool(listed.segment.parts) for listed in playlist._closed]
    shown = read(playlist.render(next_part_name="next"))
    assert len(holding) == len(shown.segments) == 100
    assert sum(holding) < 10
    assert all(holding[-sum(holding) :]), "the newest"


def test_another_process_goes_on_where_one_died() -> None:
    """The open segment's parts are gone with it; what was closed is listed, and numbers go on."""
    first, second = new(None), new(None)
    closed: list[Segment] = []
    planned = [Plan((500, 500), "a.mp4", False)] * 9 + [Plan((500,), "b.mp4", True)]
    for _ in teach(first, planned, closed):
        pass
    before = read(first.render(next_part_name="next"))
    second.resume(closed)
    third = new(None)
    third.resume(closed, in_parts=8)
    assert third.render(next_part_name="next") == first.render(next_part_name="next")
    after = read(second.render(next_part_name="next"))
    assert [s.name for s in after.segments] == [s.name for s in before.segments]
    assert [s.turn for s in after.segments] == [s.turn for s in before.segments]
    later = BEGAN + timedelta(hours=1)
    assert second.begin_segment("c.mp4", later, discontinuity=True) == len(closed)
    with pytest.raises(ValueError, match="where 0 should"):
        new(None).resume(closed[1:])
