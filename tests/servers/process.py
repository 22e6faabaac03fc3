"""A server that runs as a process of its own: started, asked, killed, started again, ended.

It ends with the process that started it, however that ends, so a run that is killed leaves nothing
behind. Its ports stay its own over a restart: who uses it finds it again at the same address.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NoReturn

import psutil
import pytest

LOOK_EVERY_S = 0.05
# Only what is broken takes so long: the slowest (a Java server on a busy machine) takes a minute.
READY_LIMIT_S = 180.0
# Longer than the 25 s that one of them takes for an orderly end.
STOP_LIMIT_S = 40.0
# How much of a log an error shows.
TAIL_CHARACTERS = 3000
# Who runs the servers that refuse to run as root.
OTHER_USER = "nobody"

# Asks the kernel to end the server with its starter (prctl PR_SET_PDEATHSIG), gives up root where
# asked to, and becomes it. In a process of its own: after a fork no Python may run safely.
_FIRST_STAGE = """
import ctypes, os, pwd, sys
parent, user, death, argv = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4:]
if user:
    who = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(who.pw_gid)
    os.setuid(who.pw_uid)
ctypes.CDLL(None).prctl(1, death)
if os.getppid() != parent:
    sys.exit("the starter has gone")
os.execv(argv[0], argv)
"""


# Begins the reason of a test that this machine cannot run: `tests/conftest.py` tells those at the
# end of a run, and not the others.
LEFT_OUT = "Left out on this machine: "


class Missing(RuntimeError):
    """What is needed cannot be had on this machine; the text says what to install."""


def or_skip(missing: Missing) -> NoReturn:
    """Leave a test out on a machine that lacks a server, unless every one has to be there."""
    if os.environ.get("TONGKE_TESTS_NEED_SERVERS") == "1":
        pytest.fail(str(missing))
    pytest.skip(f"{LEFT_OUT}{missing}")


def program_or_skip(name: str, install: str) -> Path:
    """The same for one test: without the program it is left out."""
    try:
        return program(name, install)
    except Missing as missing:
        or_skip(missing)


class Server:
    """One server. `ready` is asked until it answers yes; what it raises means not yet.

    As root, `as_other_user` runs it as somebody who is not; its folder is given to that user.
    `end` asks it to end in good order; `death` is what it is sent when the process that started
    it is no more.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        folder: Path,
        ready: Callable[[], bool],
        *,
        environment: Mapping[str, str] | None = None,
        as_other_user: bool = False,
        end: signal.Signals = signal.SIGTERM,
        death: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.name = name
        self.folder = folder
        self.log = folder / f"{name}.log"
        self._command = [str(part) for part in command]
        self._ready = ready
        self._environment = dict(environment or {})
        self._user = OTHER_USER if as_other_user and os.geteuid() == 0 else ""
        self._how_to_end = end
        self._death = death
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self.begin()
        self.until_ready()

    def begin(self) -> None:
        """Start it without waiting, so that several come up beside each other."""
        assert self._process is None, f"{self.name} runs already"
        if self._user:
            give_to(self._user, self.folder)
        starter = (str(os.getpid()), self._user, str(int(self._death)))
        first_stage = [sys.executable, "-c", _FIRST_STAGE, *starter]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*first_stage, *self._command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self._environment},
                cwd=self.folder,
                start_new_session=True,
            )

    def until_ready(self) -> None:
        self.until(self._ready)

    def until(self, ready: Callable[[], bool]) -> None:
        """Ask it until it answers yes; what `ready` raises means not yet."""
        limit = time.monotonic() + READY_LIMIT_S
        while not _answers(ready):
            process = self._running()
            assert process.poll() is None, f"{self.name} ended by itself:\n{self.tail()}"
            assert time.monotonic() < limit, f"{self.name} never got ready:\n{self.tail()}"
            time.sleep(LOOK_EVERY_S)

    def stop(self) -> None:
        """Ask it to end; end it when it takes too long."""
        self._end(self._how_to_end)

    def kill(self) -> None:
        """kill -9, and wait until the kernel has taken it away. What it started is its own care."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    @property
    def pid(self) -> int:
        return self._running().pid

    def tail(self) -> str:
        """The end of what it said."""
        return self.log.read_text(errors="replace")[-TAIL_CHARACTERS:] if self.log.exists() else ""

    def _end(self, how: signal.Signals) -> None:
        process = self._running()
        process.send_signal(how)
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, f"{self.name} does not run"
        return self._process

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Quickly: nobody needs its data any more."""
        if self._process is None:
            return
        # The first process of some is only a launcher.
        alive = self._process.poll() is None
        family = psutil.Process(self.pid).children(recursive=True) if alive else []
        self.kill()
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(family, STOP_LIMIT_S)


def _answers(ready: Callable[[], bool]) -> bool:
    try:
        return ready()
    except Exception:
        return False


def short_folder(name: str) -> Path:
    """An empty folder that another user can reach: pytest's are closed to all but their owner."""
    folder = Path(tempfile.mkdtemp(prefix=f"tk-{name}-"))
    folder.chmod(0o755)
    return folder


def cache() -> Path:
    """A folder that outlives the run and that other users can read, as a server may be one."""
    named = os.environ.get("XDG_CACHE_HOME")
    home = Path(named) if named else Path.home() / ".cache"
    if os.geteuid() == 0 and not named:
        home = Path("/var/cache")
    folder = home / "tongke-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def give_to(user: str, folder: Path) -> None:
    """Make a folder and all in it another user's."""
    who = pwd.getpwnam(user)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, who.pw_uid, who.pw_gid, follow_symlinks=False)


def program(name: str, install: str) -> Path:
    """A program on PATH, or in /usr/sbin. Raises `Missing` with how to install it."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Missing(f"{name} is not on this machine: {install}")
    return Path(found)
