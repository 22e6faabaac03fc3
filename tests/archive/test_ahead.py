"""A database that a newer version has brought to its schema, before anything is written to it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.archive.conftest import Installation, Make
from tongke.cli import move, opening
from tongke.cli.errors import SchemaAhead
from tongke.storage import migrate


@pytest.fixture(params=["sqlite", "postgresql"])
def ahead(make: Make, request: pytest.FixtureRequest) -> Installation:
    found = make(request.param)
    migrate.upgrade(found.ground.database)
    with found.ground.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    return found


def test_no_command_takes_it_for_one_that_is_behind(ahead: Installation) -> None:
    with pytest.raises(SchemaAhead):
        opening.require_schema(ahead.ground.settings)


def test_it_is_not_migrated(ahead: Installation) -> None:
    with pytest.raises(SchemaAhead):
        opening.upgrade_schema(ahead.ground.settings)
    assert migrate.current(ahead.ground.database) == "9999"


async def test_nothing_is_moved_there(ahead: Installation, make: Make) -> None:
    here = make("sqlite", migrated=True)
    await here.found()
    await here.upload(b"a lesson")
    with pytest.raises(SchemaAhead):
        await move._move_all(here.ground, ahead.ground)
    assert await ahead.contents() == {}
