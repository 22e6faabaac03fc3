"""The supervisor with real processes: restarts, order of stopping, and nobody left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.waiting import LIMIT_S, until, until_true
from tongke.supervisor import Supervisor
from tongke.supervisor.part import EXIT_MISCONFIGURED, Part, PartFailed

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")

# Writes its number when it is up, whole or not at all: a test may read it at any moment. And a line
# when it is asked to end.
STEADY = """
import os, pathlib, signal, sys, threading
from tongke.lifeline import die_with_named_parent
die_with_named_parent()
name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
def end(*_):
    with (folder / "ended").open("a") as ended:
        ended.write(name + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
(folder / f"{name}.being").write_text(str(os.getpid()))
(folder / f"{name}.being").replace(folder / f"{name}.up")
signal.pause()
"""

# Hears no SIGTERM.
DEAF = STEADY.replace(
    "signal.signal(signal.SIGTERM, end)", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
)


def part(name: str, folder: Path, script: str = STEADY, stop_limit_s: float = 10) -> Part:
    async def ready(pid: int) -> bool:
        found = folder / f"{name}.up"
        return found.exists() and found.read_text() == str(pid)

    return Part(name, [sys.executable, "-c", script, name, str(folder)], stop_limit_s, ready)


def pid_of(name: str, folder: Path) -> int:
    return int((folder / f"{name}.up").read_text())


def lives(pid: int) -> bool:
    """A process that ended but was not waited for yet does not live."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_stages_start_in_order_and_stop_the_other_way_round(tmp_path: Path) -> None:
    stages = [[part("first", tmp_path)], [part("second", tmp_path)], [part("third", tmp_path)]]
    async with Supervisor(stages):
        times = [
            (tmp_path / f"{name}.up").stat().st_mtime_ns for name in ("first", "second", "third")
        ]
        assert times == sorted(times)
        pids = [pid_of(name, tmp_path) for name in ("first", "second", "third")]
    assert (tmp_path / "ended").read_text().split() == ["third", "second", "first"]
    assert not any(lives(pid) for pid in pids)


async def test_what_was_killed_is_started_again(tmp_path: Path) -> None:
    events: list[tuple[str, str]] = []
    async with Supervisor(
        [[part("one", tmp_path)]], on_event=lambda name, what: events.append((name, what))
    ):
        first = pid_of("one", tmp_path)
        os.kill(first, signal.SIGKILL)
        await until_true(lambda: pid_of("one", tmp_path) != first)
    assert events == [("one", "ended with -9, starts again in 0.5 s")]


async def test_what_does_not_stop_in_time_is_killed(tmp_path: Path) -> None:
    events: list[str] = []
    async with Supervisor(
        [[part("deaf", tmp_path, DEAF, stop_limit_s=0.2)]],
        on_event=lambda _name, what: events.append(what),
    ):
        pid = pid_of("deaf", tmp_path)
    assert not lives(pid)
    assert events == ["did not stop in time, is killed"]


async def test_asked_twice_it_does_not_wait(tmp_path: Path) -> None:
    async with Supervisor([[part("deaf", tmp_path, DEAF, stop_limit_s=600)]]) as running:
        began = time.monotonic()
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        await running.until_asked_to_stop()
    assert time.monotonic() - began < 300


async def test_a_part_that_cannot_run_ends_it_all(tmp_path: Path) -> None:
    hopeless = Part(
        "hopeless", [sys.executable, "-c", f"raise SystemExit({EXIT_MISCONFIGURED})"], 1
    )
    pid = 0
    with pytest.raises(PartFailed, match="hopeless"):
        async with Supervisor([[part("one", tmp_path)], [hopeless]]) as running:
            pid = pid_of("one", tmp_path)
            await running.until_asked_to_stop()
    assert not lives(pid or pid_of("one", tmp_path))


async def test_work_is_cut_short_when_a_stop_is_asked_for(tmp_path: Path) -> None:
    async def for_ever() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    async def at_once() -> None:
        pass

    async with Supervisor([[part("one", tmp_path)]]) as running:
        assert await running.during(at_once()) is True
        assert await running.during(for_ever()) is False


async def test_output_goes_to_a_log_of_its_own(tmp_path: Path) -> None:
    script = STEADY.replace("signal.pause()", "print('said', name, flush=True); signal.pause()")
    async with Supervisor([[part("one", tmp_path, script)]], logs=tmp_path / "logs"):
        log = tmp_path / "logs" / "one.log"
        await until_true(lambda: log.exists() and log.read_text() == "said one\n")


async def test_parts_that_share_a_terminal_are_told_apart(tmp_path: Path) -> None:
    script = STEADY.replace(
        "signal.pause()", "print(os.environ['TONGKE_PART'], flush=True); signal.pause()"
    )
    logs = tmp_path / "logs"
    async with Supervisor([[part(name, tmp_path, script) for name in ("one", "two")]], logs=logs):
        await until_true(
            lambda: (
                [(logs / f"{name}.log").read_text() for name in ("one", "two")]
                == ["one\n", "two\n"]
            )
        )


SUPERVISING = """
import asyncio, sys
from pathlib import Path
from tests.supervisor.test_supervisor import part
from tongke.supervisor import Supervisor

async def main():
    folder = Path(sys.argv[1])
    async with Supervisor([[part("one", folder)], [part("two", folder)]]) as running:
        (folder / "all.up").write_text("")
        await running.until_asked_to_stop()

asyncio.run(main())
"""


@LINUX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_child_outlives_the_supervisor(tmp_path: Path, number: signal.Signals) -> None:
    process = subprocess.Popen([sys.executable, "-c", SUPERVISING, str(tmp_path)])
    try:
        until((tmp_path / "all.up").exists)
        pids = [pid_of(name, tmp_path) for name in ("one", "two")]
        assert all(lives(pid) for pid in pids)
        process.send_signal(number)
        process.wait(LIMIT_S)
        until(lambda: not any(lives(pid) for pid in pids))
    finally:
        process.kill()
        process.wait()
    in_order = (tmp_path / "ended").exists()
    assert in_order == (number != signal.SIGKILL)
