"""The real service for a walk through its pages: what `tongke demo` starts, with its library.

Started once, in a folder and on a port of its own. It answers within seconds and fills its
library after that, so what needs no library can be walked meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil

from tests.servers.ports import free_port
from tests.waiting import until
from tongke import bootstrap
from tongke.bootstrap import Ground
from tongke.lifeline import PARENT_VARIABLE
from tongke.settings import Settings

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
# A machine that runs other things besides: on a quiet one it answers in 5 s and is full in 50.
ANSWERS_LIMIT_S = 90.0
FULL_LIMIT_S = 400.0
STOP_LIMIT_S = 60.0


@dataclass(frozen=True)
class Service:
    """A running demonstration."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    def full(self) -> bool:
        """Whether the library is published; fails when the demonstration has ended."""
        assert self.process.poll() is None, self.said()
        return (self.folder / "demo.json").exists()

    def inhabited(self) -> bool:
        """Whether it answers and its people can sign in: it then begins to make the library."""
        assert self.process.poll() is None, self.said()
        return "making" in self.said()

    def said(self) -> str:
        return (self.folder / "said").read_text("utf-8")

    def passwords(self) -> dict[str, str]:
        """User name -> password, as the demonstration tells scripts."""
        told = json.loads((self.folder / "demo.json").read_text("utf-8"))
        return {account["username"]: account["password"] for account in told["accounts"]}

    def on_ground(self, work: Callable[[Ground], Awaitable[T]]) -> T:
        """Do to the service's own data what no page does yet."""

        async def run() -> T:
            ground = bootstrap.build(Settings(_env_file=None, data_dir=self.folder))
            try:
                return await work(ground)
            finally:
                await ground.close()

        # The browser's driver keeps a loop of its own in the main thread.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, run()).result()

    @contextmanager
    def without_encoders(self) -> Iterator[None]:
        """Hold the workers that encode, so that what comes before their work can be looked at."""
        encoders = [
            child
            for child in psutil.Process(self.process.pid).children(recursive=True)
            if child.cmdline()[-2:] in (["--queue", "thin"], ["--queue", "ladder"])
        ]
        assert len(encoders) == 2
        for worker in encoders:
            worker.suspend()
        try:
            yield
        finally:
            for worker in encoders:
                worker.resume()


@contextmanager
def running(folder: Path) -> Iterator[Service]:
    """A demonstration whose people can sign in; ended when left."""
    with started(folder, "demo", Service.inhabited) as service:
        yield service


@contextmanager
def started(folder: Path, command: str, ready: Callable[[Service], bool]) -> Iterator[Service]:
    """A command of ours on a data folder of its own, once it is ready; ended when left."""
    folder.mkdir(parents=True)
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TONGKE_")},
        "TONGKE_DATA_DIR": str(folder),
        "TONGKE_PORT": str(port),
        "TONGKE_MIN_FREE_BYTES": "0",
        "LANG": "C.UTF-8",
        PARENT_VARIABLE: str(os.getpid()),
    }
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tongke.cli", command],
            cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            start_new_session=True,
        )  # fmt: skip
    service = Service(f"http://localhost:{port}", folder, process)
    try:
        until(lambda: ready(service), ANSWERS_LIMIT_S, "the service answers")
        yield service
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(STOP_LIMIT_S)
