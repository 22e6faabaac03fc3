"""Which requests for a playlist are answered, held back and refused, by what it lists."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.live.planned import Plan, new, plans, teach, windows
from tests.live.playlist_reader import Seen, read
from tongke.live.delivery import LiveEdge, Refused


def answerable(seen: Seen, sequence: int, part: int | None) -> bool:
    if part is None or sequence < seen.last:
        return sequence <= seen.last
    if sequence == seen.last:
        return part < len(seen.segments[-1].parts) or bool(seen.open_parts)
    return sequence == seen.last + 1 and part < len(seen.open_parts)


def refused(edge: LiveEdge, sequence: int | None, part: int | None) -> bool:
    try:
        edge.check(sequence, part, None)
    except Refused as error:
        assert (error.status, error.code) == (400, "playlist-request")
        return True
    return False


@given(plans, windows)
def test_requests_are_held_and_refused_by_what_is_listed(
    planned: list[Plan], window_s: float | None
) -> None:
    playlist = new(window_s)
    for _ in teach(playlist, planned, []):
        seen = read(playlist.render(next_part_name="next"))
        listed = seen.open_parts or seen.segments[-1].parts
        edge = playlist.edge
        assert edge.latest == (seen.last + bool(seen.open_parts), len(listed) - 1)
        for sequence in range(seen.last + 5):
            ahead = len(seen.open_parts) if sequence == seen.last + 1 else 0
            for part in (None, 0, 1, 3, ahead, ahead + 5, ahead + 6):
                assert edge.has(sequence, part) == answerable(seen, sequence, part)
                too_far = sequence > seen.last and part is not None and part >= ahead + 6
                assert refused(edge, sequence, part) == (sequence > seen.last + 2 or too_far)


@pytest.mark.parametrize("asked", [(None, 0, None), (0, -1, None), (-1, None, None), (0, 0, "NO")])
def test_directives_that_are_none_are_refused(
    asked: tuple[int | None, int | None, str | None],
) -> None:
    playlist = new(None)
    with pytest.raises(Refused, match="_HLS_"):
        playlist.edge.check(*asked)
    for skip in (None, "YES", "v2"):
        playlist.edge.check(None, None, skip)
    playlist.end()
    playlist.edge.check(*asked)
