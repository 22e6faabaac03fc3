"""The rooms of a class that is changed, and which of their answers still hold.

A partner says yes to a time, and to what the recording shows of its pupils and to whom. Of another
time neither answer says anything; a recording that shows more, or is for more people, has no yes as
yet, and a no to it stays one.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from tongke.classes.models import LiveClass, Seat
from tongke.classes.plan import booking, tokens
from tongke.classes.plan.booking import Wanted
from tongke.classes.school.recording_rule import RecordingRule
from tongke.classes.vocabulary import SeatState
from tongke.people.models import Room


def widens(session: Session, live: LiveClass, wanted: Wanted, opened: frozenset[str]) -> bool:
    """Whether a class's recording would show more of the rooms than it was booked with, or be for
    more people: `opened` are the tokens of whom it would be for."""
    more = wanted.recording is not None and wanted.recording.shows_more_than(
        RecordingRule.of(live.recording_rule)
    )
    return more or not opened <= tokens.invited(session, live)


def seat(
    live: LiveClass, wanted: Wanted, rooms: Mapping[int, Room], *, moved: bool, widened: bool
) -> list[Seat]:
    """Seat these rooms and no others. Gives the places that had said yes and are asked anew since
    the recording widened."""
    held = {each.room_id: each for each in live.seats}
    seats: list[Seat] = []
    anew: list[Seat] = []
    for room_id, teacher_id in wanted.seats:
        begun = booking.asked(rooms[room_id], live.school_id)
        place = held.get(room_id) or Seat(room_id=room_id, state=begun)
        place.teacher_id = teacher_id
        unsaid = widened and place.state == SeatState.CONFIRMED
        if moved or unsaid:
            place.state = begun
        if unsaid and begun is SeatState.ASKED:
            anew.append(place)
        seats.append(place)
    live.seats = seats
    return anew
