"""Every address there is, tried by nobody and by a classroom's screen: a new one that lets either
in has to be named here, by somebody who has thought about it."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from tests.services.house import House, session_cookie
from tongke.people.models import Room

# Who is in already is led on from them; a screen so from the home page.
DOORS = {"/sign-in", "/room/in"}
# What the whole world may open: the doors, and what is said of the service itself.
OPEN_TO_ANYBODY = DOORS | {
    "/slip", "/q", "/api/docs", "/api/v1/openapi.json", "/healthz", "/readyz", "/metrics",
}  # fmt: skip
# Besides, to a screen before pupils: what it shows, its own settings and notices, and pages that
# hold nothing for it.
OPEN_TO_A_SCREEN = {
    "/room", "/library", "/mine", "/notices", "/settings", "/timetable", "/review", "/compare",
    "/observations",
    "/api/v1/classes", "/api/v1/me", "/api/v1/me/sessions", "/api/v1/me/tokens", "/api/v1/notices",
    "/api/v1/regions", "/api/v1/resources", "/api/v1/reviews", "/api/v1/room",
    "/api/v1/room-groups", "/api/v1/rooms", "/api/v1/schools", "/api/v1/search",
    "/api/v1/search/suggest", "/api/v1/uploads",
}  # fmt: skip


def addresses(house: House) -> list[str]:
    """Each address that is read, every number in it a 1."""
    found = set()
    for route in house.client.server.app.router.routes():  # type: ignore[attr-defined]
        if route.method == "GET" and not route.resource.canonical.startswith("/static"):
            path = re.sub(r"\{id:[^}]*\}", "0" * 32, route.resource.canonical)
            found.add(re.sub(r"\{\w+(:[^}]*)?\}", "1", path))
    return sorted(found)


async def opened(house: House, cookies: dict[str, str] | None = None) -> set[str]:
    """The addresses that are shown, rather than refused or led away from."""
    shown = set()
    for path in addresses(house):
        answers = [await house.ask("", method, path, cookies=cookies) for method in ("GET", "HEAD")]
        # Who tries codes may have to wait before the next one.
        statuses = {answer.status for answer in answers} - {429}
        assert len(statuses) <= 1 and max(statuses, default=0) < 500, path
        if any(answer.status < 300 for answer in answers):
            shown.add(path)
    return shown


async def test_nobody_opens_anything_but_the_doors(house: House) -> None:
    assert await opened(house) == OPEN_TO_ANYBODY


def _add(session: Session, room: Room) -> None:
    session.add(room)


async def test_a_screen_before_pupils_opens_nothing_of_its_school(house: House) -> None:
    device = house.ids["room"]
    await house.ground.database.write(_add, Room(school_id=2, name="七（2）班", account_id=device))
    await house.publish("xiang", ["school:2", "everyone"], title="只给老师看的")
    cookies = await session_cookie(house, "room")
    shown = await opened(house, cookies)
    assert shown == (OPEN_TO_ANYBODY - DOORS) | OPEN_TO_A_SCREEN
    for path in shown:
        text = await (await house.ask("", "GET", path, cookies=cookies)).text()
        assert "只给老师看的" not in text, path
