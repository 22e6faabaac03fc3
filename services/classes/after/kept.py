"""What is kept of a class, for its page and over JSON alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.web.views.after import (
    Attendance,
    ClassAnswer,
    OptionCount,
    QuizRow,
    RoomAnswers,
    TraineeAttendance,
)
from tongke.classes import kept_log, queries
from tongke.classes.after import asked_schools, attending, recorded, trainees
from tongke.classes.after.asked_schools import AskedSchool
from tongke.classes.after.recorded import Asked
from tongke.classes.models import LiveClass, Seat
from tongke.classes.vocabulary import SeatState
from tongke.errors import NotFound
from tongke.live.attendance import Attendee, Row, rows
from tongke.live.quiz import Given, Question, QuestionKind, RoomResult
from tongke.live.scoring import is_right
from tongke.people.audience import Viewer


def kept_class(session: Session, viewer: Viewer, class_id: int) -> LiveClass:
    """A class for who may read what is kept of it: whoever sees it, but for a classroom's device,
    whose screen pupils look at. Raises NotFound."""
    live = queries.visible_class(session, viewer, class_id)
    if recorded.is_device(viewer):
        raise NotFound
    return live


def attendance_of(
    session: Session, viewer: Viewer, live: LiveClass, present: list[Attendee]
) -> tuple[Attendance, ...]:
    declined = {seat.room_id: seat for seat in live.seats if seat.state == SeatState.DECLINED}
    names = attending.room_names(session, [room.who for room in present])
    place = {number: at for at, number in enumerate(names)}
    found = []
    for row in sorted(rows(present), key=lambda row: place.get(row.who, len(place))):
        school, room = names.get(row.who, ("", str(row.who)))
        # Who comes all the same is there.
        stayed_away = declined.get(row.who) if row.came_at is None else None
        found.append(
            Attendance(
                **_times(row),
                school=school,
                room=room,
                last_count=row.last_count,
                greatest_count=row.greatest_count,
                declined=stayed_away is not None,
                because=_why(viewer, live, stayed_away) if stayed_away else "",
            )
        )
    return tuple(found)


def _why(viewer: Viewer, live: LiveClass, seat: Seat) -> str:
    return seat.declined_because if queries.hears_why(viewer, live, seat) else ""


def trainees_of(
    session: Session, viewer: Viewer, live: LiveClass, now: datetime
) -> tuple[TraineeAttendance, ...]:
    log = kept_log.log_of(session, live.id, attending.DESKS)
    return tuple(
        TraineeAttendance(**_times(found.times), school=found.school, name=found.name)
        for found in trainees.of_class(session, viewer, live, log, now)
    )


def asked_of(
    session: Session, live: LiveClass, present: list[Attendee], now: datetime
) -> tuple[AskedSchool, ...]:
    log = kept_log.log_of(session, live.id, attending.DESKS)
    return tuple(asked_schools.of_class(session, live, log, present, now))


def _times(row: Row) -> dict[str, Any]:
    """The fields of `Times`."""
    return {
        "came_at": row.came_at,
        "went_at": row.went_at,
        "present_s": row.seconds_present,
        "late_s": row.late_by_s,
        "early_s": row.left_early_s,
        "interruptions": row.interruptions,
        "gone": row.gone.value if row.gone else None,
    }


def quiz_rows(session: Session, live: LiveClass, asked: list[Asked]) -> tuple[QuizRow, ...]:
    """Whoever sits in no room is counted with the lead school."""
    seats = {room.room for each in asked for room in each.result.rooms}
    names = attending.seat_names(session, seats)
    # In the order of the rooms, whoever sits in none last.
    told = {seat: names[seat] for seat in names if seat in seats}
    told |= dict.fromkeys(seats - names.keys(), live.school.name)
    return tuple(_quiz(told, number, each) for number, each in enumerate(asked, 1))


def _quiz(rooms: Mapping[str, str], number: int, asked: Asked) -> QuizRow:
    question, result = asked.question, asked.result
    texts = dict(zip(question.keys, question.options, strict=False))

    def place(each: RoomResult | Given) -> int:
        return list(rooms).index(each.room)

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
            RoomAnswers(
                rooms[each.room], each.answered, each.right, each.rate, each.room not in asked.alone
            )
            for each in sorted(result.rooms, key=place)
        ),
        tuple(_together(rooms, question, each) for each in sorted(asked.together, key=place)),
        bool(asked.together) and not asked.alone,
        question.right if question.kind is QuestionKind.SHORT else (),
        is_opinion=not question.right,
    )


def _together(rooms: Mapping[str, str], question: Question, answer: Given) -> ClassAnswer:
    right = is_right(question, answer) if question.right else None
    return ClassAnswer(rooms[answer.room], answer.given, right)
