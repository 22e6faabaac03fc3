"""What a guesser of phone codes sees of all of them in a lesson, however many addresses he has: the
figures of `phone_access`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.live.access import phone_access
from tongke.errors import TooManyRequests
from tongke.people.throttle import LocalCounters, Throttle

LESSON_S = 45 * 60


@pytest.mark.parametrize(
    ("address", "least", "most"),
    [
        (lambda _: "203.0.113.5", 240, 270),
        # A machine has a whole /64 of IPv6, and who has a /48 another one for each code.
        (lambda n: f"2001:db8:1:2::{n:x}", 240, 270),
        (lambda n: f"2001:db8:1:{n:x}::1", 700, 750),
        # Many customers, or machines that are somebody else's.
        (lambda n: f"2001:db8:{n:x}::1", 5_000, 5_800),
        (lambda n: f"10.0.{n // 250}.{n % 250}", 5_000, 5_800),
    ],
)
async def test_a_guesser_sees_few_codes_in_a_lesson(
    address: Callable[[int], str], least: int, most: int
) -> None:
    now, seen = 1_000_000.0, 0
    counters = LocalCounters(lambda: now)
    throttle = Throttle(counters, LocalCounters(lambda: now), lambda: now)
    end = now + LESSON_S
    while now < end:
        lanes = phone_access._lanes(address(seen))
        try:
            await throttle.admit(*lanes)
        except TooManyRequests as shut:
            now += float(str(shut.values["seconds"]))
            continue
        seen += 1
        await throttle.note_failure(*lanes)
    assert least <= seen <= most
