"""The days of what is booked or answered for, in words: from when to when, which are holidays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.http.language import Language, say
from services.web.formats import Formats
from services.web.i18n import translations
from tongke import clock
from tongke.classes.agenda.holidays import DayOff
from tongke.errors import Text

# As many as of clashes: whoever reads has understood after these.
MOST_LINES: Final = 8

CLOSED = Text("{day}，{school}放假", "{day}: {school} is on holiday")
MORE = Text("还有 {count} 天也放假", "and {count} more holidays")
SPAN = Text("{first}到{last}", "{first} to {last}")


def lines(found: Sequence[DayOff], language: Language) -> list[str]:
    """A line for each day off of a school, and one that counts those left out."""
    formats = _formats(language)
    said = [
        say(CLOSED.format(day=formats.long_day(each.day), school=each.school), language)
        for each in found[:MOST_LINES]
    ]
    left = len(found) - len(said)
    return [*said, say(MORE.format(count=left), language)] if left else said


def span(moments: Sequence[datetime], language: Language) -> str:
    """From the first day to the last; of one moment its day."""
    formats = _formats(language)
    first, last = formats.plain_day(min(moments)), formats.plain_day(max(moments))
    return first if first == last else say(SPAN.format(first=first, last=last), language)


def _formats(language: Language) -> Formats:
    return Formats(language, translations(language), clock.now)
