"""The database: SQLAlchemy over SQLite (embedded) or PostgreSQL.

Queries everywhere are plain functions that take a sync `Session`. Web, workers and commands call
them through `read()` and `write()`, which run them on an async engine: one set of queries in one
dialect, and an event loop that never waits for the disk. The sync engine is for migrations.

SQLite loses acknowledged updates when a transaction starts reading and then upgrades to writing.
So a writing session opens with BEGIN IMMEDIATE, the driver's own transaction handling is off,
and the journal is WAL with `synchronous=FULL`: what is committed survives a power cut.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, DateTime, Dialect, Engine, TypeDecorator, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session
from sqlalchemy.pool import ConnectionPoolEntry

P = ParamSpec("P")
T = TypeVar("T")

# How long a writer waits for another's transaction. Ours last milliseconds, so a queue of
# many writers fits; an error after it means that something holds the lock and is broken.
BUSY_TIMEOUT_MS = 30_000

WRITING = "tongke_writing"
NARROWED = "tongke_rights_narrowed"

CommitHook = Callable[[Session], None]


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes on every database: SQLite would give them back naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be kept")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        found: datetime = value
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The root of every table."""

    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012


# For tables whose numbers are written elsewhere (in tokens, addresses, object keys): SQLite would
# give a deleted row's number to the next one, and with it what the old one was allowed.
NEVER_REUSED: dict[str, Any] = {"sqlite_autoincrement": True}


class RightsBearing:
    """Mixin of tables whose rows give rights: changing or deleting one may take a right away.

    A commit that did is seen by `rights_narrowed`: the one place that cannot be forgotten by
    whoever writes the next query. Inserting a row only widens, and only granted rights are ever
    cached, so it needs no word.
    """


class Database:
    """One database. Build it once, in `bootstrap`.

    The functions in `after_commit` are called with each writing session that committed; what
    they do is a hint to others (a message on the bus, a task), never the truth.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        driver = ("sqlite+pysqlite", "sqlite+aiosqlite") if self.is_sqlite else None
        sync_url = self.url.set(drivername=driver[0] if driver else "postgresql+psycopg")
        async_url = self.url.set(drivername=driver[1] if driver else "postgresql+psycopg")
        self.engine: Engine = create_engine(sync_url)
        self.async_engine: AsyncEngine = create_async_engine(async_url)
        self.after_commit: list[CommitHook] = []
        if self.is_sqlite:
            for engine in (self.engine, self.async_engine.sync_engine):
                event.listen(engine, "connect", _prepare_sqlite)
                event.listen(engine, "begin", _begin_sqlite)

    async def read(
        self, query: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a query function in a reading session, without blocking the event loop."""
        return await _to_the_end(self._read(query, *args, **kwargs))

    async def write(
        self, command: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a command function in one transaction; durable when this returns.

        Cancelled, it leaves only after the transaction has ended, one way or the other.
        """
        return await _to_the_end(self._write(command, *args, **kwargs))

    async def _read(
        self, query: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        async with AsyncSession(self.async_engine, expire_on_commit=False) as session:
            return await session.run_sync(query, *args, **kwargs)

    async def _write(
        self, command: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        engine = self.async_engine.execution_options(**{WRITING: True})
        async with AsyncSession(engine, expire_on_commit=False) as session:
            _watch(session.sync_session)
            async with session.begin():
                result = await session.run_sync(command, *args, **kwargs)
            self._committed(session.sync_session)
            return result

    def _committed(self, session: Session) -> None:
        for hook in self.after_commit:
            hook(session)

    async def close(self) -> None:
        await self.async_engine.dispose()
        self.engine.dispose()


async def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Wait for work that must not be cut short: cancelled, leave only after it has ended.

    A cancellation inside the driver would close a connection in whose thread a statement, perhaps
    the commit, still runs: the caller could not say whether it was done.
    """
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await _ended(task)
        raise


async def _ended(task: asyncio.Task[T]) -> None:
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # looked at, so that the loop does not report it as forgotten


def rights_narrowed(session: Session) -> bool:
    """Whether this session changed or deleted a row that gives rights."""
    return bool(session.info.get(NARROWED))


def _watch(session: Session) -> None:
    @event.listens_for(session, "after_flush")
    def _note_rows(flushed: Session, _context: object) -> None:
        touched = (*flushed.dirty, *flushed.deleted)
        if any(isinstance(row, RightsBearing) for row in touched):
            flushed.info[NARROWED] = True

    @event.listens_for(session, "do_orm_execute")
    def _note_statement(state: ORMExecuteState) -> None:
        mapper = state.bind_mapper
        bulk = state.is_update or state.is_delete
        if bulk and mapper is not None and issubclass(mapper.class_, RightsBearing):
            state.session.info[NARROWED] = True


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
