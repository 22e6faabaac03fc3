"""What a telephone's calendar needs of the feed, as RFC 5545 has it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.classes.agenda.calendar_feed import Entry, Status, escaped, feed, folded
from tongke.classes.times.timetable import Occurrence

BEGINS = datetime(2024, 9, 2, 0, 0, tzinfo=UTC)
LESSON = Entry(
    id=7,
    occurrence=Occurrence(date(2024, 9, 2), BEGINS, BEGINS + timedelta(minutes=40)),
    title="同步课堂：小数乘法; 第一课时, 五年级",
    revision=3,
    changed_at=datetime(2024, 8, 30, 9, 30, tzinfo=timezone(timedelta(hours=8))),
    place="多媒体教室 2",
    description="主讲：王丽\n请带练习本",
    address="https://tongke.example/classes/7?a=1;b=2,3",
)


def unfolded(data: bytes) -> list[str]:
    """The content lines as a client reads them: by RFC 5545, 3.1."""
    assert data.endswith(b"\r\n")
    return data.decode().replace("\r\n ", "").split("\r\n")[:-1]


def unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), value)


def lines_of(*entries: Entry) -> list[str]:
    return unfolded(feed("王丽的课表", "hunan-1", entries))


def test_a_lesson_as_a_calendar_reads_it() -> None:
    assert lines_of(LESSON) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Tongke//Timetable//ZH",
        "CALSCALE:GREGORIAN",
        "NAME:王丽的课表",
        "X-WR-CALNAME:王丽的课表",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
        "BEGIN:VEVENT",
        "UID:class-7@hunan-1",
        "DTSTAMP:20240830T013000Z",
        "LAST-MODIFIED:20240830T013000Z",
        "SEQUENCE:3",
        "DTSTART:20240902T000000Z",
        "DTEND:20240902T004000Z",
        "STATUS:CONFIRMED",
        r"SUMMARY:同步课堂：小数乘法\; 第一课时\, 五年级",
        "LOCATION:多媒体教室 2",
        r"DESCRIPTION:主讲：王丽\n请带练习本",
        "URL:https://tongke.example/classes/7?a=1;b=2,3",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        r"DESCRIPTION:同步课堂：小数乘法\; 第一课时\, 五年级",
        "TRIGGER:-PT10M",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_a_cancelled_lesson_stays_as_cancelled_and_rings_no_more() -> None:
    lines = lines_of(replace(LESSON, status=Status.CANCELLED, revision=4))
    assert {"UID:class-7@hunan-1", "SEQUENCE:4", "STATUS:CANCELLED"} <= set(lines)
    assert "BEGIN:VALARM" not in lines


def test_a_lesson_that_is_moved_is_the_same_lesson() -> None:
    later = replace(LESSON.occurrence, begins_at=BEGINS + timedelta(minutes=10))
    lines = lines_of(replace(LESSON, occurrence=later, revision=4))
    assert {"UID:class-7@hunan-1", "SEQUENCE:4", "DTSTART:20240902T001000Z"} <= set(lines)


def test_what_the_partner_has_not_confirmed_is_tentative() -> None:
    assert "STATUS:TENTATIVE" in lines_of(replace(LESSON, status=Status.TENTATIVE))


def test_a_lesson_without_place_or_words_has_no_empty_lines_for_them() -> None:
    lines = lines_of(replace(LESSON, place="", description="", address=""))
    assert not [line for line in lines if line.startswith(("LOCATION", "URL"))]
    assert not [line for line in lines if line.endswith(":")]


@pytest.mark.parametrize("field", ["title", "place", "description", "address"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\v", "\x85", "\u2028"])
def test_nobody_writes_a_line_of_their_own_into_the_feed(field: str, ending: str) -> None:
    # Named by `field`, so the types cannot follow.
    hostile = replace(LESSON, **{field: f"a{ending}STATUS:CANCELLED"})  # type: ignore[arg-type]
    assert "STATUS:CANCELLED" not in lines_of(hostile)


@given(st.text())
def test_a_text_comes_back_as_it_was_written(text: str) -> None:
    value = escaped(text)
    assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value)
    kept = [re.sub(r"[\x00-\x08\x0e-\x1f\x7f]", "", line) for line in text.splitlines()]
    assert unescaped(value) == "\n".join(kept)


@given(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=200))
def test_a_line_is_folded_by_octets_and_no_character_is_cut(line: str) -> None:
    data = folded(line)
    parts = data.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(part) <= 75 for part in parts)
    assert "".join([parts[0].decode(), *(part.decode()[1:] for part in parts[1:])]) == line
    assert all(part.startswith(b" ") for part in parts[1:])
    # No line is broken earlier than the next character asks for.
    assert all(len(part) > 75 - 4 for part in parts[:-1])


@given(st.integers(70, 80), st.sampled_from(["a", "é", "课", "🎓"]))
def test_at_the_very_edge_of_a_line(before: int, character: str) -> None:
    line = "x" * before + character
    assert unfolded(folded(line)) == [line]
    assert all(len(part) <= 75 for part in folded(line).split(b"\r\n"))
