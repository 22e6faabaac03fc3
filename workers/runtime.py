"""One worker process: its ground, and the event loop on which every task runs.

Celery's pool is `solo`: a task runs in the process's main thread, so its children die with the
process (PR_SET_PDEATHSIG follows the thread), nothing is forked with open connections, and one
more worker is one more process. See docs/decisions/jobs.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from typing import TypeVar

from celery.worker import state

from tongke import bootstrap, telemetry
from tongke.bootstrap import Ground
from tongke.settings import Settings

T = TypeVar("T")


class Runtime:
    """Built in the process that runs the tasks."""

    def __init__(self, settings: Settings) -> None:
        telemetry.configure(settings, "worker")
        self._runner = asyncio.Runner()
        self.ground = self._runner.run(_build(settings))

    def run(self, work: Callable[[Ground], Awaitable[T]]) -> T:
        """Run a task to its end; what it committed is told to the others before it ends."""

        async def to_the_end() -> T:
            try:
                return await work(self.ground)
            finally:
                await self.ground.hints.drain()

        # Left to itself the runner has one context for all tasks: each would begin with the
        # request id that the one before it left there.
        return self._runner.run(to_the_end(), context=copy_context())

    def close(self) -> None:
        self._runner.run(self.ground.close())
        self._runner.close()
        telemetry.close()


async def _build(settings: Settings) -> Ground:
    return bootstrap.build(settings)


def stopping() -> bool:
    """Whether this worker was asked to stop: it then gives its step back."""
    # Celery keeps an exit code there, and 0 is one.
    asked = (state.should_stop, state.should_terminate)
    return any(code is not None and code is not False for code in asked)
