"""What a database refuses and would take a moment later, PostgreSQL above all.

Under SERIALIZABLE the server ends a transaction that cannot be put into an order with those
beside it, and expects to see it again. So a writing function is run anew, in a new session, until
it passes or patience ends: it must be repeatable, and change nothing but its session.

The first try runs beside all others. Who was refused goes on in turn: one at a time in a process,
and one at a time on the server, by a lock that is taken before the transaction's view of the data
is. However many want one row, each round then lets somebody through, and those who wait hold no
connection that readers need.

What is not worth another try is named: the server is away, or too much waits for it. An SQLite is
never away, and its writers wait for each other by themselves (`engines.BUSY_TIMEOUT_MS`).
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable
from itertools import count
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tongke.errors import Text, Unavailable

T = TypeVar("T")

_log = structlog.get_logger("tongke.database")

# SQLSTATE: serialization_failure and deadlock_detected are the server's own "again, please".
# unique_violation is the same in disguise where two transactions looked for a name, found it
# free and both took it: run again, the second sees the first and says so in words. One that is
# a mistake of ours comes back as it was.
_TAKEN = "23505"
_AGAIN = frozenset({"40001", "40P01", _TAKEN})

# In turn, a transaction meets only those on their first try, which pass in milliseconds. Any wait
# up to this is as likely as another.
LONGEST_WAIT_S = 0.02
# As long as SQLite's writers wait for each other.
PATIENCE_S = 30.0
# A name that is taken stays taken.
UNIQUE_TRIES = 3

# connection_exception is the class 08; the others say that the server goes down, comes up, ends
# our connection, or has no room for one more.
_AWAY = frozenset({"57P01", "57P02", "57P03", "57P05", "53300", "25P03"})
# query_canceled by statement_timeout, lock_not_available by lock_timeout.
_BUSY = frozenset({"57014", "55P03"})


class DatabaseAway(Unavailable):
    code = "database-away"
    message = Text("数据库暂时连不上", "The database cannot be reached")


class DatabaseBusy(Unavailable):
    code = "database-busy"
    message = Text("数据库一时忙不过来", "The database is too busy at the moment")


class Turns:
    """Runs writing transactions until they are committed; one for each process's database."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def run(self, attempt: Callable[[bool], Awaitable[T]]) -> T:
        """Run a whole transaction, first beside others, then in turn (`attempt` is told which).

        Raises:
            DatabaseBusy: it never passed, or waited too long for a lock.
            DatabaseAway: the server does not answer. Lost in the middle of a commit, nobody can
                say whether that was done.
        """
        try:
            return await explaining(attempt(False))
        except DBAPIError as error:
            if sqlstate(error) not in _AGAIN:
                raise
        async with self._turn:
            return await _in_turn(attempt)


async def _in_turn(attempt: Callable[[bool], Awaitable[T]]) -> T:
    ends = time.monotonic() + PATIENCE_S
    for tries in count(2):
        try:
            return await explaining(attempt(True))
        except DBAPIError as error:
            state = sqlstate(error)
            if state not in _AGAIN or (state == _TAKEN and tries >= UNIQUE_TRIES):
                raise
            if time.monotonic() > ends:
                raise DatabaseBusy from error
            _log.debug("transaction-again", tries=tries, sqlstate=state)
        await asyncio.sleep(random.uniform(0, LONGEST_WAIT_S))  # noqa: S311 - no secret
    raise AssertionError("counting never ends")


async def explaining(work: Awaitable[T]) -> T:
    """Work that is done once.

    Raises:
        DatabaseBusy, DatabaseAway: instead of the driver's error.
    """
    try:
        return await work
    except (DBAPIError, PoolTimeout) as error:
        if named := _explained(error):
            raise named from error
        raise


def _explained(error: DBAPIError | PoolTimeout) -> Unavailable | None:
    """The error as one that a caller can do something about; None when it is a fault of ours."""
    if isinstance(error, PoolTimeout):
        return DatabaseBusy()
    if isinstance(error.orig, sqlite3.Error):
        return DatabaseBusy() if _waited_for_sqlite(error.orig) else None
    state = sqlstate(error)
    if state in _BUSY:
        return DatabaseBusy()
    lost = error.connection_invalidated or state in _AWAY or state.startswith("08")
    return DatabaseAway() if lost or _never_connected(error) else None


def _waited_for_sqlite(error: sqlite3.Error) -> bool:
    """Its extended codes say more in the bits above: https://www.sqlite.org/rescode.html."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    }


def sqlstate(error: Exception) -> str:
    """The server's code of what went wrong; empty where it was not the server that spoke."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""


def _never_connected(error: DBAPIError) -> bool:
    """It was the client's library that gave up: what the server says has a class of its own."""
    return type(error.orig).__name__ in {"OperationalError", "ConnectionTimeout"}
