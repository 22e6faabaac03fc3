"""The ffmpeg under test (`TONGKE_FFMPEG` names another), and a studio that makes clips."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.media.clips import Studio
from tongke.media.programs import Programs
from tongke.settings import Settings


@pytest.fixture(scope="session")
def programs() -> Programs:
    settings = Settings(_env_file=None)
    return Programs(settings.ffmpeg, settings.ffprobe)


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return Studio(tmp_path_factory.mktemp("clips"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An empty folder for what is made."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder
