"""What PostgreSQL refuses is run again, in a new session; what it cannot do is named."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import make_url, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from tests.databases import POSTGRESQL, Databases, opened
from tests.servers.ports import free_port
from tests.sessions import reading, writing
from tests.waiting import until_true
from tongke import clock
from tongke.errors import Invalid
from tongke.people.accounts import create_account
from tongke.people.models import Account
from tongke.storage import engines
from tongke.storage.database import Database
from tongke.storage.retrying import DatabaseAway, DatabaseBusy

# SQLite lets one writer in at a time: there is nothing to be run again.
DATABASES = [POSTGRESQL]


@pytest.fixture
def url(databases: Databases) -> str:
    return databases.migrated()


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    found = Database(url)
    yield found
    await found.close()


def account(username: str = "zhou", name: str = "0") -> Account:
    return Account(username=username, name=name, created_at=clock.now())


class Overtaken:
    """A command; on its first run another writer commits in the middle of it."""

    def __init__(self, url: str, other: Callable[[Session], object]) -> None:
        self.runs = 0
        self._url = url
        self._other = other

    def pass_by(self) -> None:
        self.runs += 1
        if self.runs == 1:
            with opened(self._url) as database, writing(database) as session:
                self._other(session)


async def test_who_was_overtaken_begins_anew_with_what_is_there_now(
    database: Database, url: str
) -> None:
    heard: list[tuple[int, int]] = []
    await database.write(lambda session: session.add(account()))
    database.after_commit.append(lambda session: heard.append(session.info["counted"]))
    overtaken = Overtaken(url, lambda session: session.execute(update(Account).values(name="10")))

    def count_up(session: Session) -> None:
        row = session.scalars(select(Account)).one()
        _, runs = session.info.get("counted", (0, 0))
        session.info["counted"] = int(row.name), runs + 1
        overtaken.pass_by()
        row.name = str(int(row.name) + 1)

    await database.write(count_up)
    assert overtaken.runs == 2
    # Of the run that was thrown away nobody hears, and nothing of it is left in the session.
    assert heard == [(10, 1)]
    with reading(database) as session:
        assert session.scalars(select(Account.name)).one() == "11"


async def test_rows_that_were_made_outside_are_written_by_the_run_that_counts(
    database: Database, url: str
) -> None:
    """A worker measures what it made, then writes rows of it."""
    await database.write(lambda session: session.add(account()))
    overtaken = Overtaken(url, lambda session: session.execute(update(Account).values(name="10")))
    made = account("tang", "made")

    def keep(session: Session) -> None:
        first = session.scalars(select(Account).where(Account.username == "zhou")).one()
        session.add(made)
        session.flush()
        overtaken.pass_by()
        first.name = f"{first.name}+"

    await database.write(keep)
    assert overtaken.runs == 2
    with reading(database) as session:
        names = session.execute(select(Account.username, Account.name)).all()
    assert dict(tuple(row) for row in names) == {"zhou": "10+", "tang": "made"}


async def test_of_two_who_take_a_name_at_once_the_second_is_told_so(
    database: Database, url: str
) -> None:
    overtaken = Overtaken(url, lambda session: session.add(account()))

    def take(session: Session) -> None:
        session.execute(select(Account.id).where(Account.username == "zhou")).all()
        overtaken.pass_by()
        create_account(session, "zhou", "周")

    with pytest.raises(Invalid) as refused:
        await database.write(take)
    assert set(refused.value.fields) == {"username"}


async def test_a_mistake_of_ours_comes_back_as_it_was(database: Database) -> None:
    runs: list[None] = []

    def twice(session: Session) -> None:
        runs.append(None)
        session.add_all([account(), account()])
        session.flush()

    with pytest.raises(IntegrityError):
        await database.write(twice)
    assert len(runs) == 3


async def test_a_reader_sees_one_moment_and_changes_nothing(database: Database, url: str) -> None:
    await database.write(lambda session: session.add(account()))
    overtaken = Overtaken(url, lambda session: session.execute(update(Account).values(name="10")))

    def look_twice(session: Session) -> tuple[str, str]:
        before = session.scalars(select(Account.name)).one()
        overtaken.pass_by()
        return before, session.scalars(select(Account.name)).one()

    assert await database.read(look_twice) == ("0", "0")
    with pytest.raises(DBAPIError, match="read-only"):
        await database.read(lambda session: session.execute(update(Account).values(name="1")))


async def test_a_server_that_is_not_there_is_away() -> None:
    database = Database(f"postgresql://postgres@127.0.0.1:{free_port()}/tongke")
    for ask in (database.read, database.write):
        with pytest.raises(DatabaseAway):
            await ask(lambda session: session.execute(text("SELECT 1")))
    await database.close()


async def test_idle_connections_that_the_server_ended_cost_nobody_an_error(
    database: Database, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "TRUSTED_S", 0.2)

    def end_mine(session: Session) -> None:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(DatabaseAway):
        await database.read(end_mine)
    await database.write(lambda session: session.add(account()))
    with opened(url) as other, writing(other) as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    await asyncio.sleep(0.3)
    assert await database.read(lambda session: session.scalars(select(Account.name)).all()) == ["0"]


POOL = 2
NAME = "small"


def small(url: str) -> Database:
    """One of few connections, which are called `NAME` on the server."""
    named = make_url(url).update_query_dict({"application_name": NAME})
    return Database(named.render_as_string(hide_password=False), pool=POOL)


@asynccontextmanager
async def all_out(database: Database, url: str) -> AsyncIterator[None]:
    """Every connection of its pool is out until the block ends: their queries wait for a lock."""

    def wait(session: Session) -> None:
        session.execute(text("SELECT pg_advisory_xact_lock_shared(1)"))

    with opened(url) as other:

        def counted(which: str) -> int:
            counting = f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{NAME}'"
            with reading(other) as session:
                return session.scalar(text(f"{counting} AND {which}")) or 0

        with writing(other) as session:
            session.execute(text("SELECT pg_advisory_xact_lock(1)"))
            held = asyncio.gather(*(database.read(wait) for _ in range(POOL)))
            await until_true(lambda: counted("wait_event_type = 'Lock'") == POOL, what="all out")
            yield
            assert counted("true") == POOL, "no more than were allowed"
        await held


def one(session: Session) -> int | None:
    return session.scalar(text("SELECT 1"))


async def test_who_finds_every_connection_out_is_told_so_in_the_end(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "POOL_PATIENCE_S", 0.3)
    database = small(url)
    async with all_out(database, url):
        for ask in (database.read, database.write, database.write_alone):
            with pytest.raises(DatabaseBusy):
                await ask(one)
    # Who was refused took nothing along: there is one for each of these, who need not wait.
    for _ in range(3):
        assert await asyncio.gather(*(database.read(one) for _ in range(POOL))) == [1] * POOL
    await database.close()


async def test_who_waits_for_a_connection_gets_the_first_that_comes_back(url: str) -> None:
    database = small(url)
    async with all_out(database, url):
        asked = [asyncio.create_task(database.read(one)) for _ in range(3 * POOL)]
        done, _ = await asyncio.wait(asked, timeout=0.3)
        assert not done
    assert await asyncio.gather(*asked) == [1] * 3 * POOL
    await database.close()


async def test_a_statement_that_takes_too_long_is_ended(url: str) -> None:
    database = Database(url, statement_timeout_s=0.1)
    with pytest.raises(DatabaseBusy):
        await database.read(lambda session: session.execute(text("SELECT pg_sleep(60)")))
    await database.close()


async def test_our_limits_and_our_name_are_on_every_connection(database: Database) -> None:
    def shown(session: Session) -> list[str | None]:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        found = [session.scalar(text(f"SHOW {name}")) for name in names]
        return [*found, session.scalar(text("SHOW application_name"))]

    assert await database.read(shown) == ["15s", "10s", "15s", "tongke"]


async def test_names_are_searched_and_sorted_as_in_sqlite(database: Database) -> None:
    """Whatever locale the server has: the order of the characters, and two cases in ASCII alone."""
    names = ["Ä", "a_c", "a-b", "a.b", "B", "ä"]
    await database.write(lambda session: session.add_all(account(name, name) for name in names))

    def ask(session: Session) -> tuple[list[str], list[str]]:
        ordered = session.scalars(select(Account.username).order_by(Account.username))
        found = session.scalars(select(Account.name).where(Account.name.icontains("Ä")))
        return list(ordered), list(found)

    assert await database.read(ask) == (sorted(names), ["Ä"])
