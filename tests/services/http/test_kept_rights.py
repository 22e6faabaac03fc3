"""Who a session is is asked once, and what changes it works at the very next request."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from services.http import kept_rights
from services.http.kept_rights import KEPT_RIGHTS, Asked, KeptRights
from tests.services.house import House, session_cookie
from tests.waiting import until_true
from tongke import clock, tasks
from tongke.classes.models import LiveClass
from tongke.people import sign_in
from tongke.people.audience import RoleName
from tongke.people.models import Account, Role
from tongke.storage.bus.errors import BusUnavailable
from tongke.storage.bus.port import Connected, Disconnected, Message
from tongke.storage.database import tell_of_rights
from tongke.tasks import RIGHTS_CHANNEL


class Statements:
    """What is said to the database."""

    def __init__(self, house: House) -> None:
        self.said: list[str] = []
        engine = house.ground.database.async_engine.sync_engine
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        self.said.append(statement)

    def of(self, table: str) -> int:
        return sum(f"FROM {table}" in statement for statement in self.said)


@pytest.fixture
async def cookie(house: House) -> dict[str, str]:
    kept = house.client.server.app[KEPT_RIGHTS]  # type: ignore[attr-defined]
    await until_true(lambda: kept.connected)
    return await session_cookie(house, "tang")


async def me(house: House, cookie: dict[str, str]) -> tuple[int, Any]:
    answer = await house.client.get("/api/v1/me", cookies=cookie)
    return answer.status, await answer.json()


async def test_a_session_is_looked_up_once(house: House, cookie: dict[str, str]) -> None:
    statements = Statements(house)
    for _ in range(9):
        assert (await me(house, cookie))[0] == 200
    # The bus's word of the account that was made for this test may come in between.
    assert statements.of("login_session") <= 2
    assert statements.of("region") <= 2


async def test_what_makes_somebody_is_seen_at_once(house: House, cookie: dict[str, str]) -> None:
    number = house.ids["tang"]

    def rename(session: Session) -> None:
        session.get_one(Account, number).name = "唐校长"

    def give_role(session: Session) -> None:
        session.add(Role(account_id=number, name=RoleName.SCHOOL_ADMIN, school_id=1))

    seen = [await me(house, cookie)]
    for change in (rename, give_role):
        await house.ground.database.write(change)
        seen.append(await me(house, cookie))
    assert len({str(each) for each in seen}) == 3


async def test_an_ended_session_is_nobody_at_once(house: House, cookie: dict[str, str]) -> None:
    assert (await me(house, cookie))[0] == 200
    await house.ground.database.write(sign_in.end_sessions, house.ids["tang"])
    assert (await me(house, cookie))[0] == 401


async def test_nothing_is_kept_while_the_bus_is_away(
    house: House, cookie: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = house.client.server.app[KEPT_RIGHTS]  # type: ignore[attr-defined]
    kept.hear(Disconnected())
    # A late word of the sign-in would tell it that the bus is there, as it is.
    monkeypatch.setattr(kept, "hear", lambda event: None)
    statements = Statements(house)
    for _ in range(2):
        await me(house, cookie)
    assert statements.of("login_session") == 2


async def test_what_is_about_one_class_has_nobody_else_asked_about_anew(
    house: House, running: int
) -> None:
    kept = house.client.server.app[KEPT_RIGHTS]  # type: ignore[attr-defined]
    await until_true(lambda: kept.connected)
    await house.ground.hints.drain()
    of_this, of_another = [(f"class:{n}", f"lines/{n}") for n in (running, running + 1)]

    async def told(**values: object) -> list[bool]:
        def write(session: Session) -> None:
            live = session.get_one(LiveClass, running)
            for name, value in values.items():
                setattr(live, name, value)

        before = kept.epoch
        await house.ground.database.write(write)
        things = (*of_this, *of_another)
        return [kept.changed_since(before, [thing]) for thing in things]

    assert await told(title="有理数的减法", delay_ms=1000) == [False] * 4
    changed = await told(title="有理数的乘法", teacher_id=house.ids["head"])
    assert changed == [True, True, False, False]


def word(said: bytes) -> Message:
    return Message(RIGHTS_CHANNEL, said)


THINGS = ("class:7", "class:8", "who")
# What each rests on besides the session's own.
OF_SESSION = ("credential/session", "account/1")


def keep(kept: KeptRights, thing: str, asked: Asked) -> None:
    kept.keep("session", thing, asked, rests_on=(thing, *OF_SESSION))


def kept_of_three() -> KeptRights:
    kept = KeptRights()
    kept.hear(Connected())
    for thing in THINGS:
        keep(kept, thing, kept.asked())
    return kept


def known(kept: KeptRights) -> set[str]:
    return {thing for thing in THINGS if kept.known("session", thing)}


def test_a_change_of_one_thing_ends_what_was_kept_of_that_alone() -> None:
    kept = kept_of_three()
    before = kept.asked()
    kept.hear(word(b"class:7"))
    assert known(kept) == {"class:8", "who"}
    keep(kept, "class:7", before)
    assert known(kept) == {"class:8", "who"}, "it was asked before the change"
    keep(kept, "class:8", before)
    keep(kept, "class:7", kept.asked())
    assert known(kept) == set(THINGS)


@pytest.mark.parametrize("of", OF_SESSION)
def test_a_session_that_ends_takes_all_of_its_own_with_it(of: str) -> None:
    kept = kept_of_three()
    before = kept.asked()
    kept.keep("another", "class:7", before, rests_on=("class:7", "credential/another", "account/2"))
    kept.hear(word(of.encode()))
    for thing in THINGS:
        keep(kept, thing, before)
    assert not known(kept)
    assert kept.known("another", "class:7")


@pytest.mark.parametrize("said", [b"", b"0123456789abcdef"])
def test_any_other_change_ends_all_of_it(said: bytes) -> None:
    kept = kept_of_three()
    kept.hear(word(b"class:7"))
    before = kept.asked()
    kept.hear(word(said))
    for thing in THINGS:
        keep(kept, thing, before)
    assert not known(kept)


def test_more_things_than_can_be_told_apart_are_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_rights, "MOST_THINGS", 50)
    kept = kept_of_three()
    before = kept.asked()
    kept.hear(word(b"class:7"))
    for number in range(50):
        kept.hear(word(f"account/{number}".encode()))
    keep(kept, "class:7", before)
    assert not known(kept)
    assert len(kept._epochs) <= 50


def test_what_has_ended_or_run_out_takes_no_room() -> None:
    """An officer of a province is sixty kilobytes, and may sign in and out all day."""
    now = [1_000.0]
    kept = KeptRights(lambda: now[0])
    kept.hear(Connected())

    def held() -> int:
        return sum(len(things) for part in (kept._kept, kept._before) for things in part.values())

    def look(session: str) -> None:
        kept.keep(session, "who", kept.asked(), rests_on=(f"credential/{session}",))

    for number in range(100):
        look(f"{number}")
        kept.hear(word(f"credential/{number}".encode()))
    assert held() == 0
    for _ in range(10):
        for number in range(100):
            look(f"{now[0]} {number}")
        now[0] += kept_rights.KEPT_S / 2
    assert held() <= 400


def test_it_is_kept_for_a_minute_and_no_more_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_rights, "MOST_KEPT", 10)
    now = [1_000.0]
    kept = KeptRights(lambda: now[0])
    kept.hear(Connected())
    for number in range(95):
        kept.keep(f"{number}", "who", kept.asked(), rests_on=())
    last = [number for number in range(95) if kept.known(f"{number}", "who")]
    assert last == [*range(80, 95)]
    now[0] += kept_rights.KEPT_S - 1
    kept.keep("later", "who", kept.asked(), rests_on=())
    assert kept.known("94", "who")
    now[0] += 1
    assert not kept.known("94", "who")
    assert kept.known("later", "who")


def test_what_was_found_out_ends_with_the_day_in_hunan(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    kept = KeptRights(lambda: now[0])
    kept.hear(Connected())
    # Eight seconds before midnight there, where it is afternoon in UTC.
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 30, 15, 59, 52, tzinfo=UTC))
    asked = kept.asked()
    now[0] += 5
    keep(kept, "class:7", asked)
    now[0] += 2.9
    assert kept.known("session", "class:7")
    now[0] += 0.2
    assert not kept.known("session", "class:7")
    keep(kept, "class:7", asked)
    assert not kept.known("session", "class:7"), "it was asked the day before"


async def test_a_change_of_one_class_is_told_to_every_process_as_that(
    house: House, cookie: dict[str, str]
) -> None:
    kept = house.client.server.app[KEPT_RIGHTS]  # type: ignore[attr-defined]
    async with house.ground.bus.subscribe(RIGHTS_CHANNEL) as events:
        assert isinstance(await anext(events), Connected)
        # What was said of the account that was made for this test has been heard after that.
        await house.ground.hints.drain()
        before = kept.epoch
        await house.ground.bus.publish(RIGHTS_CHANNEL, b"last")
        while await anext(events) != word(b"last"):
            pass
        await until_true(lambda: kept.changed_since(before, ()))
        before = kept.epoch
        await house.ground.database.write(tell_of_rights, "class:7")
        assert kept.epoch > before, "its own changes it knows at once"
        assert await anext(events) == word(b"class:7")
    assert not kept.changed_since(before, ())


async def test_what_could_not_be_told_is_told_once_the_bus_is_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may have kept its line to the bus, and goes on by what it found out."""
    monkeypatch.setattr(tasks, "TOLD_LATE_EVERY_S", 0.05)
    bus, attempts = house.ground.bus, 0
    publish = bus.publish

    async def refuse(channel: str, data: bytes) -> None:
        nonlocal attempts
        attempts += channel == RIGHTS_CHANNEL
        if attempts < 4:
            raise BusUnavailable
        await publish(channel, data)

    async with bus.subscribe(RIGHTS_CHANNEL) as events:
        assert isinstance(await anext(events), Connected)
        await house.ground.hints.drain()
        await bus.publish(RIGHTS_CHANNEL, b"last")
        while await anext(events) != word(b"last"):
            pass
        monkeypatch.setattr(bus, "publish", refuse)
        await house.ground.database.write(tell_of_rights, "class:7")
        said = await anext(events)
    assert isinstance(said, Message) and not kept_rights._OF_ONE.match(said.data)
    assert attempts == 4
