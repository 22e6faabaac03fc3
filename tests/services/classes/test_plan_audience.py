"""Every route of the plan that shows a class shows it to exactly whom it is for."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from tests.services.house import PEOPLE, House, session_cookie
from tests.services.live.test_audience import Plan, _book, plans, seen_by
from tongke.classes.models import LiveClass
from tongke.classes.times.week import Week
from tongke.clock import CHINA

# To who may see it: 200, or, where it is for some of those, 403 or 409.
SHOWING = ("/classes/{id}", "/api/v1/classes/{id}")
FOR_SOME = (
    ("GET", "/classes/{id}/edit", {}),
    ("POST", "/classes/{id}/edit", {}),
    ("GET", "/classes/{id}/materials", {}),
    ("POST", "/classes/{id}/materials", {}),
    ("POST", "/classes/{id}/cancel", {"because": "停课"}),
    ("POST", "/classes/{id}/seats/3/confirm", {}),
    ("POST", "/classes/{id}/seats/3/decline", {}),
    ("PUT", "/api/v1/classes/{id}/seats/3", {"state": "confirmed"}),
)
# What PATCH wants to be told, so that only the right to it is asked.
WHOLE = {
    "title": "课",
    "begins_at": "2030-01-01T08:00:00+08:00",
    "ends_at": "2030-01-01T08:40:00+08:00",
}
# What changes a class over JSON, by who may see it and may not do that.
CHANGING = (
    ("PATCH", "/api/v1/classes/{id}", WHOLE),
    ("POST", "/api/v1/classes/{id}/materials", {"materials": [1]}),
    ("POST", "/api/v1/classes/{id}/start", None),
    ("POST", "/api/v1/classes/{id}/confirm", {}),
    ("POST", "/api/v1/classes/{id}/phone-code", None),
    ("POST", "/api/v1/classes/{id}/end", None),
    ("POST", "/api/v1/classes/{id}/cancel", {"because": "停课"}),
)


@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=plans)
async def test_a_class_of_the_plan_is_seen_by_exactly_whom_it_is_for(
    house: House, plan: Plan
) -> None:
    number = await house.ground.database.write(_book, house, plan)
    live = await house.ground.database.read(lambda session: session.get_one(LiveClass, number))
    week = Week.of(live.begins_at.astimezone(CHINA).date())
    device = await session_cookie(house, "room")
    seen = set()
    for name in PEOPLE:
        cookies = device if name == "room" else None
        asked = "" if name == "room" else name
        answers = {
            (await house.ask(asked, "GET", path.format(id=number), cookies=cookies)).status
            for path in SHOWING
        }
        assert len(answers) == 1, (name, answers)
        sees = answers == {200}
        if sees:
            seen.add(name)
        if name == "room":
            continue
        shown = await house.ask(name, "GET", f"/timetable?week={week}")
        assert (f'href="/classes/{number}"' in await shown.text()) is sees, name
        if not sees:
            await _finds_nothing(house, name, number)
    assert seen == seen_by(plan)


async def _finds_nothing(house: House, name: str, number: int) -> None:
    for method, path, body in FOR_SOME:
        sent = {"json": body} if "api" in path else {"data": body}
        answer = await house.ask(name, method, path.format(id=number), **sent)
        assert answer.status == 404, (name, path)
    for method, path, whole in CHANGING:
        answer = await house.ask(name, method, path.format(id=number), json=whole)
        assert answer.status == 404, (name, path)


# Routes of other subjects that name a class have their own tests.
ELSEWHERE = ("/lead", "/watch", "/observe", "/after", "/attendance", "/results", "/notes", "/cues")


async def test_every_route_of_the_plan_that_names_a_class_is_walked(house: House) -> None:
    """A new one has to be added above."""
    app = house.client.server.app  # type: ignore[attr-defined]
    walked = set(SHOWING) | {path for _, path, _ in (*FOR_SOME, *CHANGING)}
    walked = {path.replace("/seats/3", "/seats/{room}") for path in walked}
    named = {
        route.resource.canonical
        for route in app.router.routes()
        if route.resource
        and "/classes/{id}" in route.resource.canonical
        and not any(part in route.resource.canonical for part in ELSEWHERE)
    }
    assert named == walked


@pytest.mark.parametrize(
    "path",
    ["/timetable", "/classes/new", "/rooms", "/school/times", "/school/recording", "/notices"],
)
async def test_nobody_gets_in_without_signing_in(house: House, path: str) -> None:
    assert (await house.ask("", "GET", path)).status == 303
