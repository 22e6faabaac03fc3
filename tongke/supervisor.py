"""Runs the parts of the service as child processes, for one machine and one command.

Parts stand in stages: a stage is started when the one before it answers, and stopped when the one
after it has ended. A part that dies is started again, later each time it dies young. Each is in a
session of its own, so that Ctrl-C reaches the supervisor alone, which then ends them in order; and
each asks the kernel to be killed when the supervisor dies, because a supervisor that was killed
runs no code. The kernel means the *thread* that started the child, so a supervisor belongs to the
event loop of the main thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from tongke.errors import Text, TongkeError, Unavailable

# Tells a part which process it lives and dies with.
PARENT_VARIABLE = "TONGKE_SUPERVISOR"
# prctl(2), linux/prctl.h
PR_SET_PDEATHSIG = 1
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

# A day of an idle service at level info is well under one of these.
LOG_MOST_BYTES = 5 * 2**20
LOGS_KEPT = 3
LOG_LOOK_EVERY_S = 30.0

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class PartFailed(TongkeError):
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


def die_with_parent() -> None:
    """Called first in a part: end it when its supervisor ends; nothing in other processes."""
    parent = os.environ.pop(PARENT_VARIABLE, None)
    if parent is None:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):
        sys.exit("the supervisor ended first")


def restart_delay(deaths: int) -> float:
    """Seconds to wait before starting again what died young `deaths` times in a row."""
    return float(min(RESTART_FIRST_S * 2 ** min(deaths - 1, 16), RESTART_MOST_S))


def rotate(log: Path, most_bytes: int = LOG_MOST_BYTES, kept: int = LOGS_KEPT) -> bool:
    """Put a log that has grown large aside as `.1`, and empty it; whether it was done.

    Whoever writes to it goes on at its new end, if it was opened for appending.
    """
    if not log.exists() or log.stat().st_size < most_bytes:
        return False
    older = [log.with_name(f"{log.name}.{number}") for number in range(kept, 0, -1)]
    for target, source in pairwise(older):
        if source.exists():
            source.replace(target)
    shutil.copyfile(log, older[-1])
    os.truncate(log, 0)
    return True


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
        self._environment = {
            **os.environ,
            **(environment or {}),
            PARENT_VARIABLE: str(os.getpid()),
        }
        self._logs = logs
        self._on_event = on_event
        self._asked = asyncio.Event()
        self._forced = asyncio.Event()
        self._stages = [[_Kept(part, self) for part in stage] for stage in stages]
        self._rotation: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Supervisor:
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._ask_to_stop)
        if self._logs is not None:
            self._logs.mkdir(parents=True, exist_ok=True)
            self._rotation = loop.create_task(self._rotate())
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
            self._forced.set()
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

    async def _rotate(self) -> None:
        assert self._logs is not None
        while True:
            for stage in self._stages:
                for kept in stage:
                    await asyncio.to_thread(rotate, self.log_of(kept.part))
            await asyncio.sleep(LOG_LOOK_EVERY_S)

    def log_of(self, part: Part) -> Path:
        return Path("stderr") if self._logs is None else self._logs / f"{part.name}.log"

    def open_log(self, part: Part) -> IO[bytes] | None:
        return None if self._logs is None else self.log_of(part).open("ab")

    @property
    def environment(self) -> Mapping[str, str]:
        return self._environment

    @property
    def forced(self) -> asyncio.Event:
        return self._forced

    def tell(self, part: Part, what: str) -> None:
        self._on_event(part.name, what)


class _Kept:
    """One part and the task that keeps it running."""

    def __init__(self, part: Part, supervisor: Supervisor) -> None:
        self.part = part
        self.task: asyncio.Task[None] | None = None
        self._supervisor = supervisor
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
            raise PartSlow(part=self.part.name, log=self._supervisor.log_of(self.part)) from None

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
                raise PartFailed(part=self.part.name, log=self._supervisor.log_of(self.part))
            deaths = 1 if loop.time() - began >= WELL_AFTER_S else deaths + 1
            delay_s = restart_delay(deaths)
            self._supervisor.tell(self.part, f"ended with {code}, starts again in {delay_s:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay_s)

    async def _run(self) -> int | None:
        """Run the program until it ends, or until it is stopped; its exit code."""
        self._process = process = await self._spawn()
        exited = asyncio.create_task(process.wait())
        await _first_of(exited, self._stopping.wait())
        if not exited.done():
            process.terminate()
            await _first_of(
                exited, self._supervisor.forced.wait(), timeout_s=self.part.stop_limit_s
            )
        if not exited.done():
            self._supervisor.tell(self.part, "did not stop in time, is killed")
            process.kill()
        return await exited

    async def _spawn(self) -> asyncio.subprocess.Process:
        log = self._supervisor.open_log(self.part)
        try:
            return await asyncio.create_subprocess_exec(
                *self.part.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._supervisor.environment,
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


async def _all(works: Any) -> None:
    await asyncio.gather(*works)


async def _for_ever() -> None:
    await asyncio.Event().wait()
