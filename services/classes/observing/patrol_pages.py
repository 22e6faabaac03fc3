"""The patrol (巡课): today's classes in reach and how they go, renewed every few seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.call import Call
from services.web.page import Pages, show
from services.web.views.patrol import AwayState, PatrolCard, PatrolPart, PatrolView, RoomSeen
from tongke import clock
from tongke.classes.after import attending
from tongke.classes.after.outcome import Outcome, in_lists
from tongke.classes.models import LiveClass, Seat
from tongke.classes.queries import seats_in_order
from tongke.classes.running import patrol
from tongke.classes.running.patrol import News, PatrolState, Watched
from tongke.classes.vocabulary import Purpose, SeatState
from tongke.live.state import ClassState
from tongke.live.vocabulary import Level
from tongke.people.audience import Viewer

pages = Pages()

WATCHED: Final = web.AppKey("watched", Watched)
# What is said of a room that is not there.
_AWAY: Final[Mapping[SeatState, AwayState]] = {
    SeatState.CONFIRMED: "away",
    SeatState.DECLINED: "declined",
    SeatState.ASKED: "unanswered",
}
# What is looked at first; the others are a list below.
NOW: Final = (PatrolState.LATE, PatrolState.RUNNING, PatrolState.DUE, PatrolState.MISSED)
REST: Final = (PatrolState.SOON, PatrolState.LATER, PatrolState.ENDED, PatrolState.CANCELLED)


@pages.get("/patrol")
async def patrol_page(call: Call) -> web.StreamResponse:
    return await show(call, await _looked(call, PatrolView))


@pages.get("/patrol/now")
async def patrol_now(call: Call) -> web.StreamResponse:
    """What the page's script puts in the place of what it shows."""
    return await show(call, await _looked(call, PatrolPart))


async def _looked(call: Call, view: type[PatrolView]) -> PatrolView:
    patrol.check(call.viewer)
    now = clock.now()
    watched = call.request.app[WATCHED]
    found, heard, became = await call.read(_read, call.viewer, now, watched)
    watched.take(heard)
    cards = [_card(live, watched.state(live.id), now, became.get(live.id)) for live in found]
    return view(
        at=now,
        now=tuple(card for place in NOW for card in cards if card.standing is place),
        rest=tuple(card for place in REST for card in cards if card.standing is place),
        counts=Counter(card.standing for card in cards),
    )


def _read(
    session: Session, viewer: Viewer, now: datetime, watched: Watched
) -> tuple[list[LiveClass], Mapping[int, News], Mapping[int, Outcome]]:
    found = patrol.of_today(session, viewer, now)
    running = [live.id for live in found if patrol.state_at(live, now) is PatrolState.RUNNING]
    news = patrol.news(session, watched.known(running))
    return found, news, attending.outcomes(session, found, now)


def _card(live: LiveClass, state: ClassState, now: datetime, became: Outcome | None) -> PatrolCard:
    return PatrolCard(
        id=live.id,
        title=live.title,
        subject=live.subject,
        grade=live.grade,
        teacher=live.teacher.name,
        school=live.school.name,
        begins_at=live.begins_at,
        ends_at=live.ends_at,
        standing=patrol.state_at(live, now),
        minutes_late=patrol.minutes_late(live, now),
        publishing=state.publishing,
        layout=state.stage.layout,
        rooms=tuple(_room(seat, state) for seat in seats_in_order(live)),
        cancelled_because=live.cancelled_because,
        outcome=in_lists(became),
        trainees=_trainees(live, state),
    )


def _trainees(live: LiveClass, state: ClassState) -> int | None:
    if live.purpose != Purpose.TRAINING:
        return None
    return sum(bool(each.connection) for each in state.trainees.values())


def _room(seat: Seat, state: ClassState) -> RoomSeen:
    """A booked room. One that knocked and was let in beside them is no part of the plan."""
    known = state.rooms.get(str(seat.room_id))
    present = known is not None and bool(known.connection) and known.admitted
    was_there = known is not None and known.gone_ms is not None
    return RoomSeen(
        seat.room.name,
        seat.room.school.name,
        "present" if present else "away" if was_there else _AWAY[SeatState(seat.state)],
        known.heads if known else None,
        str(seat.room_id) in state.stage.speaking,
        known is not None and known.level is not Level.FULL,
    )


def mount(app: web.Application) -> None:
    app[WATCHED] = Watched()
    pages.mount(app)
