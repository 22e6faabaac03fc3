"""The rooms of a class that is changed, and which of their answers still hold.

A partner says yes to a time, and to what the recording shows of its pupils and to whom. Of another
time neither answer says anything; a recording that shows more, or is for more people, has no yes as
yet, and a no to it stays one.
"""

from __future__ import annotations

from collections.abc import Mapping

from tongke.classes.models import Seat
from tongke.classes.plan import booking
from tongke.classes.plan.amended import Amended
from tongke.classes.vocabulary import SeatState
from tongke.people.models import Room


def seat(amended: Amended, rooms: Mapping[int, Room]) -> list[Seat]:
    """Seat the rooms that are wanted and no others; `rooms` are those that may be booked. Gives the
    places that had said yes and are asked anew since the recording widened."""
    live = amended.live
    held = {each.room_id: each for each in live.seats}
    seats: list[Seat] = []
    anew: list[Seat] = []
    for room_id, teacher_id in amended.wanted.seats:
        place = held.get(room_id)
        begun = booking.asked(place.room if place else rooms[room_id], live.school_id)
        place = place or Seat(room_id=room_id, state=begun)
        place.teacher_id = teacher_id
        unsaid = amended.widened and place.state == SeatState.CONFIRMED
        if amended.moved or unsaid:
            place.state, place.declined_because = begun, ""
        if unsaid and begun is SeatState.ASKED:
            anew.append(place)
        seats.append(place)
    live.seats = seats
    return anew
