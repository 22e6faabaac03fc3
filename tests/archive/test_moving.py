"""An installation moved to other parts: all of it, once, the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, event, text

from tests.archive.conftest import Installation, Make, one
from tongke import clock
from tongke.archive import last, moving, tables
from tongke.archive.errors import NotTheSame, TargetInUse, TargetStoreInUse
from tongke.archive.moving import Place
from tongke.storage import migrate
from tongke.storage.objects.files import FileObjects


def place(installation: Installation) -> Place:
    ground = installation.ground
    assert isinstance(ground.objects, FileObjects)
    return Place(ground.database, ground.objects, ground.appendable, ground.objects)


async def moved(here: Installation, there: Installation) -> int:
    """Move everything; how many uploads were unfinished."""
    await moving.claim(place(here), place(there))
    _, unfinished = await moving.move_objects(place(here), place(there))
    await moving.move_rows(here.ground.database, there.ground.database)
    await moving.compare(place(here), place(there))
    await moving.release(place(there))
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


# How long a server lets a transaction stand still before it ends it. Every connection of ours has
# such a limit (`tests.storage.test_retrying`).
IDLE_LIMIT = text("SELECT current_setting('idle_in_transaction_session_timeout')")
NONE = "0"


def on_server(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


async def test_a_server_that_ends_idle_transactions_ends_none_of_these(
    make: Make, school: Installation, kinds: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large table is read for minutes while the transaction on the other side stands still, and
    written for minutes while that of its reader does."""
    there = make(kinds[1])
    begun = list[Connection]()
    for installation in (school, there):
        event.listen(installation.ground.database.engine, "begin", begun.append)
    read = tables.lines
    limits = list[str]()

    def asking(connection: Connection, table: Table) -> Iterator[str]:
        standing = [each for each in begun if each.in_transaction() and on_server(each)]
        limits.extend(each.scalar(IDLE_LIMIT) for each in standing)
        return read(connection, table)

    with monkeypatch.context() as patched:
        patched.setattr(tables, "lines", asking)
        await moved(school, there)
        # Begun again, both sides are read to be compared.
        await moved(school, there)
    assert set(limits) == {NONE}


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
    await moving.claim(place(school), place(there))
    # As after a cut: of the upload a part is there, and of the objects the first.
    await there.ground.objects.put("originals/0", one(b"ours"), "text/plain")
    await school.ground.objects.put("originals/0", one(b"ours"), "text/plain")
    await there.ground.appendable.create("uploads/half")
    await there.ground.appendable.append("uploads/half", 0, one(b"0123"))
    await moved(school, there)
    await moved(school, there)
    assert await there.ground.appendable.size("uploads/half") == 10
    assert there.tallies() == school.tallies()


# A school's lesson and another's have the same key.
LESSON = "resources/1/a1-1/240p/1.m4s"


async def test_a_place_that_others_live_in_is_left_alone(
    school: Installation, make: Make, kinds: tuple[str, str]
) -> None:
    there, others = make(kinds[1]), make(kinds[0], migrated=True)
    await school.ground.objects.put(LESSON, one(b"the lesson of one school"), "video/iso.segment")
    await moved(school, there)
    before = there.tallies(), await there.contents()
    await others.found()
    await others.ground.objects.put(LESSON, one(b"another's, longer"), "video/iso.segment")
    with pytest.raises(TargetInUse):
        await moved(others, there)
    assert (there.tallies(), await there.contents()) == before
    # Nor is anything moved to where it was before, once it has gone on there.
    there.teacher = school.teacher
    await there.upload(b"theirs", "别人的")
    before = there.tallies(), await there.contents()
    with pytest.raises(TargetInUse):
        await moved(school, there)
    with pytest.raises(TargetInUse):
        await moving.move_rows(school.ground.database, there.ground.database)
    assert (there.tallies(), await there.contents()) == before


