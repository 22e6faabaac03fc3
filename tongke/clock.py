"""The one clock: times are kept in UTC, aware, to the microsecond; days are Hunan's days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """The day it is in Hunan: agreements begin and end with it."""
    return now().astimezone(CHINA).date()


def left_of_today_s() -> float:
    """Seconds until it is another day in Hunan."""
    here = now().astimezone(CHINA)
    midnight = datetime.combine(here.date() + timedelta(days=1), time(), CHINA)
    return (midnight - here).total_seconds()
