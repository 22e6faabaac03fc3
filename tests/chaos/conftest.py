"""An installation in a folder of its own, with people in it, whose processes a test starts."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.servers.ports import free_port
from tests.services.house import populate
from tongke import bootstrap
from tongke.bootstrap import Ground
from tongke.settings import Settings


@dataclass(frozen=True)
class Installation:
    """What is there before the service starts. `ground` is the test's own view of the truth."""

    settings: Settings
    ground: Ground
    ids: dict[str, int]
    tokens: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Its path has to be short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="tk-") as found:
        yield Path(found)


@pytest.fixture
async def installation(folder: Path, databases: Databases) -> AsyncIterator[Installation]:
    settings = Settings(
        _env_file=None,
        data_dir=folder,
        database_url=databases.of_an_installation(folder),
        port=free_port(),
        rtmp_port=free_port(),
        min_free_bytes=0,
        # What a killed worker held is taken up, and what was lost is found, within seconds.
        job_lease_s=5,
        sweep_every_s=2,
    )
    ground = bootstrap.build(settings)
    ids, tokens = await ground.database.write(populate)
    yield Installation(settings, ground, ids, tokens)
    await ground.close()
