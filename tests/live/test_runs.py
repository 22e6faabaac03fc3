"""What one publisher sent in one go keeps its time; what lies between two of them takes none."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tongke.live.runs import lasting_us, runs, span_us


@dataclass(frozen=True)
class Piece:
    began_us: int
    duration_us: int
    map_name: str = "m1"
    discontinuity: bool = False


# How long after the one before, how long, of which initialisation, and whether it says it begins.
steps = st.lists(
    st.tuples(
        st.integers(0, 20_000_000),
        st.integers(1, 5_000_000),
        st.sampled_from(["m1", "m2"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=20,
)


def laid(found: list[tuple[int, int, str, bool]]) -> list[Piece]:
    at, pieces = 0, []
    for gap, lasts, map_name, begins in found:
        pieces.append(Piece(at + gap, lasts, map_name, begins))
        at += gap + lasts
    return pieces


@given(steps)
def test_every_segment_is_in_one_run_and_keeps_its_place(
    found: list[tuple[int, int, str, bool]],
) -> None:
    pieces = laid(found)
    parted = runs(pieces)
    assert [each for run in parted for each in run] == pieces
    assert all(len({each.map_name for each in run}) == 1 for run in parted)
    assert not any(each.discontinuity for run in parted for each in run[1:])


@given(steps)
def test_segments_last_as_long_as_their_runs(found: list[tuple[int, int, str, bool]]) -> None:
    pieces = laid(found)
    lasting = lasting_us(pieces)
    assert sum(lasting) == sum(span_us(run) for run in runs(pieces))
    assert all(lasts >= each.duration_us for lasts, each in zip(lasting, pieces, strict=True))


def test_a_moment_without_pictures_lasts_as_long_as_it_did() -> None:
    pieces = [Piece(0, 2), Piece(7, 2), Piece(20, 3, "m2")]
    assert [len(run) for run in runs(pieces)] == [2, 1]
    assert lasting_us(pieces) == [7, 2, 3]
