"""Reads a document in a child process: what workers call.

A stranger's file meets large parsers here, some in C. So each is read in a process of its own
that has limits on memory, time and output, knows none of the service's secrets, and ends with its
parent or when the caller is cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from pathlib import Path

import structlog

import tongke
from tongke.documents import office
from tongke.documents.errors import DamagedDocument, TooHeavyDocument, refusal
from tongke.documents.limits import MIB, WALL_S
from tongke.documents.result import DocumentResult

# A million characters come twice (whole and by section), in UTF-8 and JSON.
_MAX_LINE_BYTES = 32 * MIB
_STDERR_KEPT_BYTES = 4096
# What ends a process that takes too much: CPU time, the kernel out of memory, file size; and the
# three ways in which allocators written in C say that there is no more memory.
_TOO_MUCH = frozenset(
    {signal.SIGXCPU, signal.SIGKILL, signal.SIGXFSZ, signal.SIGABRT, signal.SIGTRAP, signal.SIGILL}
)
# All that a reader needs; the rest of the environment holds passwords.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")

Progress = Callable[[int, int], None]

_log = structlog.get_logger(__name__)


async def process(
    path: Path,
    filename: str,
    out_dir: Path,
    *,
    on_progress: Progress,
    libreoffice: Path | None = None,
    wall_s: float = WALL_S,
) -> DocumentResult:
    """Reads the document at `path`, known to its owner as `filename`, into the folder `out_dir`,
    which is made where it is missing.

    on_progress: called with pages done and pages in all. libreoffice: the one to use; None: the one
    on PATH, if any. Raises a subclass of `errors.DocumentRefused` for what cannot be read,
    RuntimeError when the reader itself failed (worth another try). Cancelling ends the child at
    once.
    """
    await asyncio.to_thread(out_dir.mkdir, parents=True, exist_ok=True)
    child = await _start(path, filename, out_dir, libreoffice)
    assert child.stderr is not None
    complaints = asyncio.create_task(_tail(child.stderr))
    try:
        async with asyncio.timeout(wall_s):
            result = await _listen(child, on_progress)
            await child.wait()
    except TimeoutError as error:
        raise TooHeavyDocument(detail=f"{wall_s} s") from error
    except DamagedDocument as refused:
        _log.warning("document-damaged", detail=refused.values.get("detail"))
        raise
    finally:
        await _end(child)
        said = await complaints
    if result is None:
        raise _why_it_died(child, said)
    return result


async def _start(path: Path, filename: str, out_dir: Path, libreoffice: Path | None) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # a file named like a module, in whatever folder we stand, is not run
        "-m",
        "tongke.documents",
        str(path),
        filename,
        str(out_dir),
        str(os.getpid()),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        limit=_MAX_LINE_BYTES,
        env=_environment(libreoffice),
        start_new_session=True,  # so that LibreOffice, its child, can be ended with it
    )


def _environment(libreoffice: Path | None) -> dict[str, str]:
    kept = {name: value for name in _ENVIRONMENT if (value := os.environ.get(name))}
    if libreoffice is not None:
        kept[office.NAMED] = str(libreoffice)
    # The code of this process, also where it is run from a checkout.
    return kept | {"PYTHONPATH": str(Path(tongke.__file__).parent.parent)}


async def _listen(child: Process, on_progress: Progress) -> DocumentResult | None:
    """The result; None when the child ended without a word. Raises what it refused."""
    assert child.stdout is not None
    while line := await _line(child.stdout):
        word, _, rest = line.rstrip(b"\n").partition(b" ")
        if word == b"result":
            return DocumentResult.from_json(rest)
        if word == b"refused":
            said = json.loads(rest)
            raise refusal(said["code"], said["values"])
        done, total = rest.split()
        on_progress(int(done), int(total))
    return None


async def _line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except ValueError as error:  # longer than `_MAX_LINE_BYTES`
        raise TooHeavyDocument(detail=str(error)) from error


async def _tail(stream: asyncio.StreamReader) -> str:
    """Reads to the end, so that the child never waits to be heard; keeps the last of it."""
    kept = b""
    while data := await stream.read(_STDERR_KEPT_BYTES):
        kept = (kept + data)[-_STDERR_KEPT_BYTES:]
    return kept.decode("utf-8", "replace")


async def _end(child: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    await child.wait()


def _why_it_died(child: Process, said: str) -> Exception:
    code = child.returncode or 0
    if code >= 0:
        return RuntimeError(f"the document reader failed ({code}): {said}")
    if -code in _TOO_MUCH:
        return TooHeavyDocument(detail=signal.Signals(-code).name)
    return DamagedDocument(detail=signal.Signals(-code).name)
