"""An installation moved to other parts: all of it, once, the same."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Table

from tests.archive.conftest import Installation, Make, one
from tongke.archive import moving, tables
from tongke.archive.errors import NotTheSame, TargetInUse
from tongke.archive.moving import Place
from tongke.storage import engines
from tongke.storage.objects.files import FileObjects


def place(installation: Installation) -> Place:
    ground = installation.ground
    assert isinstance(ground.objects, FileObjects)
    return Place(ground.database, ground.objects, ground.appendable, ground.objects)


async def moved(here: Installation, there: Installation) -> int:
    """Move everything; how many uploads were unfinished."""
    _, unfinished = await moving.move_objects(place(here), place(there))
    await moving.move_rows(here.ground.database, there.ground.database)
    await moving.compare(place(here), place(there))
    return unfinished


async def test_all_is_there_afterwards_and_numbers_go_on(
    school: Installation, make: Make, kinds: tuple[str, str]
) -> None:
    there = make(kinds[1])
    await moved(school, there)
    assert there.tallies() == school.tallies()
    assert await there.contents() == await school.contents()
    there.teacher = school.teacher
    assert await there.upload(b"new") == await school.upload(b"new") == 4


async def test_a_server_that_ends_idle_transactions_waits_for_a_slow_source(
    make: Make, school: Installation, kinds: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large table is read for minutes while the transaction on the other side stands still."""
    monkeypatch.setattr(engines, "IDLE_IN_TRANSACTION_TIMEOUT_MS", 1000)
    read = tables.lines

    def slowly(connection: Connection, table: Table) -> Iterator[str]:
        if table.name == "account":
            time.sleep(1.5)
        return read(connection, table)

    there = make(kinds[1])
    monkeypatch.setattr(tables, "lines", slowly)
    await moved(school, there)
    # Begun again, both sides are read to be compared.
    await moved(school, there)
    assert there.tallies() == school.tallies()


async def test_an_upload_under_way_goes_on_at_its_byte(
    school: Installation, make: Make, kinds: tuple[str, str]
) -> None:
    growing = school.ground.appendable
    await growing.create("uploads/half")
    await growing.append("uploads/half", 0, one(b"first half, "))
    there = make(kinds[1])
    assert await moved(school, there) == 1
    assert await there.ground.appendable.append("uploads/half", 12, one(b"second half")) == 23
    await there.ground.appendable.seal("uploads/half", "originals/half", "text/plain")
    assert (await there.contents())["originals/half"] == b"first half, second half"


async def test_begun_again_it_goes_on(
    school: Installation, make: Make, kinds: tuple[str, str]
) -> None:
    growing = school.ground.appendable
    await growing.create("uploads/half")
    await growing.append("uploads/half", 0, one(b"0123456789"))
    there = make(kinds[1])
    # As after a cut: of the upload a part is there.
    await there.ground.appendable.create("uploads/half")
    await there.ground.appendable.append("uploads/half", 0, one(b"0123"))
    await moved(school, there)
    await moved(school, there)
    assert await there.ground.appendable.size("uploads/half") == 10
    assert there.tallies() == school.tallies()


async def test_a_place_that_others_live_in_is_left_alone(
    school: Installation, make: Make, kinds: tuple[str, str]
) -> None:
    there = make(kinds[1])
    await moved(school, there)
    there.teacher = school.teacher
    await there.upload(b"theirs", "别人的")
    before = there.tallies()
    with pytest.raises(TargetInUse):
        await moving.move_rows(school.ground.database, there.ground.database)
    assert there.tallies() == before


async def test_a_byte_that_differs_is_found(
    school: Installation, make: Make, kinds: tuple[str, str]
) -> None:
    there = make(kinds[1])
    await moved(school, there)
    key = max(await school.contents())
    content = (await school.contents())[key]
    await there.ground.objects.put(key, one(content[:-1] + b"?"), "text/plain")
    with pytest.raises(NotTheSame, match=key):
        await moving.compare(place(school), place(there))