async def test_a_database_of_an_older_version_is_left_as_it_is(
    school: Installation, make: Make, kinds: tuple[str, str]
) -> None:
    there = make(kinds[1])
    migrate.upgrade(there.ground.database, "0001")
    with there.ground.database.engine.begin() as connection:
        region = "INSERT INTO region (code, name, level) VALUES ('430000', '湖南省', 'province')"
        connection.execute(text(region))
    with pytest.raises(TargetInUse):
        await moved(school, there)
    assert migrate.current(there.ground.database) == "0001"
    assert await there.contents() == {}


@pytest.mark.parametrize("migrated", [False, True])
async def test_a_store_that_holds_what_others_brought_is_left_alone(
    school: Installation, make: Make, kinds: tuple[str, str], migrated: bool
) -> None:
    """Its database is another, or is gone: the objects are somebody's all the same."""
    there = make(kinds[1])
    if migrated:
        migrate.upgrade(there.ground.database)
    await school.ground.objects.put(LESSON, one(b"the lesson of one school"), "video/iso.segment")
    await there.ground.objects.put(LESSON, one(b"another's, longer"), "video/iso.segment")
    with pytest.raises(TargetStoreInUse, match=LESSON):
        await moved(school, there)
    assert await there.contents() == {LESSON: b"another's, longer"}


async def test_a_move_that_another_has_begun_is_left_alone(
    school: Installation, make: Make, kinds: tuple[str, str]
) -> None:
    there, others = make(kinds[1]), make(kinds[0], migrated=True)
    await others.found()
    await others.ground.objects.put(LESSON, one(b"another's"), "video/iso.segment")
    await moving.claim(place(others), place(there))
    await moving.move_objects(place(others), place(there))
    with pytest.raises(TargetStoreInUse):
        await moved(school, there)
    await moved(others, there)
    assert await there.contents() == await others.contents()


async def test_a_city_that_was_tried_out_and_backed_up_is_empty(
    school: Installation, make: Make, kinds: tuple[str, str]
) -> None:
    there = make(kinds[1])
    await last.note(there.ground.objects, clock.now())
    await there.ground.objects.put("probe/0123456789abcdef", one(b"cut short"), "text/plain")
    await moved(school, there)
    # Of what came nothing was backed up.
    assert await last.made_at(there.ground.objects) is None


async def test_a_backup_between_two_runs_of_a_move_is_no_difference(
    school: Installation, make: Make, kinds: tuple[str, str]
) -> None:
    there, evening = make(kinds[1]), clock.now()
    await last.note(school.ground.objects, evening - timedelta(days=1))
    await moving.claim(place(school), place(there))
    await moving.move_objects(place(school), place(there))
    await last.note(school.ground.objects, evening)
    await moved(school, there)
    assert await last.made_at(there.ground.objects) == evening
    assert await there.contents() == await school.contents()


async def test_bytes_that_differ_are_copied_anew(
    school: Installation, make: Make, kinds: tuple[str, str]
) -> None:
    there = make(kinds[1])
    await moved(school, there)
    key = max(await school.contents())
    content = (await school.contents())[key]
    await there.ground.objects.put(key, one(content[:-1] + b"?"), "text/plain")
    await moving.compare(place(school), place(there))
    assert await there.contents() == await school.contents()


async def test_a_disk_that_gives_other_bytes_is_told(
    school: Installation, make: Make, kinds: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = make(kinds[1])
    await moved(school, there)
    # One of them is empty.
    key = next(key for key, content in (await school.contents()).items() if content)
    objects = there.ground.objects

    async def damaged(*asked: Any) -> AsyncIterator[bytes]:
        async for chunk in FileObjects.read(objects, *asked):  # type: ignore[arg-type]  # is one
            yield chunk[:-1] + b"?" if asked[0] == key else chunk

    monkeypatch.setattr(objects, "read", damaged)
    with pytest.raises(NotTheSame, match=key):
        await moving.compare(place(school), place(there))


async def test_a_row_that_differs_is_found(
    school: Installation, make: Make, kinds: tuple[str, str]
) -> None:
    there = make(kinds[1])
    await moved(school, there)
    there.teacher = school.teacher
    await there.upload(b"theirs")
    with pytest.raises(NotTheSame, match=r"upload|resource|job|outbox"):
        await moving.compare(place(school), place(there))
