"""The form of a booking: what was typed, and the class that is meant by it.

A name that comes often (rooms, materials, audiences) is kept as its values with spaces between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.forms import read_form
from services.http.paging import MAX_ID
from tongke.classes.models import LiveClass, Seat
from tongke.classes.plan import booking
from tongke.classes.plan.booking import Wanted
from tongke.classes.plan.changes import Scope
from tongke.classes.plan.planned import NO_DAY, Repeat, When
from tongke.classes.plan.tokens import invited
from tongke.classes.school.groups import groups_of
from tongke.classes.school.recording_rule import RecordingRule
from tongke.classes.times import school_times
from tongke.classes.times.time_of_day import read_time
from tongke.classes.vocabulary import Purpose
from tongke.clock import CHINA
from tongke.errors import Invalid, Text
from tongke.library.vocabulary import GRADES, Subject
from tongke.live.vocabulary import LessonKind
from tongke.people.audience import Viewer

TITLE_MAX: Final = 200
MANY: Final = ("seat", "group", "material", "audience")
# A number within an address of ours, or alone: /resources/12, 12.
_ADDRESS: Final = "/resources/"

NO_TITLE = Text("请写上课题，不超过 {most} 个字", "Give it a title of at most {most} letters")
BAD_TIME = Text("时间写成 8:00 这样", "Write a time like 8:00")
NO_TEACHER = Text("请选主讲老师", "Choose who teaches it")
NOT_LISTED = Text("请从列表里选", "Choose from the list")
BAD_ADDRESS = Text(
    "每行一个资源页的地址，比如 /resources/12",
    "An address of a resource a line, like /resources/12",
)

# The form's fields by what the rules call them.
FIELDS: Final = {
    "seats": "seat",
    "teacher_id": "teacher",
    "room_id": "room",
    "begins_at": "day",
    "ends_at": "ends",
    "materials": "material",
    "name": "save_group",
    "room_ids": "save_group",
}

Values = Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    """What a form asks for. `wanted` has the times of its first occasion once `at` gave them."""

    wanted: Wanted
    when: When
    group: str
    scope: Scope


async def posted(request: web.Request) -> dict[str, str]:
    """What was typed, trimmed."""
    form = await read_form(request)
    values = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    for name in MANY:
        values[name] = " ".join(str(value) for value in form.getall(name, []))
    return values


def by_field(error: Invalid) -> dict[str, Text]:
    """What is wrong, under the names of the form."""
    return {FIELDS.get(name, name): text for name, text in error.fields.items()}


def school_of(viewer: Viewer, values: Values) -> int:
    """The school that a form or an address names, or one's own. Raises Forbidden: not theirs."""
    return booking.school_of(viewer, _number(values.get("school", "")))


def read(session: Session, school_id: int, values: Values) -> Asked:
    """Raises Invalid, of every field at once that can be told from the form alone."""
    wrong: dict[str, Text] = {}
    title = " ".join(values.get("title", "").split())
    if not 0 < len(title) <= TITLE_MAX:
        wrong["title"] = NO_TITLE.format(most=TITLE_MAX)
    teacher = _number(values.get("teacher", ""))
    if teacher is None:
        wrong["teacher"] = NO_TEACHER
    for name, among in _LISTS.items():
        if values.get(name, "") not in among:
            wrong[name] = NOT_LISTED
    when = _when(values, wrong)
    materials = _materials(values, wrong)
    if wrong or when is None or teacher is None:
        raise Invalid(wrong)
    rooms = _seats(session, school_id, values)
    # The times are put in by whoever knows the bell: of a series each has its own.
    unset = datetime.combine(when.day, time.min, CHINA)
    wanted = Wanted(
        title=title,
        mode=values["mode"],
        purpose=values["purpose"],
        begins_at=unset,
        ends_at=unset,
        teacher_id=teacher,
        school_id=school_id,
        room_id=_number(values.get("room", "")),
        seats=tuple((room, _number(values.get(f"teacher-{room}", ""))) for room in rooms),
        subject=values.get("subject", ""),
        grade=values.get("grade", ""),
        audience=frozenset(values.get("audience", "").split()),
        materials=materials,
        recording=RecordingRule("rooms_seen" in values, "rooms_heard" in values),
    )
    return Asked(wanted, when, values.get("save_group", ""), scope_of(values))


def scope_of(values: Values) -> Scope:
    """Of which classes of its series a form speaks."""
    return Scope.FOLLOWING if values.get("scope") == Scope.FOLLOWING else Scope.ONE


