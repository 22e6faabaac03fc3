"""The real processes of a service, each one to be killed and started by name.

The supervisor is left out: it waits longer before each restart of what dies young, and here
everything is to die young, often.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from types import TracebackType

import psutil

from tests.waiting import until_true
from tongke.cli import parts
from tongke.lifeline import PARENT_VARIABLE
from tongke.settings import Settings
from tongke.supervisor.part import READY_LIMIT_S


class Processes:
    """The parts of one installation. They end with this process, however that ends."""

    def __init__(self, settings: Settings, names: Iterable[str] | None = None) -> None:
        found = {part.name: part for stage in parts.stages(settings) for part in stage}
        self._parts = {name: found[name] for name in (names or found)}
        self._logs = settings.data_dir / "logs"
        self._logs.mkdir(parents=True, exist_ok=True)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._environment = {
            **{name: value for name, value in os.environ.items() if "TONGKE" not in name},
            **_as_environment(settings),
            PARENT_VARIABLE: str(os.getpid()),
            "PYTHONPATH": str(Path(__file__).parent.parent.parent),
        }

    @property
    def names(self) -> list[str]:
        return list(self._parts)

    async def __aenter__(self) -> Processes:
        for name in self.names:
            self.start(name)
        await self.until_ready()
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for process in self._running.values():
            process.kill()
            process.wait()

    def start(self, name: str) -> None:
        part = self._parts[name]
        with self.log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                list(part.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                # In the data folder, so that no .env of somebody's is found.
                cwd=self._logs,
                start_new_session=True,
            )

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def kill(self, name: str) -> None:
        """kill -9, and wait until the kernel has taken it away."""
        process = self._running[name]
        process.kill()
        process.wait()

    async def stop(self, name: str, limit_s: float) -> int:
        """SIGTERM; its exit code. Fails when it has not ended in time."""
        process = self._running[name]
        process.send_signal(signal.SIGTERM)
        await until_true(lambda: process.poll() is not None, limit_s, f"{name} ends when asked to")
        return process.returncode

    async def stop_all(self) -> dict[str, int]:
        """Ask all to end, those that stand on others first; exit codes by name."""
        codes = {}
        for name in reversed(self.names):
            codes[name] = await self.stop(name, self._parts[name].stop_limit_s)
        return codes

    async def until_ready(self, names: Iterable[str] | None = None) -> None:
        for name in names or self.names:
            await until_true(partial(self._is_ready, name), READY_LIMIT_S, f"{name} is ready")

    async def _is_ready(self, name: str) -> bool:
        process, part = self._running[name], self._parts[name]
        assert process.poll() is None, self.log(name).read_text()[-2000:]
        return part.ready is None or await part.ready(process.pid)


def _as_environment(settings: Settings) -> dict[str, str]:
    said = settings.model_dump(include=settings.model_fields_set, exclude_none=True)
    return {f"TONGKE_{name.upper()}": str(value) for name, value in said.items()}


def media_programs(folder: Path) -> list[str]:
    """Command lines of the ffmpeg and ffprobe that work on files of this folder."""
    found = []
    for process in psutil.process_iter(["name", "cmdline", "cwd"]):
        line = " ".join(process.info["cmdline"] or ())
        # The programs of the wheel have the platform at the end of their name.
        if process.info["name"].startswith(("ffmpeg", "ffprobe")):
            found += [line] if str(folder) in f"{line} {process.info['cwd']}" else []
    return found
