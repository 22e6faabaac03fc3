"""Commands as an operator runs them: as processes, told their settings by the environment."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.topology.stack import CHECKOUT

COMMAND_LIMIT_S = 120.0


@asynccontextmanager
async def command(
    environment: Mapping[str, str], folder: Path, *words: object
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command of ours while it runs."""
    inherited = {key: value for key, value in os.environ.items() if "TONGKE" not in key}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tongke.cli", *map(str, words)),
        env={**inherited, **environment, "PYTHONPATH": str(CHECKOUT), "LANG": "C.UTF-8"},
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def said(environment: Mapping[str, str], folder: Path, *words: object) -> Any:
    """Run a command to its end; its JSON."""
    async with command(environment, folder, *words, "--json") as process:
        out, wrong = await asyncio.wait_for(process.communicate(), COMMAND_LIMIT_S)
        assert process.returncode == 0, f"{words}: {out.decode()}{wrong.decode()}"
    return json.loads(out)
