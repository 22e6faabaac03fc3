"""The database: SQLAlchemy over SQLite (embedded) or PostgreSQL.

Queries everywhere are plain functions that take a sync `Session`. Web, workers and commands call
them through `read()` and `write()`, which run them on an async engine: one set of queries in one
dialect, and an event loop that never waits for the disk. The sync engine is for migrations.

How each of the two is opened is told in `engines`; why a writing function may run more than once,
in `retrying`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, ClassVar, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Integer,
    String,
    Table,
    TypeDecorator,
    event,
    inspect,
)
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase, InstanceState, ORMExecuteState, Session
from sqlalchemy.types import TypeEngine

from tongke.storage import engines
from tongke.storage.retrying import Turns, explaining

P = ParamSpec("P")
T = TypeVar("T")

CHANGED = "tongke_rights_changed"
CHANGED_OF = "tongke_rights_changed_of"
# Of more things than these one word about everything is less to say.
MOST_TOLD: Final = 200

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


# SQLite counts in 64 bits under the name INTEGER, and numbers rows under no other.
WIDE_INTEGER: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")


def words(length: int) -> TypeEngine[str]:
    """A text that is sorted or searched: in the order of its characters, and only ASCII has two
    cases, as SQLite does it; a PostgreSQL would go by the locale it was set up with."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class Base(DeclarativeBase):
    """The root of every table."""

    type_annotation_map = {datetime: UtcDateTime, int: WIDE_INTEGER}  # noqa: RUF012


# For tables whose numbers are written elsewhere (in tokens, addresses, object keys): SQLite would
# give a deleted row's number to the next one, and with it what the old one was allowed.
NEVER_REUSED: dict[str, Any] = {"sqlite_autoincrement": True}


class RightsBearing:
    """Mixin of tables whose rows give rights: changing or deleting one may take a right away.

    A commit that did is seen by `all_rights_changed` and `rights_changed_of`: the one place that
    cannot be forgotten by whoever writes the next query. Inserting a row only widens, and of
    rights only granted ones are cached, so it needs no word; but where a table says who somebody
    is, which is cached as well, its new rows are told (`new_is_told`): a role that was just given
    is to work at once.

    A word about everything has everybody asked about anew, in every process. So a row says which
    things alone it is about (`concerns`), and a table which of its columns say nothing of who sees
    what (`no_right`). A statement changes rows that nobody looks at: it is about everything, but
    for one on the table itself (`table_of`), which is told by whoever makes it.
    """

    new_is_told: ClassVar[bool] = False
    no_right: ClassVar[frozenset[str]] = frozenset()

    def concerns(self) -> tuple[str, ...]:
        """The things ("account/7") that a change of this row is about: what does not rest on them
        holds on. None: anybody's right to anything may hang on it. A key that is in their names
        is never changed."""
        return ()


def table_of(kind: type[Base]) -> Table:
    """What a statement is made on that is not told as a change of all rights (`RightsBearing`). It
    knows its own columns only, and leaves rows as they are that the session has read."""
    table = kind.__table__
    assert isinstance(table, Table)
    return table


class _WritingSession(Session):
    """Sees whether it changes rights."""


