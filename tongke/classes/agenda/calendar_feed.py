"""The timetable as a calendar feed (RFC 5545), for the calendar of a telephone or of Outlook.

Written by hand: it is one component with a dozen properties. Times are in UTC, so no client
needs to know our time zone. The same entries give the same bytes, because DTSTAMP is when the
class last changed (RFC 5545, 3.8.7.2, of a feed without METHOD) and not when it was asked for:
a client that polls can be told that nothing is new.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from tongke.classes.times.timetable import DOORS_OPEN_BEFORE, Occurrence

# RFC 5545, 3.1: octets in a line, its line break not counted.
LINE_OCTETS_MAX: Final = 75
# How soon a cancelled lesson shows, for clients that heed it (RFC 7986, 5.7).
REFRESH: Final = "PT15M"
# What TEXT may not hold even escaped (RFC 5545, 3.3.11); line breaks are dealt with before.
CONTROLS: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
SPECIAL: Final = re.compile(r"[\\;,]")


class Status(StrEnum):
    """RFC 5545, 3.8.1.11. Tentative until the partner has confirmed."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Entry:
    """One class in the feed.

    `id` and `revision` become UID and SEQUENCE: the first never changes, the second grows with
    every change of time, place or status. A cancelled class stays in the feed, or clients that
    have it would go on showing it.
    """

    id: int
    occurrence: Occurrence
    title: str
    revision: int
    changed_at: datetime
    status: Status = Status.CONFIRMED
    place: str = ""
    description: str = ""
    address: str = ""


def feed(name: str, installation: str, entries: Iterable[Entry]) -> bytes:
    """The feed called `name`, in UTF-8.

    `installation` stands in every UID and has to stay as it is when the service moves to another
    address, else each class shows twice.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tongke//Timetable//ZH"]
    lines += ["CALSCALE:GREGORIAN", f"NAME:{escaped(name)}", f"X-WR-CALNAME:{escaped(name)}"]
    lines += [f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}", f"X-PUBLISHED-TTL:{REFRESH}"]
    for entry in entries:
        lines += _event(entry, installation)
    return b"".join(folded(line) for line in (*lines, "END:VCALENDAR"))


def _event(entry: Entry, installation: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:class-{entry.id}@{escaped(installation)}"
    yield f"DTSTAMP:{_utc(entry.changed_at)}"
    yield f"LAST-MODIFIED:{_utc(entry.changed_at)}"
    yield f"SEQUENCE:{entry.revision}"
    yield f"DTSTART:{_utc(entry.occurrence.begins_at)}"
    yield f"DTEND:{_utc(entry.occurrence.ends_at)}"
    yield f"STATUS:{entry.status}"
    yield f"SUMMARY:{escaped(entry.title)}"
    if entry.place:
        yield f"LOCATION:{escaped(entry.place)}"
    if entry.description:
        yield f"DESCRIPTION:{escaped(entry.description)}"
    if entry.address:
        yield f"URL:{CONTROLS.sub('', entry.address)}"
    if entry.status is not Status.CANCELLED:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{escaped(entry.title)}")
        yield from (f"TRIGGER:-PT{DOORS_OPEN_BEFORE.seconds // 60}M", "END:VALARM")
    yield "END:VEVENT"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def escaped(text: str) -> str:
    """A value of type TEXT (RFC 5545, 3.3.11). Whatever breaks a line becomes a break in it."""
    lines = (SPECIAL.sub(r"\\\g<0>", CONTROLS.sub("", line)) for line in text.splitlines())
    return r"\n".join(lines)


def folded(line: str) -> bytes:
    """A content line with its breaks (RFC 5545, 3.1), at no more than 75 octets each.

    Cut between characters: clients that decode before they unfold would lose those cut in two.
    """
    rest = line.encode()
    parts: list[bytes] = []
    while True:
        # The blank that marks a continuation counts.
        cut = LINE_OCTETS_MAX - bool(parts)
        while cut < len(rest) and rest[cut] & 0xC0 == 0x80:
            cut -= 1
        parts.append(rest[:cut])
        rest = rest[cut:]
        if not rest:
            return b"\r\n ".join(parts) + b"\r\n"
