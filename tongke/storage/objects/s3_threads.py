"""The threads in which one S3 adapter makes its blocking calls.

They are as many as calls can be under way at once, so they bound the memory too: each holds one
part at most. A thread cannot be stopped, so a call that is cancelled waits until its thread is
done, and only then leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from tongke.storage.objects.disk import disk_errors

P = ParamSpec("P")
T = TypeVar("T")

# A call waits for the network most of its time. Each may hold a part of 8 MiB, so all together
# 128 MiB, however many uploads there are.
THREADS = 16


class Threads:
    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="s3")

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run blocking work; what a local disk says becomes an error of the port."""
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._pool, partial(work, *args, **kwargs))
        try:
            with disk_errors():
                return await asyncio.shield(future)
        except asyncio.CancelledError:
            await _settled(future)
            raise

    def close(self) -> None:
        self._pool.shutdown(wait=False)


async def _settled(future: asyncio.Future[T]) -> None:
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            continue
    if not future.cancelled():
        future.exception()  # looked at, so that the loop does not report it as forgotten
