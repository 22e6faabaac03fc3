"""Runs the parts of the service as child processes, for one machine and one command.

Parts stand in stages: a stage is started when the one before it answers, and stopped when the one
after it has ended. A part that dies is started again, later each time it dies young. Each is in a
session of its own, so that Ctrl-C reaches the supervisor alone, which then ends them in order; and
each dies with the supervisor (`lifeline`), which therefore belongs to the event loop of the main
thread.

`part`       one part, and what keeps it running
`part_logs`  what the parts write
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from tongke.lifeline import PARENT_VARIABLE
from tongke.supervisor.part import KeptPart, Part, Surroundings
from tongke.supervisor.part_logs import PartLogs

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Starts the stages when entered, and has ended every part when left.

    `logs` is the folder where parts write; without one they write to our own standard error.
    `environment` is added to ours. Told of by `on_event(part, what)`: restarts and kills.
    """

    def __init__(
        self,
        stages: Sequence[Sequence[Part]],
        *,
        environment: Mapping[str, str] | None = None,
        logs: Path | None = None,
        on_event: Callable[[str, str], None] = lambda _part, _what: None,
    ) -> None:
        self._asked = asyncio.Event()
        self._around = Surroundings(
            {**os.environ, **(environment or {}), PARENT_VARIABLE: str(os.getpid())},
            PartLogs(logs),
            forced=asyncio.Event(),
            tell=on_event,
        )
        self._stages = [[KeptPart(part, self._around) for part in stage] for stage in stages]
        self._rotation: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Supervisor:
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._ask_to_stop)
        names = [kept.part.name for stage in self._stages for kept in stage]
        self._rotation = loop.create_task(self._around.logs.keep_small(names))
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._stop()

    async def during(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do the work, unless a stop is asked for first; whether it was done.

        Raises what the work raises, and `PartFailed` when a part cannot run.
        """
        task = asyncio.create_task(work)
        try:
            return await self._first(task) is task
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def until_asked_to_stop(self) -> None:
        """Wait for SIGINT, SIGTERM or SIGHUP. Raises `PartFailed` when a part cannot run."""
        await self.during(_for_ever())

    async def _first(self, task: asyncio.Task[None]) -> asyncio.Task[Any] | None:
        asked = asyncio.create_task(self._asked.wait())
        keeping = {kept.task for stage in self._stages for kept in stage if kept.task}
        try:
            ended, _ = await asyncio.wait(
                {task, asked, *keeping}, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            asked.cancel()
        for one in ended - {asked}:
            one.result()
        return task if task in ended else None

    def _ask_to_stop(self) -> None:
        """Once: end in order. Twice: somebody will not wait."""
        if self._asked.is_set():
            self._around.forced.set()
        self._asked.set()

    async def _start(self) -> None:
        for stage in self._stages:
            for kept in stage:
                kept.start()
            await self.during(_all(kept.until_ready() for kept in stage))
            if self._asked.is_set():
                return

    async def _stop(self) -> None:
        for stage in reversed(self._stages):
            await _all(kept.stop() for kept in stage)
        if self._rotation is not None:
            self._rotation.cancel()
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)


async def _all(works: Any) -> None:
    await asyncio.gather(*works)


async def _for_ever() -> None:
    await asyncio.Event().wait()
