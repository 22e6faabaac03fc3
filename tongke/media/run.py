"""Runs ffmpeg and ffprobe: within limits, cancellable, with progress and a reason for failing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable
from pathlib import Path

from tongke.media.errors import FfmpegFailed

OnProgress = Callable[[float], None]

CHILD = Path(__file__).with_name("child.py")
GIB = 2**30
# x264 at 1080p with four rungs maps about 2.5 GiB; more than this is a hostile file.
MEMORY_BYTES = 8 * GIB
# No file of ours is larger: a day of the highest rung.
FILE_BYTES = 64 * GIB
# Encoding gives way to the web process and to what makes a lesson playable.
NICE_BACKGROUND = 10
# Without a sign of life for so long ffmpeg hangs in a file that was made to hang it.
SILENCE_S = 300.0
STDERR_LINES = 30


async def ffmpeg(
    program: Path,
    arguments: list[str],
    *,
    duration_s: float = 0.0,
    on_progress: OnProgress | None = None,
    nice: int = 0,
) -> str:
    """Run ffmpeg to its end; what it said last (stderr).

    Cancelling kills it. `on_progress` gets 0 to 1, of `duration_s`.

    Raises:
        FfmpegFailed: it ended badly, or fell silent.
    """
    command = [str(program), "-hide_banner", "-nostdin", "-y", "-nostats"]
    command += ["-progress", "pipe:1", *arguments]
    child = await _start(command, nice)
    assert child.stdout is not None
    assert child.stderr is not None
    said = asyncio.create_task(_tail(child.stderr))
    try:
        await _follow(child.stdout, duration_s, on_progress)
        code = await child.wait()
    except TimeoutError:
        raise FfmpegFailed(f"silent for {SILENCE_S:.0f} s") from None
    finally:
        await _end(child)
        stderr = await said
    if code != 0:
        raise FfmpegFailed(stderr or f"exit code {code}")
    return stderr


async def ffprobe(program: Path, arguments: list[str]) -> tuple[int, bytes, str]:
    """Run ffprobe: exit code, stdout, and what it said."""
    child = await _start([str(program), "-hide_banner", "-v", "error", *arguments], 0)
    try:
        async with asyncio.timeout(SILENCE_S):
            out, err = await child.communicate()
    except TimeoutError:
        raise FfmpegFailed(f"silent for {SILENCE_S:.0f} s") from None
    finally:
        await _end(child)
    return child.returncode or 0, out, err.decode(errors="replace")[-4000:]


async def _start(command: list[str], nice: int) -> Process:
    limits = [str(os.getpid()), str(nice), str(MEMORY_BYTES), str(FILE_BYTES), "--"]
    return await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", str(CHILD), *limits, *command, stdout=PIPE, stderr=PIPE
    )


async def _follow(
    stdout: asyncio.StreamReader, duration_s: float, on_progress: OnProgress | None
) -> None:
    """Read `key=value` lines until the end."""
    while True:
        line = await asyncio.wait_for(stdout.readline(), SILENCE_S)
        if not line:
            return
        key, _, value = line.decode().strip().partition("=")
        if key == "out_time_us" and value.lstrip("-").isdigit() and on_progress and duration_s:
            on_progress(max(0.0, min(int(value) / 1e6 / duration_s, 1.0)))


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
        kept.append(line.decode(errors="replace").rstrip()[:400])


async def _end(child: Process) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
