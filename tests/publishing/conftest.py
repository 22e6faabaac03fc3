"""A ground with one teacher on it, files that she has uploaded, and a sweeper for them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.media.clips import Studio
from tests.publishing.desk import Desk, hire
from tests.publishing.floor import Floor, Noted
from tongke.bootstrap import Ground


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(tmp_path_factory.mktemp("clips"))


@pytest.fixture
async def desk(ground: Ground, studio: Studio, tmp_path: Path) -> Desk:
    return Desk(ground, studio, tmp_path, await ground.database.write(hire))


@pytest.fixture
def floor(desk: Desk, tmp_path: Path) -> Floor:
    noted = Noted()
    settings = desk.ground.settings.model_copy(update={"orphan_grace_h": 0, "deleted_keep_days": 1})
    shop = dataclasses.replace(desk.ground, settings=settings, hints=noted)
    folder = tmp_path / "sent"
    folder.mkdir()
    return Floor(desk, shop, noted, folder)
