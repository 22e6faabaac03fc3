"""The small province of `tests.services.house` in a database, and people who use the library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.library.world import World
from tests.services.house import populate
from tests.sessions import writing
from tongke.storage.database import Base, Database


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = Database(f"sqlite:///{tmp_path / 'tongke.db'}")
    Base.metadata.create_all(database.engine)
    with writing(database) as session:
        ids, _ = populate(session)
    with writing(database) as session:
        yield World(session, ids)
    database.engine.dispose()
