"""ffmpeg within its limits: it ends when told to, when its parent dies, when it takes more."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.media.clips import Studio
from tests.waiting import LIMIT_S, until_true
from tongke.media import run
from tongke.media.errors import FfmpegFailed
from tongke.media.programs import NoFfmpeg, Programs
from tongke.media.run import LIMITS

pytestmark = pytest.mark.media

ENDLESS = ["-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=s=64x64", "-f", "null", "-"]


def encoders(parent: psutil.Process, program: Path) -> list[psutil.Process]:
    """The children that have become ffmpeg."""
    found = []
    for child in parent.children(recursive=True):
        try:
            if child.exe() == str(program.resolve()):
                found.append(child)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def is_gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE or not process.is_running()
    except psutil.NoSuchProcess:
        return True


async def test_cancelling_ends_the_child(programs: Programs) -> None:
    working = asyncio.create_task(run.ffmpeg(programs.ffmpeg, ENDLESS))
    me = psutil.Process()
    await until_true(lambda: bool(encoders(me, programs.ffmpeg)))
    children = encoders(me, programs.ffmpeg)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert all(is_gone(child) for child in children)


async def test_no_ffmpeg_outlives_a_parent_that_was_killed(programs: Programs) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path; from tongke.media import run; "
        "asyncio.run(run.ffmpeg(Path(sys.argv[1]), sys.argv[2:]))"
    )
    command = [sys.executable, "-c", script, str(programs.ffmpeg), *ENDLESS]
    parent = await asyncio.create_subprocess_exec(*command)
    try:
        seen = psutil.Process(parent.pid)
        await until_true(lambda: bool(encoders(seen, programs.ffmpeg)))
        children = encoders(seen, programs.ffmpeg)
    finally:
        parent.kill()
        await parent.wait()
    await until_true(lambda: all(is_gone(child) for child in children))


async def test_progress_never_goes_back_and_ends_at_the_end(
    programs: Programs, studio: Studio
) -> None:
    seen: list[float] = []
    await run.ffmpeg(
        programs.ffmpeg,
        ["-v", "error", "-i", str(studio.clip("lesson.mp4")), "-f", "null", "-"],
        duration_s=9.0,
        on_progress=seen.append,
    )
    assert seen == sorted(seen)
    assert 0.95 < seen[-1] <= 1


async def test_why_it_failed_is_told(programs: Programs, tmp_path: Path) -> None:
    with pytest.raises(FfmpegFailed) as failed:
        await run.ffmpeg(programs.ffmpeg, ["-v", "error", "-i", str(tmp_path / "none"), "-"])
    assert "No such file" in failed.value.detail


async def test_a_flood_of_messages_stops_nothing(programs: Programs, studio: Studio) -> None:
    said = await run.ffmpeg(
        programs.ffmpeg,
        ["-v", "trace", "-i", str(studio.clip("lesson.mp4")), "-f", "null", "-"],
    )
    assert len(said.splitlines()) == run.STDERR_LINES


@pytest.mark.parametrize(
    ("limits", "arguments"),
    [
        (
            replace(LIMITS, memory_bytes=64 * 2**20),
            ["-f", "lavfi", "-i", "testsrc2=s=3840x2160", "-frames:v", "50", "-f", "null", "-"],
        ),
        (
            replace(LIMITS, file_bytes=100_000),
            ["-f", "lavfi", "-i", "testsrc2=s=640x360", "-t", "9", "-f", "rawvideo", "OUT"],
        ),
        (
            replace(LIMITS, cpu_s=1),
            ["-f", "lavfi", "-i", "testsrc2=s=1920x1080,noise=alls=20", "-f", "null", "-"],
        ),
    ],
    ids=["memory", "file", "processor"],
)
async def test_limits_hold(
    programs: Programs, tmp_path: Path, limits: run.Limits, arguments: list[str]
) -> None:
    out = tmp_path / "out.yuv"
    given = [str(out) if argument == "OUT" else argument for argument in arguments]
    with pytest.raises(FfmpegFailed):
        await run.ffmpeg(programs.ffmpeg, ["-v", "error", *given], limits=limits)
    assert not out.exists() or out.stat().st_size <= limits.file_bytes


async def test_getting_no_further_is_an_end(programs: Programs, tmp_path: Path) -> None:
    """A pipe that nobody writes to stands for a file that was made to hang ffmpeg."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(FfmpegFailed, match="no further"):
        await run.ffmpeg(
            programs.ffmpeg,
            ["-v", "error", "-f", "mpegts", "-i", str(pipe), "-f", "null", "-"],
            limits=replace(LIMITS, stall_s=0.5),
        )


async def test_a_program_that_falls_silent_and_stays_is_ended(tmp_path: Path) -> None:
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\nexec >&-\nexec sleep 600\n")
    silent.chmod(0o755)
    async with asyncio.timeout(LIMIT_S):
        with pytest.raises(FfmpegFailed, match="no further"):
            await run.ffmpeg(silent, [], limits=replace(LIMITS, stall_s=0.5))


async def test_background_work_gives_way(programs: Programs) -> None:
    working = asyncio.create_task(run.ffmpeg(programs.ffmpeg, ENDLESS, nice=run.NICE_BACKGROUND))
    me = psutil.Process()
    await until_true(lambda: bool(encoders(me, programs.ffmpeg)))
    assert encoders(me, programs.ffmpeg)[0].nice() >= run.NICE_BACKGROUND
    working.cancel()
    await asyncio.wait({working})


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoFfmpeg) as missing:
        _ = Programs(tmp_path / "no-ffmpeg").ffmpeg
    assert "no-ffmpeg" in missing.value.message.en
