"""For random worlds, what a viewer gets by any route is exactly what the rule allows.

Every route that names a resource is either walked here or listed with where it is.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.app import create_app
from tests.databases import Databases
from tests.services.house import AGREEMENT, PEOPLE, House, populate
from tests.services.random_worlds import Plan, Thing, plans, sees
from tongke import bootstrap, clock
from tongke.library import resources
from tongke.library.models import Resource, Review
from tongke.people.models import Account, Agreement, Role
from tongke.settings import Settings
from workers import indexing

# Signs in by nobody's token: the room's own device is asked through a session elsewhere.
VIEWERS = tuple(name for name in PEOPLE if name != "room")


@hypothesis_settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(plan=plans)
def test_every_route_shows_what_the_rule_allows(
    plan: Plan, valkey: str, databases: Databases
) -> None:
    """Each example has an installation of its own."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_live_through(plan, valkey, databases, Path(folder)))


async def _live_through(plan: Plan, valkey: str, databases: Databases, folder: Path) -> None:
    ground = bootstrap.build(
        Settings(
            _env_file=None,
            data_dir=folder,
            database_url=databases.of_an_installation(folder),
            bus_url=valkey,
            min_free_bytes=0,
        )
    )
    people, tokens = await ground.database.write(populate)
    async with TestClient(TestServer(create_app(ground))) as client:
        house = House(ground, client, people, tokens)
        numbers = [await _make(house, index, thing) for index, thing in enumerate(plan.things)]
        await ground.database.write(_happen, house, plan)
        await indexing.catch_up(ground)
        for name in VIEWERS:
            allowed = {
                number
                for number, thing in zip(numbers, plan.things, strict=True)
                if sees(plan, name, thing)
            }
            await _check_one_by_one(house, plan, name, numbers, allowed)
            await _check_lists(house, plan, name, numbers, allowed)
    await ground.close()


async def _make(house: House, index: int, thing: Thing) -> int:
    number = await house.publish(thing.author, thing.wanted, title=title(index), unit="共同的单元")
    await house.ground.database.write(_become, number, thing)
    return number


def title(index: int) -> str:
    """A title that no other page says anything like."""
    return f"独有题目{'甲乙丙丁戊己'[index]}号"


def _become(session: Session, number: int, thing: Thing) -> None:
    resource = session.get_one(Resource, number)
    if thing.approved:
        for review in session.scalars(select(Review).where(Review.resource_id == number)):
            review.state = "approved"
            resource.grants.append(resources.Grant(token=review.token))
    if not thing.viewable:
        resource.viewable_at = None
    if thing.deleted:
        resource.deleted_at = clock.now()
    resources.settle(session, resource)


def _happen(session: Session, house: House, plan: Plan) -> None:
    agreement = session.get_one(Agreement, AGREEMENT)
    today = clock.today()
    if plan.agreement == "ended":
        agreement.active = False
    elif plan.agreement == "over":
        agreement.ends_on = today - timedelta(days=1)
    elif plan.agreement == "not yet":
        # Nor does it when midnight comes meanwhile.
        agreement.starts_on = today + timedelta(days=2)
    if plan.disabled:
        session.get_one(Account, house.ids[plan.disabled]).disabled_at = clock.now()
    if plan.moved:
        for role in session.scalars(select(Role).where(Role.account_id == house.ids[plan.moved])):
            session.delete(role)


# Routes that show a resource, or something of it, to whoever may see it.
SHOWING = (
    "/resources/{id}",
    "/api/v1/resources/{id}",
    "/api/v1/resources/{id}/media",
    "/media/{id}/master.m3u8",
    "/media/{id}/sound.m3u8",
    "/media/{id}/a1-1/720p.m3u8",
    "/media/{id}/a1-1/720p/1.m4s",
    "/media/{id}/a1-1/poster.jpg",
    "/media/{id}/a1-1/storyboard.vtt",
    "/media/{id}/a1-1/page-1.webp",
    "/resources/{id}/download/video",
)
# What a proxy asks before it hands out a thing of its own; it knows two refusals only.
ADMISSION = "/media/{id}/admission"
# Routes for some of those who may see it: others of them are told so (403).
FOR_SOME = (
    ("GET", "/resources/{id}/edit", None),
    ("GET", "/api/v1/resources/{id}/jobs", None),
    ("PATCH", "/api/v1/resources/{id}", {}),
    ("GET", "/resources/{id}/download/original", None),
)
# Routes that change or keep something; to who may not see it they do not exist.
CHANGING = (
    ("DELETE", "/api/v1/resources/{id}", None),
    ("PUT", "/api/v1/resources/{id}/position", {"seconds": 1}),
    ("POST", "/api/v1/resources/{id}/position", {"seconds": 1}),
    ("POST", "/resources/{id}/edit", None),
    ("POST", "/resources/{id}/delete", None),
)
# Only its author may bring a deleted one back: tests/library/test_resources.py.
ELSEWHERE = {"/api/v1/resources/{id}/restore", "/resources/{id}/restore"}


