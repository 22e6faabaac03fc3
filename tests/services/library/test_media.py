"""Media: ranges and validators, rights without a lookup, and their end within a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from aiohttp import ClientResponse
from sqlalchemy import event
from sqlalchemy.orm import Session

from services.http.kept_rights import KEPT_RIGHTS, Asked, KeptRights
from tests.services.house import AGREEMENT, FILES, House, session_cookie
from tests.waiting import Stopwatch, until_true
from tongke import clock
from tongke.library.models import Resource
from tongke.people.models import Agreement, LoginSession, Role
from tongke.storage.bus.port import Connected, Disconnected

SEGMENT = "a1-1/720p/1.m4s"


@contextmanager
def statements(house: House) -> Iterator[list[str]]:
    """What the database is asked while the block runs."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    engine = house.ground.database.async_engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


async def watch(house: House, cookie: dict[str, str], number: int) -> ClientResponse:
    return await house.client.get(f"/media/{number}/{SEGMENT}", cookies=cookie)


async def until_connected(house: House) -> None:
    kept = house.client.server.app[KEPT_RIGHTS]  # type: ignore[attr-defined]
    await until_true(lambda: kept.connected)


@pytest.fixture
async def shared(house: House) -> tuple[dict[str, str], int]:
    """The cookie of a partner, and a lesson shared with the partner."""
    await until_connected(house)
    number = await house.publish("zhou", [f"agreement:{AGREEMENT}"])
    return await session_cookie(house, "xiang"), number


async def test_a_thousand_segments_cost_one_look_at_the_rights(
    house: House, shared: tuple[dict[str, str], int]
) -> None:
    cookie, number = shared
    # The word of the account that was just made may still be on its way.
    await until_true(lambda: _knows_without_asking(house, cookie, number))
    with statements(house) as seen:
        for _ in range(20):
            assert (await watch(house, cookie, number)).status == 200
    assert seen == []


async def _knows_without_asking(house: House, cookie: dict[str, str], number: int) -> bool:
    with statements(house) as seen:
        assert (await watch(house, cookie, number)).status == 200
    return not seen


async def _end_agreement(house: House) -> None:
    def end(session) -> None:  # type: ignore[no-untyped-def]
        session.get_one(Agreement, AGREEMENT).active = False

    await house.ground.database.write(end)


async def _over_yesterday(house: House) -> None:
    def end(session) -> None:  # type: ignore[no-untyped-def]
        session.get_one(Agreement, AGREEMENT).ends_on = clock.today() - timedelta(days=1)

    await house.ground.database.write(end)


async def _sign_out(house: House) -> None:
    def end(session) -> None:  # type: ignore[no-untyped-def]
        session.query(LoginSession).delete()

    await house.ground.database.write(end)


async def _lose_role(house: House) -> None:
    def end(session) -> None:  # type: ignore[no-untyped-def]
        session.query(Role).filter(Role.account_id == house.ids["xiang"]).delete()

    await house.ground.database.write(end)


@pytest.mark.parametrize("end", [_end_agreement, _over_yesterday, _sign_out, _lose_role])
async def test_a_right_that_ends_stops_the_next_segment_within_a_second(
    house: House, shared: tuple[dict[str, str], int], end: object
) -> None:
    cookie, number = shared
    assert (await watch(house, cookie, number)).status == 200
    await end(house)  # type: ignore[operator]
    since = Stopwatch()
    while (response := await watch(house, cookie, number)).status == 200:
        assert since.seconds() < 1.0
    assert response.status in {401, 404}


async def test_ranges_and_validators(house: House, shared: tuple[dict[str, str], int]) -> None:
    cookie, number = shared
    whole = FILES["720p/1.m4s"]
    path = f"/media/{number}/{SEGMENT}"

    async def ask(**headers: str) -> tuple[int, bytes, ClientResponse]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = await house.client.get(path, cookies=cookie, headers=named)
        return response.status, await response.read(), response

    status, body, response = await ask()
    assert (status, body) == (200, whole)
    assert "immutable" in response.headers["Cache-Control"]
    tag = response.headers["ETag"]
    assert (await ask(Range="bytes=0-9"))[:2] == (206, whole[:10])
    assert (await ask(Range="bytes=100-"))[:2] == (206, whole[100:])
    assert (await ask(Range="bytes=-7"))[:2] == (206, whole[-7:])
    assert (await ask(Range="bytes=5-999999"))[:2] == (206, whole[5:])
    refused = await ask(Range=f"bytes={len(whole)}-")
    assert refused[0] == 416
    assert refused[2].headers["Content-Range"] == f"bytes */{len(whole)}"
    assert (await ask(Range="lines=1-2"))[0] == 200
    assert (await ask(If_None_Match=tag))[0] == 304
    assert (await ask(Range="bytes=0-9", If_Range=tag))[0] == 206
    assert (await ask(Range="bytes=0-9", If_Range='"another"'))[:2] == (200, whole)
    head = await house.client.head(path, cookies=cookie)
    assert int(head.headers["Content-Length"]) == len(whole)


def test_verdicts_are_kept_only_while_the_bus_can_take_them_back() -> None:
    kept = KeptRights()

    def keep(asked: Asked) -> None:
        kept.keep("session", "resource:1", asked, rests_on=["resource:1"])

    keep(kept.asked())
    assert not kept.known("session", "resource:1")
    kept.hear(Connected())
    keep(kept.asked())
    assert kept.known("session", "resource:1")
    assert not kept.known("session", "resource:2")
    assert not kept.known("another", "resource:1")
    before = kept.asked()
    kept.forget()
    assert not kept.known("session", "resource:1")
    keep(before)
    assert not kept.known("session", "resource:1")
    keep(kept.asked())
    kept.hear(Disconnected())
    assert not kept.known("session", "resource:1")
    keep(kept.asked())
    assert not kept.known("session", "resource:1")


async def test_how_a_lesson_is_made_is_told_its_author_alone(house: House) -> None:
    """To others it is published, and the player knows that more qualities may come."""
    number = await house.publish("zhou", ["school:1"])

    def encoding(session: Session) -> None:
        session.get_one(Resource, number).state = "encoding"

    await house.ground.database.write(encoding)
    path = f"/api/v1/resources/{number}/media"
    mine, theirs = [await house.json(name, "GET", path) for name in ("zhou", "tang")]
    assert (mine["state"], mine["growing"]) == ("encoding", True)
    assert (theirs["state"], theirs["growing"]) == ("published", True)
    assert (await house.json("tang", "GET", f"/api/v1/resources/{number}"))["state"] == "published"
