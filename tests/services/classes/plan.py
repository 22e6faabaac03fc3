"""A small plan in the small world: rooms of both schools, an administrator on either side, bell
times of school 1, and what its pages are asked as a browser asks them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from aiohttp import ClientResponse
from sqlalchemy import text
from sqlalchemy.orm import Session

from services.http.identity import csrf_token
from services.web.formats import Formats
from services.web.i18n import translations
from tests.services.house import House, session_cookie
from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.plan import tokens
from tongke.classes.plan_models import SchoolTimes
from tongke.people.models import Role, Room

PERIODS = [[1, "08:00", "08:40"], [2, "08:50", "09:30"], [3, "10:00", "10:40"]]


def arrange(session: Session, house: House) -> None:
    """long comes from school 3 to look after school 2."""
    session.add(Room(id=1, school_id=1, name="录播教室"))
    session.add(Room(id=2, school_id=2, name="七（2）班", account_id=house.ids["room"]))
    session.add(Room(id=3, school_id=3, name="八（1）班"))
    session.add(Room(id=4, school_id=2, name="七（3）班"))
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        # It does not count numbers that it was given.
        session.execute(text("SELECT setval(pg_get_serial_sequence('room', 'id'), 4)"))
    session.add(Role(account_id=house.ids["long"], name="school_admin", school_id=2))
    today = clock.today()
    session.add(
        SchoolTimes(
            school_id=1,
            periods=PERIODS,
            first_day=today - timedelta(days=20),
            last_day=today + timedelta(days=40),
            holidays=[],
            make_up={},
            updated_at=clock.now(),
        )
    )


def day_ahead(days: int = 3) -> date:
    return clock.today() + timedelta(days=days)


def said(day: date) -> str:
    """As a page says a day."""
    return Formats("zh", translations("zh"), clock.now).long_day(day)


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute, second), clock.CHINA)


def form(house: House, **more: Any) -> dict[str, Any]:
    """A booking as its form sends it: the second period, in three days, with a partner's room."""
    return {
        "title": "有理数的加法", "mode": "interactive", "purpose": "lesson",
        "teacher": str(house.ids["zhou"]), "room": "1", "day": day_ahead().isoformat(),
        "period": "2", "repeat": "once", "seat": "2", "rooms_seen": "1", **more,
    }  # fmt: skip


async def booked(house: House, name: str = "zhou", **more: Any) -> int:
    """The class that was booked by the form."""
    answer = await house.ask(name, "POST", "/classes/new", data=form(house, **more))
    assert answer.status == 303, await answer.text()
    found = re.match(r"/classes/(\d+)\?", answer.headers["Location"])
    assert found
    return int(found[1])


async def page(house: House, name: str, path: str, status: int = 200) -> str:
    answer = await house.ask(name, "GET", path)
    text = await answer.text()
    assert answer.status == status, text
    return text


async def send(house: House, who: str, path: str, **values: Any) -> ClientResponse:
    """A form that only a session may send."""
    cookies = await session_cookie(house, who)
    sent = {"csrf_token": csrf_token(cookies["tongke"]), **values}
    return await house.ask("", "POST", path, data=sent, cookies=cookies)


async def hold_alone(house: House, class_id: int) -> None:
    """The class has no receiving classroom any more: it is its own school's alone."""

    def alone(session: Session) -> None:
        live = session.get_one(LiveClass, class_id)
        live.seats.clear()
        session.flush()
        tokens.carry(session, live, ())

    await house.ground.database.write(alone)
