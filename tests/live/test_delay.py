"""One delay for all rooms of a class: what their lines need, and no restlessness."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tongke.live.delay import CALM_S, CUSHION_MS, STEPS_MS, ClassDelay

needs = st.lists(st.integers(0, 6000), max_size=5)


def followed(delay_ms: int, said: list[tuple[float, list[int]]]) -> list[tuple[float, int]]:
    """What is announced, and when, while rooms say this."""
    rule, announced = ClassDelay(), []
    for now, needs_ms in said:
        due = rule.due(delay_ms, needs_ms, now)
        if due is not None:
            delay_ms = due
            announced.append((now, due))
    return announced


def steadily(need_ms: int, seconds: int) -> list[tuple[float, list[int]]]:
    return [(float(second), [300, need_ms]) for second in range(seconds)]


def test_good_lines_come_down_to_a_second_after_a_calm_while() -> None:
    assert followed(1500, steadily(500, 90)) == [(CALM_S, 1000)]


def test_one_bad_line_lifts_all_at_once() -> None:
    assert followed(1000, steadily(1900, 90)) == [(0.0, 2500)]


def test_a_line_that_comes_and_goes_is_not_followed_down_each_time() -> None:
    said = [(float(n), [1900 if n % 15 == 0 else 500]) for n in range(90)]
    assert followed(1500, said) == [(0.0, 2500)]


def test_a_line_that_fails_now_and_then_moves_the_class_less_and_less_often() -> None:
    said = [(float(n), [1900 if n % 45 == 0 else 500]) for n in range(45 * 60)]
    announced = followed(1500, said)
    rises = [at for at, delay_ms in announced if delay_ms == 2500]
    assert len(rises) < 6


def test_a_room_that_no_delay_carries_holds_nobody_up() -> None:
    assert followed(1500, steadily(9000, 90)) == [(CALM_S, 1000)]
    assert followed(1500, [(float(n), [9000]) for n in range(90)]) == []


def test_nobody_who_follows_says_nothing() -> None:
    assert followed(2500, [(float(n), []) for n in range(90)]) == []


@given(st.sampled_from(STEPS_MS), st.lists(needs, max_size=200))
def test_it_is_always_a_step_and_carries_what_was_needed(first: int, said: list[list[int]]) -> None:
    rule, delay_ms = ClassDelay(), first
    for now, needs_ms in enumerate(said):
        due = rule.due(delay_ms, needs_ms, float(now))
        if due is not None:
            assert due in STEPS_MS
            assert due != delay_ms
            delay_ms = due
        carried = [need for need in needs_ms if need <= STEPS_MS[-1]]
        if carried:
            assert delay_ms >= min(max(carried) + CUSHION_MS, STEPS_MS[-1])
