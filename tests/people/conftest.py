"""A small fixed world: two cities of Hunan, three schools, somebody of each kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tests.databases import Databases, opened
from tests.people.worlds import Town, settle
from tests.sessions import writing
from tongke.storage.database import Database


@pytest.fixture
def db(databases: Databases) -> Iterator[Database]:
    with opened(databases.migrated()) as found:
        yield found


@pytest.fixture
def town(db: Database) -> Town:
    with writing(db) as session:
        return settle(session)


@pytest.fixture
def session(db: Database, town: Town) -> Iterator[Session]:
    """A writing session over the fixed world."""
    with writing(db) as open_session:
        yield open_session
