"""A ground with one teacher on it, and files that she has uploaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.media.clips import Studio
from tests.publishing.desk import Desk, hire
from tongke.bootstrap import Ground


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(tmp_path_factory.mktemp("clips"))


@pytest.fixture
async def desk(ground: Ground, studio: Studio, tmp_path: Path) -> Desk:
    return Desk(ground, studio, tmp_path, await ground.database.write(hire))
