"""What is kept of a class is read by whom the class is for, and by no classroom's device; notes and
forms by fewer: whatever the class."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from sqlalchemy.orm import Session

from tests.services.classes.observing.test_observe import STARS
from tests.services.house import PEOPLE, House, person, session_cookie
from tests.services.live.test_audience import HEADS, ROOMS, Plan, _book, plans, seats_of, seen_by
from tongke.classes.models import LiveClass
from tongke.observation import forms
from tongke.observation.forms import Opened, Written
from tongke.observation.rubrics import DEFAULT

SHOWING = (
    "/classes/{id}/after",
    "/classes/{id}/attendance.xlsx",
    "/api/v1/classes/{id}/attendance",
    "/api/v1/classes/{id}/cues",
    "/api/v1/classes/{id}/results",
)
NOTES = "/api/v1/classes/{id}/notes"
OBSERVE = "/classes/{id}/observe"
# Whoever writes a form sees the class; the county's officer sees every one of school 1.
OBSERVER = "county"


def sees_forms(plan: Plan) -> set[str]:
    """In sentences: her who teaches, and the heads of the schools that take part."""
    schools = {1, *(ROOMS[room] for room, _ in seats_of(plan))}
    return {plan.teacher, OBSERVER} | {head for school in schools for head in HEADS[school]}


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=plans)
async def test_it_is_read_by_exactly_whom_it_is_for(house: House, plan: Plan) -> None:
    number = await house.ground.database.write(_book, house, plan)
    form = await house.ground.database.write(_sent, house, number)
    device = await session_cookie(house, "room")
    beside = {teacher for _, teacher in seats_of(plan)} - {plan.teacher}
    for name in PEOPLE:
        seen = name in seen_by(plan) and name != "room"
        wanted = dict.fromkeys(SHOWING, seen)
        wanted[NOTES] = seen and name not in beside
        wanted[OBSERVE] = seen and name != plan.teacher
        wanted[f"/observations/{form}"] = name in sees_forms(plan)
        for path, allowed in wanted.items():
            cookies = device if name == "room" else None
            asked = "" if name == "room" else name
            answer = await house.ask(asked, "GET", path.format(id=number), cookies=cookies)
            refused = 403 if path == OBSERVE and name == plan.teacher else 404
            assert answer.status == (200 if allowed else refused), (name, path)
        if name != "room":
            replied = await house.ask(name, "POST", f"/observations/{form}/reply", data={})
            expected = 422 if name == plan.teacher else 403 if name in sees_forms(plan) else 404
            assert replied.status == expected, name
            if not seen:
                posted = await house.ask(name, "POST", OBSERVE.format(id=number), data=STARS)
                assert posted.status == 404, name


def _sent(session: Session, house: House, class_id: int) -> int:
    session.get_one(LiveClass, class_id).state = "running"
    names = [item["name"] for item in DEFAULT]
    written, opened = Written(dict.fromkeys(names, 4)), Opened(names, "")
    viewer = person(session, house, OBSERVER)
    form = forms.keep(session, viewer, class_id, written, opened, send=True)
    session.get_one(LiveClass, class_id).state = "booked"
    session.flush()
    return form.id


async def test_every_route_of_what_is_kept_is_walked(house: House) -> None:
    """A new one has to be added above."""
    app = house.client.server.app  # type: ignore[attr-defined]
    named = {
        route.resource.canonical
        for route in app.router.routes()
        if route.resource and any(part in route.resource.canonical for part in OURS)
    }
    assert named == {*SHOWING, NOTES, OBSERVE, *OF_FORMS}


OURS = ("/after", "/attendance", "/cues", "/notes", "/results", "/observ")
OF_FORMS = {"/observations", "/observations/{id}", "/observations/{id}/reply"}