_LISTS: Final = {
    "mode": frozenset(map(str, LessonKind)),
    "purpose": frozenset(Purpose),
    "subject": frozenset(map(str, Subject)) | {""},
    "grade": frozenset(GRADES) | {""},
    "repeat": frozenset(map(str, Repeat)) | {""},
}


def _when(values: Values, wrong: dict[str, Text]) -> When | None:
    try:
        day = date.fromisoformat(values.get("day", ""))
    except ValueError:
        wrong["day"] = NO_DAY
        return None
    period = _number(values.get("period", ""))
    begins = None if period is not None else _time(values, "begins", wrong)
    ends = None if period is not None else _time(values, "ends", wrong)
    repeat = values.get("repeat") or Repeat.ONCE
    return When(day, period, begins, ends, Repeat(repeat)) if "repeat" not in wrong else None


def _time(values: Values, name: str, wrong: dict[str, Text]) -> time | None:
    text = values.get(name, "")
    try:
        return read_time(text) if text else None
    except ValueError:
        wrong[name] = BAD_TIME
        return None


def _seats(session: Session, school_id: int, values: Values) -> list[int]:
    """The rooms that are ticked, by themselves or in a group; the lead room is none of them."""
    ticked = [number for text in values["seat"].split() if (number := _number(text)) is not None]
    chosen = set(values["group"].split())
    for group in groups_of(session, [school_id]):
        if str(group.id) in chosen:
            ticked += group.room_ids
    lead = _number(values.get("room", ""))
    return [room for room in dict.fromkeys(ticked) if room != lead]


def materials_of(values: Values) -> tuple[int, ...]:
    """The papers that a form names. Raises Invalid: an address is none."""
    wrong: dict[str, Text] = {}
    found = _materials(values, wrong)
    if wrong:
        raise Invalid(wrong)
    return found


def _materials(values: Values, wrong: dict[str, Text]) -> tuple[int, ...]:
    found = [_number(text) for text in values["material"].split()]
    for line in values.get("material_more", "").split():
        _, mark, rest = line.partition(_ADDRESS)
        found.append(_number(rest.partition("?")[0].partition("#")[0] if mark else line))
    if None in found:
        wrong["material_more"] = BAD_ADDRESS
    return tuple(dict.fromkeys(number for number in found if number is not None))


def _number(text: str) -> int | None:
    """A number that a form names; None for anything else."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
    return number if number is None or number <= MAX_ID else None


def of_class(session: Session, live: LiveClass) -> dict[str, str]:
    """A booked class as its form says it: by the period at whose bells it begins and ends, where
    the school has one."""
    begins, ends = (moment.astimezone(CHINA) for moment in (live.begins_at, live.ends_at))
    rule = RecordingRule.of(live.recording_rule)
    values = {
        "title": live.title,
        "mode": live.mode,
        "purpose": live.purpose,
        "subject": live.subject,
        "grade": live.grade,
        "teacher": str(live.teacher_id),
        "room": "" if live.room_id is None else str(live.room_id),
        "day": begins.date().isoformat(),
        "begins": f"{begins:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "seat": " ".join(str(seat.room_id) for seat in live.seats),
        "material": " ".join(str(material.resource_id) for material in live.materials),
        "audience": " ".join(sorted(invited(session, live))),
    }
    period = _period(session, live.school_id, begins.time(), ends.time())
    values |= {"period": str(period)} if period is not None else {}
    beside = {seat.room_id: _beside(seat) for seat in live.seats}
    values |= {f"teacher-{room}": teacher for room, teacher in beside.items()}
    values |= {f"had-teacher-{room}": teacher for room, teacher in beside.items()}
    values |= {"rooms_seen": "1"} if rule.rooms_seen else {}
    return values | ({"rooms_heard": "1"} if rule.rooms_heard else {})


def untouched_teachers(live: LiveClass, values: Values) -> dict[str, str]:
    """Who is beside the pupils by now, where the form has left whom it had: the partner may have
    chosen while it was filled in."""
    return {
        name: _beside(seat)
        for seat in live.seats
        if values.get(name := f"teacher-{seat.room_id}", "") == values.get(f"had-{name}")
    }


def _beside(seat: Seat) -> str:
    return "" if seat.teacher_id is None else str(seat.teacher_id)


def _period(session: Session, school_id: int, begins: time, ends: time) -> int | None:
    school = school_times.of_school(session, school_id)
    periods = school.bells.periods if school else ()
    return next((p.number for p in periods if (p.begins, p.ends) == (begins, ends)), None)
