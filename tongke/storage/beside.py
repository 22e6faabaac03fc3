"""Work of a query function that takes long, beside the event loop and not in its way.

A query function runs on the loop's own thread and gives way only while the database works
(`database`): thousands of rows that it reads through itself would hold up everybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, ParamSpec, TypeVar

from sqlalchemy.util.concurrency import await_, in_greenlet

P = ParamSpec("P")
T = TypeVar("T")

# One thread: more would only take turns with each other, and leave the loop fewer of them.
_THREAD: Final = ThreadPoolExecutor(1, thread_name_prefix="beside")
# Fewer rows than a thread is worth its while for.
_FEW: Final = 100


def beside(rows: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do what reads through so many rows in a thread and wait, while the loop goes on. It must not
    touch the session.

    Few rows, or those of a session that no loop waits for (a migration), are read at once.
    """
    asked = partial(work, *args, **kwargs)
    if rows <= _FEW or not in_greenlet():
        return asked()
    return await_(asyncio.get_running_loop().run_in_executor(_THREAD, asked))
