"""The files of the demonstration library, made in a process of their own.

Making them keeps two cores busy for some seconds. In a process it can be stopped at once, and
dies with us: `python -m tongke.cli.demo.making FOLDER FFMPEG` prints the names as they are there.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from tongke import lifeline
from tongke.errors import Text, TongkeError


class MakingFailed(TongkeError):
    code = "demo-making-failed"
    message = Text(
        "示例文件没有做成：{reason}", "The demonstration's files could not be made: {reason}"
    )
    remedy = Text(
        "运行 tongke doctor 检查 ffmpeg 和磁盘空间", "Check ffmpeg and the disk with tongke doctor"
    )


async def made(folder: Path, ffmpeg: Path) -> AsyncIterator[str]:
    """The names of the files in the order in which they are finished. Raises `MakingFailed`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __spec__.name, str(folder), str(ffmpeg),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, lifeline.PARENT_VARIABLE: str(os.getpid())},
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    said = asyncio.create_task(process.stderr.read())
    try:
        async for line in process.stdout:
            yield line.decode().rstrip("\n")
        if await process.wait() != 0:
            raise MakingFailed(reason=(await said).decode(errors="replace")[-300:].strip())
    finally:
        said.cancel()
        with suppress(ProcessLookupError):
            # Its ffmpeg is in the same group.
            os.killpg(process.pid, signal.SIGKILL)


def main() -> None:
    lifeline.die_with_named_parent()
    from tongke.demo_library import catalogue

    folder, ffmpeg = sys.argv[1:]
    # Before the slides are drawn and the papers are set, which takes a while.
    subprocess.run([ffmpeg, "-version"], check=True, stdout=subprocess.DEVNULL)
    catalogue.make(
        Path(folder),
        ffmpeg,
        lambda _done, _total, name: print(name, flush=True),  # noqa: T201
    )


if __name__ == "__main__":
    main()
