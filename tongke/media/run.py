"""Runs ffmpeg and ffprobe: within limits, cancellable, with progress and a reason for failing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from tongke.media.errors import FfmpegFailed

OnProgress = Callable[[float], None]

CHILD = Path(__file__).with_name("child.py")
GIB = 2**30
# Encoding gives way to the web process and to what makes a lesson playable.
NICE_BACKGROUND = 10
STDERR_LINES = 30
# ffmpeg takes these for the end of its input, writes half a file, and calls it a success.
SHORTAGES = ("Out of memory", "Cannot allocate memory", "No space left on device")
STDERR_LINE_CHARACTERS = 400


@dataclass(frozen=True)
class Limits:
    """What one ffmpeg may take. Only a file that was made to do harm comes near."""

    # x264 at 1080p with four rungs maps about 2.5 GiB.
    memory_bytes: int = 8 * GIB
    # A day of the highest rung.
    file_bytes: int = 64 * GIB
    # The whole ladder takes 1.2 s of processor time for a second of 1080p; 4K on an old machine
    # takes ten times that.
    cpu_s: int = 600
    cpu_s_per_s: float = 20.0
    # Getting no further for so long, it hangs. A sheet of the storyboard of a long recording
    # takes minutes on a busy machine.
    stall_s: float = 900.0

    def cpu_for(self, duration_s: float) -> int:
        return self.cpu_s + round(self.cpu_s_per_s * duration_s)


LIMITS = Limits()
# It decodes next to nothing; the index of twelve hours takes some 200 MiB.
PROBE_LIMITS = Limits(memory_bytes=2 * GIB)
MOST_SAID_BYTES = 4 * 2**20
_PIPE_BYTES = 2**16


async def ffmpeg(
    program: Path,
    arguments: list[str],
    *,
    duration_s: float = 0.0,
    on_progress: OnProgress | None = None,
    nice: int = 0,
    limits: Limits = LIMITS,
) -> str:
    """Run ffmpeg to its end; what it said last (stderr).

    Cancelling kills it. `on_progress` gets 0 to 1, of `duration_s`, and never goes back.

    Raises:
        FfmpegFailed: it ended badly, or got no further.
    """
    command = [str(program), "-hide_banner", "-nostdin", "-y", "-nostats"]
    command += ["-progress", "pipe:1", *arguments]
    child = await _start(command, nice, limits, duration_s)
    assert child.stdout is not None
    assert child.stderr is not None
    said = asyncio.create_task(_tail(child.stderr))
    try:
        await _follow(child.stdout, duration_s, on_progress, limits.stall_s)
        # It has nothing more to say, and may hang all the same.
        code = await asyncio.wait_for(child.wait(), limits.stall_s)
    except TimeoutError:
        raise FfmpegFailed(f"no further for {limits.stall_s:.0f} s") from None
    finally:
        await _end(child)
        stderr = await said
    if code != 0 or any(words in stderr for words in SHORTAGES):
        raise FfmpegFailed(stderr or f"exit code {code}")
    return stderr


async def ffprobe(
    program: Path, arguments: list[str], *, limits: Limits = PROBE_LIMITS
) -> tuple[int, bytes, str]:
    """Run ffprobe: exit code, stdout, and what it said.

    Raises:
        FfmpegFailed: it hangs, or says more than any recording has to say.
    """
    async with _probing(program, arguments, limits) as (child, said):
        assert child.stdout is not None
        out = bytearray()
        while part := await child.stdout.read(_PIPE_BYTES):
            out += part
            if len(out) > MOST_SAID_BYTES:
                raise FfmpegFailed(f"more than {MOST_SAID_BYTES} bytes of ffprobe")
        code = await child.wait()
        return code, bytes(out), await said


async def ffprobe_lines(
    program: Path, arguments: list[str], *, limits: Limits = PROBE_LIMITS
) -> AsyncGenerator[str]:
    """What ffprobe writes, line by line: the packets of a long recording are millions.

    Raises:
        FfmpegFailed: it hangs.
    """
    async with _probing(program, arguments, limits) as (child, _):
        assert child.stdout is not None
        while line := await child.stdout.readline():
            yield line.decode()


@contextlib.asynccontextmanager
async def _probing(
    program: Path, arguments: list[str], limits: Limits
) -> AsyncIterator[tuple[Process, asyncio.Task[str]]]:
    """A running ffprobe, and what it will have said (stderr); it ends with the block."""
    command = [str(program), "-hide_banner", "-v", "error", *arguments]
    child = await _start(command, 0, limits, 0.0)
    assert child.stderr is not None
    said = asyncio.create_task(_tail(child.stderr))
    try:
        async with asyncio.timeout(limits.stall_s):
            yield child, said
    except TimeoutError:
        raise FfmpegFailed(f"no answer for {limits.stall_s:.0f} s") from None
    finally:
        await _end(child)
        await said


@contextlib.asynccontextmanager
async def ffmpeg_between_pipes(
    program: Path,
    arguments: list[str],
    *,
    duration_s: float,
    nice: int = 0,
    limits: Limits = LIMITS,
) -> AsyncIterator[tuple[Process, asyncio.Task[str]]]:
    """A running ffmpeg that reads `pipe:0` and writes `pipe:1`, and what it will have said.

    It ends with the block. `duration_s` is the most that it will ever be given.
    """
    command = [str(program), "-hide_banner", "-nostats", "-v", "error", *arguments]
    child = await _start(command, nice, limits, duration_s, stdin=PIPE)
    assert child.stderr is not None
    said = asyncio.create_task(_tail(child.stderr))
    try:
        yield child, said
    finally:
        await _end(child)
        await said


async def _start(
    command: list[str], nice: int, limits: Limits, duration_s: float, stdin: int | None = None
) -> Process:
    numbers = (
        os.getpid(),
        nice,
        limits.cpu_for(duration_s),
        limits.memory_bytes,
        limits.file_bytes,
    )
    within = [sys.executable, "-I", "-S", str(CHILD), *map(str, numbers), "--"]
    return await asyncio.create_subprocess_exec(
        *within, *command, stdin=stdin, stdout=PIPE, stderr=PIPE
    )


class _Progress:
    """What `-progress` says, block after block of `key=value`."""

    # ffmpeg repeats itself while it hangs; these move only when something was made.
    TELLING = frozenset({"frame", "total_size", "out_time_us"})

    def __init__(self) -> None:
        self._said: dict[str, str] = {}
        self.fraction = 0.0

    def take(self, line: str, duration_s: float) -> bool:
        """Take a line; whether it shows that something was made."""
        key, _, value = line.strip().partition("=")
        if key not in self.TELLING or self._said.get(key) == value:
            return False
        self._said[key] = value
        if key == "out_time_us" and value.isdigit() and duration_s:
            self.fraction = max(self.fraction, min(int(value) / 1e6 / duration_s, 1.0))
        return True


async def _follow(
    stdout: asyncio.StreamReader,
    duration_s: float,
    on_progress: OnProgress | None,
    stall_s: float,
) -> None:
    """Read until the end; TimeoutError when nothing was made for `stall_s`."""
    progress = _Progress()
    clock = asyncio.get_running_loop().time
    async with asyncio.timeout(stall_s) as stall:
        while line := await stdout.readline():
            if progress.take(line.decode(), duration_s):
                stall.reschedule(clock() + stall_s)
                if on_progress:
                    on_progress(progress.fraction)


async def _tail(stderr: asyncio.StreamReader) -> str:
    """Drain stderr, so that ffmpeg never waits for us, and keep its last lines."""
    kept: deque[str] = deque(maxlen=STDERR_LINES)
    while True:
        try:
            line = await stderr.readline()
        except ValueError:  # a line longer than the buffer
            continue
        if not line:
            return "\n".join(kept)
        kept.append(line.decode(errors="replace").rstrip()[:STDERR_LINE_CHARACTERS])


async def _end(child: Process) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
