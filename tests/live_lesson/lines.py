"""Lines that a test cuts, while the browsers' driver has the main thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager

from tests.servers.bad_line import Line, line


class Lines:
    """To one port, one after the other."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()

    def new(self) -> Line:
        lay = self._stack.enter_async_context(line(self._target))
        return asyncio.run_coroutine_threadsafe(lay, self._loop).result()

    def cut(self, one: Line) -> None:
        self._do(one.cut)

    def restore(self, one: Line) -> None:
        self._do(one.restore)

    def _do(self, act: Callable[[], None]) -> None:
        async def acting() -> None:
            act()

        asyncio.run_coroutine_threadsafe(acting(), self._loop).result()

    @contextmanager
    def kept(self) -> Iterator[Lines]:
        thread = threading.Thread(target=self._loop.run_forever)
        thread.start()
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self._stack.aclose(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
