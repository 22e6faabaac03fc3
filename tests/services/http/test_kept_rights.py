"""Who a session is is asked once, and what changes it works at the very next request."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, event
from sqlalchemy.orm import Session

from services.http.kept_rights import KEPT_RIGHTS
from tests.services.house import House, session_cookie
from tests.waiting import until_true
from tongke.people.audience import RoleName
from tongke.people.models import Account, LoginSession, Role
from tongke.storage.bus.port import Disconnected


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
    await house.ground.database.write(lambda session: session.execute(delete(LoginSession)))
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
