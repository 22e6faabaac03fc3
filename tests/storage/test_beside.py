"""What reads through many rows does not hold up the event loop."""

from __future__ import annotations

import asyncio
import threading

import pytest
from sqlalchemy.orm import Session

from tests.databases import Databases
from tests.waiting import LIMIT_S
from tongke.storage.beside import beside
from tongke.storage.database import Database

MANY = 5_000


async def test_the_loop_goes_on_meanwhile(databases: Databases) -> None:
    database = Database(databases.migrated())
    begun, loop_went_on = threading.Event(), threading.Event()

    def work() -> bool:
        begun.set()
        return loop_went_on.wait(LIMIT_S)

    async def other() -> None:
        while not begun.is_set():
            await asyncio.sleep(0)
        loop_went_on.set()

    def query(_session: Session) -> bool:
        return beside(MANY, work)

    went_on, _ = await asyncio.gather(database.read(query), other())
    assert went_on
    await database.close()


async def test_few_rows_are_read_at_once(databases: Databases) -> None:
    database = Database(databases.migrated())
    here = threading.current_thread()
    assert await database.read(lambda _: beside(3, threading.current_thread)) is here
    await database.close()


def test_so_is_what_no_loop_waits_for() -> None:
    assert beside(MANY, threading.current_thread) is threading.current_thread()


async def test_what_goes_wrong_is_told(databases: Databases) -> None:
    database = Database(databases.migrated())
    with pytest.raises(ZeroDivisionError):
        await database.read(lambda _: beside(MANY, divmod, 1, 0))
    await database.close()