class Database:
    """One database. Build it once, in `bootstrap`.

    The functions in `after_commit` are called with each writing session that committed; what
    they do is a hint to others (a message on the bus, a task), never the truth.
    """

    def __init__(self, url: str, *, pool: int = 10, statement_timeout_s: float = 15.0) -> None:
        """`pool` and `statement_timeout_s` are PostgreSQL's: connections that this process keeps
        at most, and the time after which a statement is cancelled."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        opened = (
            engines.sqlite(self.url)
            if self.is_sqlite
            else engines.postgresql(self.url, pool=pool, statement_timeout_s=statement_timeout_s)
        )
        self.engine, self.async_engine = opened.sync, opened.asynchronous
        self.reading, self.writing = opened.reading, opened.writing
        # Made once and not for each session: each registers with SQLAlchemy's events.
        self._reader = self.async_engine.execution_options(**opened.reading)
        self._writer = self.async_engine.execution_options(**opened.writing)
        self._lone_writer = self.async_engine.execution_options(**opened.writing_alone)
        self.after_commit: list[CommitHook] = []
        self._turns = Turns()

    async def read(
        self, query: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a query function in a reading session, without blocking the event loop.

        Raises:
            DatabaseAway, DatabaseBusy: see `retrying`.
        """
        return await _to_the_end(explaining(self._read(query, *args, **kwargs)))

    async def write(
        self, command: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a command function in one transaction; durable when this returns.

        On PostgreSQL the function may be run more than once, each time in a new session, before
        it is committed: it must be repeatable, and change nothing but its session.

        Cancelled, it leaves only after the transaction has ended, one way or the other.

        Raises:
            DatabaseAway, DatabaseBusy: see `retrying`.
        """

        async def attempt(in_turn: bool) -> T:
            return await self._write(self._writer, in_turn, command, *args, **kwargs)

        return await _to_the_end(self._turns.run(attempt))

    async def write_alone(
        self, command: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a command that is right whatever others write meanwhile: it writes by one statement,
        or only rows that it has locked.

        On PostgreSQL it takes no part in putting transactions into an order, and so is never
        refused, nor makes another be: for what everybody writes every few seconds.

        Raises:
            DatabaseAway, DatabaseBusy: see `retrying`.
        """
        asked = self._write(self._lone_writer, False, command, *args, **kwargs)
        return await _to_the_end(explaining(asked))

    async def _read(
        self, query: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            return await session.run_sync(query, *args, **kwargs)

    async def _write(
        self,
        engine: AsyncEngine,
        in_turn: bool,
        command: Callable[Concatenate[Session, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        async with AsyncSession(
            engine, expire_on_commit=False, sync_session_class=_WritingSession
        ) as session:
            async with session.begin():
                if in_turn:
                    await session.execute(engines.TAKE_TURN)
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


def all_rights_changed(session: Session) -> bool:
    """Whether what this session committed may have changed anybody's right to anything, or so many
    things that it is as good as that."""
    return bool(session.info.get(CHANGED)) or len(rights_changed_of(session)) > MOST_TOLD


def rights_changed_of(session: Session) -> frozenset[str]:
    """Of which things ("class:7", "account/7") alone what this session committed may have changed
    what rests on them."""
    return frozenset(session.info.get(CHANGED_OF, ()))


def tell_of_rights(session: Session, *things: str) -> None:
    """What this session writes changes what rests on these things ("class:7"): rows say so by
    themselves (`RightsBearing`), and whoever changes a right without them."""
    session.info.setdefault(CHANGED_OF, set()).update(things)


@event.listens_for(_WritingSession, "after_flush")
def _note_rows(flushed: Session, _context: object) -> None:
    for row in _told(flushed):
        if things := row.concerns():
            tell_of_rights(flushed, *things)
        else:
            flushed.info[CHANGED] = True


def _told(flushed: Session) -> Iterator[RightsBearing]:
    yield from (row for row in flushed.deleted if isinstance(row, RightsBearing))
    yield from (row for row in flushed.new if isinstance(row, RightsBearing) and row.new_is_told)
    yield from (row for row in flushed.dirty if isinstance(row, RightsBearing) and _says_more(row))


def _says_more(row: RightsBearing) -> bool:
    """Whether something is changed in it that may say who sees what."""
    state: InstanceState[RightsBearing] = inspect(row)
    return any(each.key not in row.no_right and each.history.has_changes() for each in state.attrs)


@event.listens_for(_WritingSession, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    mapper = state.bind_mapper
    if mapper is None or not issubclass(mapper.class_, RightsBearing):
        return
    if state.is_update or state.is_delete or (state.is_insert and mapper.class_.new_is_told):
        state.session.info[CHANGED] = True
