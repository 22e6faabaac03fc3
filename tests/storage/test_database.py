"""The database: nothing acknowledged is lost, and times keep their zone."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from tests.databases import Databases, opened
from tests.sessions import reading, writing
from tests.waiting import LIMIT_S
from tongke import clock
from tongke.people.models import Account, Role
from tongke.storage import engines
from tongke.storage.database import Database, UtcDateTime
from tongke.storage.retrying import DatabaseBusy

WRITERS = 4
# Enough that four processes meet each other many times, few enough for a second's work.
WRITES_EACH = 50


@pytest.fixture
def url(databases: Databases) -> str:
    return databases.migrated()


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    found = Database(url)
    yield found
    await found.close()


def add_person(session: Session, username: str = "zhou") -> int:
    account = Account(username=username, name="0", created_at=clock.now())
    session.add(account)
    session.flush()
    return account.id


def count_up(session: Session) -> None:
    """Read, then write what was read: the pattern that loses updates where writers are not
    kept apart."""
    account = session.scalars(select(Account)).one()
    account.name = str(int(account.name) + 1)


def write_from_another_process(url: str, start: Any) -> None:
    database = Database(url)
    start.wait()
    asyncio.run(_write_on_loop(database))


async def _write_on_loop(database: Database) -> None:
    await asyncio.gather(*(database.write(count_up) for _ in range(WRITES_EACH)))
    await database.close()


def test_four_processes_that_write_at_once_lose_nothing(url: str) -> None:
    with opened(url) as database, writing(database) as session:
        add_person(session)
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(WRITERS)
    writers = [
        context.Process(target=write_from_another_process, args=(url, start))
        for _ in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(LIMIT_S)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    with opened(url) as database, reading(database) as session:
        assert session.scalars(select(Account.name)).one() == str(WRITERS * WRITES_EACH)


async def test_what_is_committed_is_synced(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("a server is set up by its operator")

    def pragmas(session: Session) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return {name: session.execute(text(f"PRAGMA {name}")).scalar() for name in names}

    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert await database.read(pragmas) == expected
    with reading(database) as session:
        assert pragmas(session) == expected


async def test_references_are_checked(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await database.write(lambda s: s.add(Role(account_id=404, name="teacher")))


async def test_a_command_that_raises_leaves_nothing(database: Database) -> None:
    def fail(session: Session) -> None:
        add_person(session)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.write(fail)
    assert await database.read(people) == []


async def test_hooks_hear_of_what_was_committed_and_of_nothing_else(database: Database) -> None:
    heard: list[list[str]] = []
    database.after_commit.append(lambda _: heard.append(committed_people(database)))

    def fail(session: Session) -> None:
        add_person(session, "nobody")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.write(fail)
    await database.read(people)
    await database.write(add_person)
    await database.write(add_person, "tang")
    assert heard == [["zhou"], ["zhou", "tang"]]


def people(session: Session) -> list[str]:
    return list(session.scalars(select(Account.username).order_by(Account.id)))


def committed_people(database: Database) -> list[str]:
    with reading(database) as session:
        return people(session)


async def test_a_cancelled_write_has_ended_when_its_caller_hears_of_it(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Cut short inside the driver, it would go on in a thread that nobody waits for."""
    loop, begun, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def slowly(session: Session) -> None:
        number = add_person(session)
        loop.call_soon(begun.set)
        session.execute(text(wait_here))
        session.execute(update(Account).where(Account.id == number).values(name="done"))

    # PostgreSQL waits by itself, long enough to be cancelled; SQLite until it is told.
    wait_here = "SELECT wait_here()" if database.is_sqlite else "SELECT pg_sleep(0.2)"
    if database.is_sqlite:
        await make_function(database, lambda: int(go_on.wait(LIMIT_S)))
    task = asyncio.create_task(database.write(slowly))
    await begun.wait()
    task.cancel()
    loop.call_later(0.05, go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await task
    with reading(database) as session:
        assert session.scalars(select(Account.name)).all() == ["done"]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def make_function(database: Database, function: Callable[[], int]) -> None:
    """Give the async face's connection an SQL function; its pool hands the same one out again."""
    async with database.async_engine.connect() as connection:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        await raw.driver_connection.create_function("wait_here", 0, function)


# Times


def test_a_time_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 9, 1, 8)  # noqa: DTZ001 - the mistake itself
    with pytest.raises(ValueError, match="without a zone"):
        UtcDateTime().process_bind_param(naive, sqlite.dialect())


@given(
    st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
)
def test_a_time_of_any_zone_comes_back_as_the_same_moment(local: datetime, minutes: int) -> None:
    moment = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    kind = UtcDateTime()
    bound = kind.process_bind_param(moment, sqlite.dialect())
    assert bound is not None
    # SQLite keeps the digits and forgets the zone.
    found = kind.process_result_value(bound.replace(tzinfo=None), sqlite.dialect())
    assert found == moment
    assert found.tzinfo is UTC


async def test_times_survive_the_database(database: Database) -> None:
    shanghai = datetime(2026, 9, 1, 8, 0, 0, 123456, tzinfo=clock.CHINA)

    def keep(session: Session) -> None:
        session.add(Account(username="zhou", name="0", created_at=shanghai))

    await database.write(keep)
    found = await database.read(lambda s: s.scalars(select(Account.created_at)).one())
    assert (found, found.tzinfo) == (shanghai, UTC)


async def test_what_waits_too_long_for_another_writer_is_told_that_it_is_busy(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked may ask again, as a lesson's segments do."""
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 50)
    monkeypatch.setattr(engines, "LOCK_TIMEOUT_MS", 50)
    database = Database(url)
    with opened(url) as other, writing(other) as session:
        add_person(session)
        for write in (database.write, database.write_alone):
            with pytest.raises(DatabaseBusy):
                await write(add_person)
        assert await database.read(lambda seen: seen.scalar(select(Account))) is None
    await database.write(add_person, "xiang")
    await database.close()


async def test_what_is_wrong_with_a_statement_is_not_called_busy_or_away(url: str) -> None:
    database = Database(url)
    for ask in (database.read, database.write, database.write_alone):
        with pytest.raises(DBAPIError):
            await ask(lambda session: session.execute(text("SELECT * FROM nothing")))
    await database.close()
