"""When a part that died is started again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tongke.supervisor import part


@given(st.integers(1, 1000))
def test_restarts_come_later_and_never_stop_coming(deaths: int) -> None:
    delay = part.restart_delay(deaths)
    assert part.RESTART_FIRST_S <= delay <= part.RESTART_MOST_S
    assert part.restart_delay(deaths + 1) >= delay