async def _check_one_by_one(
    house: House, plan: Plan, name: str, numbers: list[int], allowed: set[int]
) -> None:
    outside = 401 if name == plan.disabled else 404
    for number in numbers:
        sees_it = number in allowed
        for path in SHOWING:
            response = await house.ask(name, "GET", path.format(id=number))
            expected = {200} if sees_it else {outside, 303 if outside == 401 else 404}
            assert response.status in expected, (name, path, response.status)
        admitted = await house.ask(name, "GET", ADMISSION.format(id=number))
        refused = 401 if name == plan.disabled else 403
        assert admitted.status == (204 if sees_it else refused), (name, ADMISSION)
        for method, path, body in FOR_SOME:
            response = await house.ask(name, method, path.format(id=number), json=body)
            ok = {200, 403, 404} if "original" in path else {200, 403}
            expected = ok if sees_it else {outside, 303 if outside == 401 else 404}
            assert response.status in expected, (name, path, response.status)
        if not sees_it:
            for method, path, body in CHANGING:
                response = await house.ask(name, method, path.format(id=number), json=body)
                assert response.status == outside, (name, method, path, response.status)


# Pages that show some of what one may see: the newest, one's own, what waits for one's decision.
PARTLY = ("/", "/mine", "/review")


async def _check_lists(
    house: House, plan: Plan, name: str, numbers: list[int], allowed: set[int]
) -> None:
    if name == plan.disabled:
        for path in ("/api/v1/resources", "/api/v1/search", "/api/v1/search/suggest?q=独有"):
            assert (await house.ask(name, "GET", path)).status == 401
        return
    listed = await house.json(name, "GET", "/api/v1/resources?limit=100")
    assert {item["id"] for item in listed["items"]} == allowed
    # What cannot be looked at yet is in its author's list, and in nobody's search.
    findable = {
        number
        for number, thing in zip(numbers, plan.things, strict=True)
        if thing.viewable and number in allowed
    }
    for query in ("", "独有题目", "共同的单元", "正文里说的话"):
        found = await house.json(name, "GET", "/api/v1/search", params={"q": query})
        seen = {item["resource"]["id"] for item in found["items"]}
        assert seen == (findable if query != "正文里说的话" else seen & findable), (name, query)
        assert found["total"] == len(seen)
        for values in found["facets"].values():
            assert all(0 < value["count"] <= len(seen) for value in values), values
        if not seen:
            assert not any(found["facets"].values())
            assert not found["relaxed"]
    suggested = await house.json(name, "GET", "/api/v1/search/suggest?q=独有题目&limit=20")
    titles = {title(numbers.index(number)) for number in findable}
    assert {item["text"] for item in suggested["items"]} == titles
    waiting = await house.json(name, "GET", "/api/v1/reviews")
    assert {item["resource"]["id"] for item in waiting["items"]} <= allowed
    for path in ("/library", "/library?q=独有题目", *PARTLY):
        text = await (await house.ask(name, "GET", path)).text()
        for index, number in enumerate(numbers):
            shown = title(index) in text.replace("<mark>", "").replace("</mark>", "")
            assert not shown or number in allowed, (name, path)
            assert shown or number not in findable or path in PARTLY, (name, path)


async def test_every_route_that_names_a_resource_is_walked(house: House) -> None:
    """A new one has to be added above."""
    known = {path for path in SHOWING if not path.startswith("/media")} | ELSEWHERE
    known |= {path for _, path, _ in (*FOR_SOME, *CHANGING)}
    known |= {"/media/{id}/{name}", "/resources/{id}/download/{kind}", ADMISSION}
    app = house.client.server.app  # type: ignore[attr-defined]
    named = {
        route.resource.canonical
        for route in app.router.routes()
        if route.resource
        and ("/resources/{id" in route.resource.canonical or "/media/" in route.resource.canonical)
    }
    assert named - known == set()


async def test_nobody_gets_in_without_signing_in(house: House) -> None:
    number = await house.publish("zhou", ["school:1"])
    for path in SHOWING:
        response = await house.ask("", "GET", path.format(id=number))
        assert response.status in {401, 303}, path


@pytest.mark.parametrize("path", ["/media/1/../2/x", "/media/1/a1-1/%2e%2e/%2e%2e/x", "/media/x/y"])
async def test_addresses_lead_nowhere_else(house: House, path: str) -> None:
    await house.publish("zhou", ["school:1"])
    assert (await house.ask("zhou", "GET", path)).status in {400, 404}
