"""One part of the service, kept running: a program that is started again when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tongke.errors import Misconfigured, Text, Unavailable
from tongke.logs import PART_VARIABLE
from tongke.supervisor.part_logs import PartLogs

# sysexits.h, EX_CONFIG: started again it would end the same way.
EXIT_MISCONFIGURED = 78

# The first restart is felt as a hiccup, and a part that cannot run takes no core to itself.
RESTART_FIRST_S = 0.5
RESTART_MOST_S = 30.0
# What ran for so long had come up well: its next death is a new matter.
WELL_AFTER_S = 60.0
# A busy machine that starts everything at once needs its time; more means that it does not come.
READY_LIMIT_S = 60.0
# How soon it is noticed that a part answers.
READY_POLL_S = 0.05


class PartFailed(Misconfigured):
    """A part ended and said that starting it again is no use; its own words are in its log."""

    code = "part-failed"
    message = Text("“{part}”启动不了", "The part “{part}” cannot run")
    remedy = Text("原因见它的输出：{log}", "Its output says why: {log}")


class PartSlow(Unavailable):
    code = "part-slow"
    message = Text("“{part}”迟迟没有就绪", "The part “{part}” did not get ready in time")
    remedy = Text("原因见它的输出：{log}", "Its output says why: {log}")


@dataclass(frozen=True)
class Part:
    """A program to keep running. `ready` is asked with its process number until it says yes."""

    name: str
    command: Sequence[str]
    stop_limit_s: float
    ready: Callable[[int], Awaitable[bool]] | None = None


def restart_delay(deaths: int) -> float:
    """Seconds to wait before starting again what died young `deaths` times in a row."""
    return float(min(RESTART_FIRST_S * 2 ** min(deaths - 1, 16), RESTART_MOST_S))


@dataclass(frozen=True)
class Surroundings:
    """What parts are started in. `forced` says that nobody waits for their end any more."""

    environment: Mapping[str, str]
    logs: PartLogs
    forced: asyncio.Event
    # Of a part, by its name: what happened to it.
    tell: Callable[[str, str], None]


class KeptPart:
    """One part and the task that keeps it running."""

    def __init__(self, part: Part, around: Surroundings) -> None:
        self.part = part
        self.task: asyncio.Task[None] | None = None
        self._around = around
        self._stopping = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None

    def start(self) -> None:
        self.task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        self._stopping.set()
        if self.task is not None:
            # What it raised was told by `during`, or is of no more interest.
            await asyncio.gather(self.task, return_exceptions=True)

    async def until_ready(self) -> None:
        """Raises `PartSlow`."""
        try:
            async with asyncio.timeout(READY_LIMIT_S):
                while not await self._is_ready():  # noqa: ASYNC110 - another process tells no event
                    await asyncio.sleep(READY_POLL_S)
        except TimeoutError:
            raise PartSlow(
                part=self.part.name, log=self._around.logs.path(self.part.name)
            ) from None

    async def _is_ready(self) -> bool:
        if self._process is None or self._process.returncode is not None:
            return False
        return self.part.ready is None or await self.part.ready(self._process.pid)

    async def _keep(self) -> None:
        loop, deaths = asyncio.get_running_loop(), 0
        while not self._stopping.is_set():
            began = loop.time()
            code = await self._run()
            if self._stopping.is_set():
                return
            if code == EXIT_MISCONFIGURED:
                raise PartFailed(part=self.part.name, log=self._around.logs.path(self.part.name))
            deaths = 1 if loop.time() - began >= WELL_AFTER_S else deaths + 1
            delay_s = restart_delay(deaths)
            self._around.tell(self.part.name, f"ended with {code}, starts again in {delay_s:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay_s)

    async def _run(self) -> int | None:
        """Run the program until it ends, or until it is stopped; its exit code."""
        self._process = process = await self._spawn()
        exited = asyncio.create_task(process.wait())
        await _first_of(exited, self._stopping.wait())
        if not exited.done():
            process.terminate()
            await _first_of(exited, self._around.forced.wait(), timeout_s=self.part.stop_limit_s)
        if not exited.done():
            self._around.tell(self.part.name, "did not stop in time, is killed")
            process.kill()
        return await exited

    async def _spawn(self) -> asyncio.subprocess.Process:
        log = self._around.logs.open(self.part.name)
        try:
            return await asyncio.create_subprocess_exec(
                *self.part.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**self._around.environment, PART_VARIABLE: self.part.name},
                start_new_session=True,
            )
        finally:
            if log is not None:
                log.close()


async def _first_of(
    task: asyncio.Task[Any], other: Coroutine[Any, Any, Any], timeout_s: float | None = None
) -> None:
    """Until one of the two has ended; the other goes on if it is the task."""
    beside = asyncio.create_task(other)
    await asyncio.wait({task, beside}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    beside.cancel()
