"""What is kept of a class, for its page and over JSON alike."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from services.web.views.after import Attendance, OptionCount, QuizRow, RoomAnswers
from tongke.classes import queries
from tongke.classes.after import attending, recorded
from tongke.classes.after.recorded import Asked
from tongke.classes.models import LiveClass
from tongke.errors import NotFound
from tongke.live.attendance import RoomAttendance, rows
from tongke.people.audience import Viewer


def kept_class(session: Session, viewer: Viewer, class_id: int) -> LiveClass:
    """A class for who may read what is kept of it: whoever sees it, but for a classroom's device,
    whose screen pupils look at. Raises NotFound."""
    live = queries.visible_class(session, viewer, class_id)
    if recorded.is_device(viewer):
        raise NotFound
    return live


def attendance_of(session: Session, present: list[RoomAttendance]) -> tuple[Attendance, ...]:
    names = attending.room_names(session, [room.room for room in present])
    found = []
    for row in rows(present):
        school, room = names.get(row.room, ("", str(row.room)))
        found.append(
            Attendance(
                school,
                room,
                row.came_at,
                row.went_at,
                row.seconds_present,
                row.late_by_s,
                row.left_early_s,
                row.interruptions,
                row.gone.value if row.gone else None,
                row.last_count,
                row.greatest_count,
            )
        )
    return tuple(found)


def quiz_rows(session: Session, live: LiveClass, asked: list[Asked]) -> tuple[QuizRow, ...]:
    """Whoever sits in no room is counted with the lead school."""
    seats = {room.room for each in asked for room in each.result.rooms}
    known = attending.room_names(session, [int(seat) for seat in seats if seat.isdecimal()])
    names = {str(room): f"{school} {name}" for room, (school, name) in known.items()}
    told = {seat: names.get(seat, live.school.name) for seat in seats}
    return tuple(_quiz(told, number, each) for number, each in enumerate(asked, 1))


def _quiz(rooms: Mapping[str, str], number: int, asked: Asked) -> QuizRow:
    question, result = asked.question, asked.result
    texts = dict(zip(question.keys, question.options, strict=False))
    return QuizRow(
        number,
        asked.seconds,
        question.text,
        question.kind,
        result.answered,
        result.right,
        result.rate,
        tuple(
            OptionCount(each.key, texts.get(each.key, ""), each.count, each.right)
            for each in result.counts
        ),
        tuple(
            RoomAnswers(rooms[each.room], each.answered, each.right, each.rate)
            for each in result.rooms
        ),
    )
