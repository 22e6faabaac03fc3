"""The small province of `tests.services.house` in a database, and people who use the library."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases import Databases, opened
from tests.library.world import World
from tests.services.house import populate
from tests.sessions import writing


@pytest.fixture
def world(databases: Databases) -> Iterator[World]:
    url = databases.migrated()
    with opened(url) as database:
        with writing(database) as session:
            ids, _ = populate(session)
        with writing(database) as session:
            yield World(session, ids, url)
