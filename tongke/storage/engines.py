"""How each database is opened: SQLite on this machine, or a PostgreSQL.

Both give the same promises to what runs on them. A reading session sees one moment of the
database, whatever is written meanwhile. Writing sessions run as if one after the other, and what
is committed survives a power cut.

SQLite loses acknowledged updates when a transaction starts reading and then upgrades to writing.
So a writing session opens with BEGIN IMMEDIATE, the driver's own transaction handling is off,
and the journal is WAL with `synchronous=FULL`.

PostgreSQL lets writers run beside each other under SERIALIZABLE, and ends those that could not
have run one after the other; `retrying` runs them again. Readers are REPEATABLE READ READ ONLY.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from tongke import write_ahead

# How long a writer waits for another's transaction. Ours last milliseconds, so a queue of
# many writers fits; an error after it means that something holds the lock and is broken.
BUSY_TIMEOUT_MS = 30_000

# A server that does not answer in this time is away.
CONNECT_TIMEOUT_S = 5
# How long a request waits for one of the process's connections before it is told to come back.
POOL_PATIENCE_S = 10.0
# Firewalls forget a connection that was silent for an hour, and a server's process for one only
# grows; opening another costs milliseconds.
RECYCLE_S = 1800
# A row is held for milliseconds. Who waits this long waits behind something broken, and must not
# fill the pool with others that wait behind it.
LOCK_TIMEOUT_MS = 10_000
# A process that stands still in the middle of a transaction (stopped, swapped out) holds up every
# writer behind it: the server ends its transaction.
IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000
# What was sent to a server whose machine is gone is given up after this.
UNACKNOWLEDGED_TIMEOUT_MS = 15_000

# Waited for before PostgreSQL takes a transaction's view of the data, unlike a lock that a SELECT
# takes. The mode bars only itself and the upkeep of this table of one row; reads and writes of it
# go on.
TAKE_TURN = text("LOCK TABLE alembic_version IN SHARE UPDATE EXCLUSIVE MODE")

# A connection that answered so recently is used without being asked.
TRUSTED_S = 1.0
_USED_AT = "tongke_used_at"

_SQLITE_WRITES = "tongke_sqlite_writes"


@dataclass(frozen=True)
class Engines:
    """The two faces of one database, and the options a session of either kind is opened with.

    The async one is what the service runs on; the sync one is for migrations.
    """

    sync: Engine
    asynchronous: AsyncEngine
    reading: dict[str, Any]
    writing: dict[str, Any]
    # Of a transaction that is right whatever runs beside it: one statement, or rows that it locks.
    writing_alone: dict[str, Any]


def sqlite(url: URL) -> Engines:
    """Of a file of this machine; `url` without a driver."""
    sync = create_engine(url.set(drivername="sqlite+pysqlite"))
    asynchronous = create_async_engine(url.set(drivername="sqlite+aiosqlite"))
    for engine in (sync, asynchronous.sync_engine):
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    writing = {_SQLITE_WRITES: True}
    return Engines(sync, asynchronous, reading={}, writing=writing, writing_alone=writing)


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    write_ahead.keep(cursor, patience_s=BUSY_TIMEOUT_MS / 1000)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_SQLITE_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def postgresql(url: URL, *, pool: int, statement_timeout_s: float) -> Engines:
    """Of a server. A process keeps `pool` connections at most, each looked at before it is used
    if it was idle: a server that was started again costs nobody an error but who was in the middle.
    """
    url = url.set(drivername="postgresql+psycopg")
    options = {"connect_args": _connect_arguments(url, statement_timeout_s)}
    bounds = {
        "pool_size": pool,
        "max_overflow": 0,
        "pool_timeout": POOL_PATIENCE_S,
        "pool_recycle": RECYCLE_S,
    }
    sync = create_engine(url, **options)
    asynchronous = create_async_engine(url, **options, **bounds)
    for engine in (sync, asynchronous.sync_engine):
        _look_at_idle(engine)
    return Engines(
        sync,
        asynchronous,
        reading={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
        writing={"isolation_level": "SERIALIZABLE"},
        writing_alone={"isolation_level": "READ COMMITTED"},
    )


def _look_at_idle(engine: Engine) -> None:
    """Ask a connection that lay idle whether it lives, before it is used. SQLAlchemy's own
    `pool_pre_ping` asks each time: one round trip more for each transaction."""

    def note(_connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        record.info[_USED_AT] = time.monotonic()

    def look(
        connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection
    ) -> None:
        if time.monotonic() - record.info.get(_USED_AT, 0.0) < TRUSTED_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            # The pool opens another in its place.
            raise DisconnectionError from error

    event.listen(engine, "connect", note)
    event.listen(engine, "checkin", note)
    event.listen(engine, "checkout", look)


def _connect_arguments(url: URL, statement_timeout_s: float) -> dict[str, Any]:
    limits_ms = {
        "statement_timeout": round(statement_timeout_s * 1000),
        "lock_timeout": LOCK_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT_MS,
    }
    arguments: dict[str, Any] = {
        "application_name": "tongke",
        "connect_timeout": CONNECT_TIMEOUT_S,
        "tcp_user_timeout": UNACKNOWLEDGED_TIMEOUT_MS,
        "options": " ".join(f"-c {name}={value}" for name, value in limits_ms.items()),
    }
    # What the address itself says, it says for a reason.
    return {name: value for name, value in arguments.items() if name not in url.query}
