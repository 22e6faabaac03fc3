"""The index comes to agree with the database, whatever became of it. On both engines."""

from __future__ import annotations

from sqlalchemy import delete, text, update

from tests.workers.shelf import Shelf
from tests.workers.shelf import settings as settings
from tests.workers.shelf import shelf as shelf
from tongke import clock
from tongke.library.models import OutboxEntry, Resource, ResourceToken
from workers import indexing


async def mended(shelf: Shelf) -> int:
    """How many differed; in the end nothing does."""
    found = await indexing.mend(shelf.ground)
    await indexing.catch_up(shelf.ground)
    assert await indexing.mend(shelf.ground) == 0
    return found


async def test_where_all_agrees_nothing_is_announced(shelf: Shelf) -> None:
    await shelf.publish("声音的产生")
    await indexing.catch_up(shelf.ground)
    assert await indexing.mend(shelf.ground) == 0
    assert await shelf.backlog() == 0


async def test_what_waits_in_the_outbox_is_no_difference(shelf: Shelf) -> None:
    await shelf.publish("声音的产生")
    backlog = await shelf.backlog()
    assert await indexing.mend(shelf.ground) == 0
    assert await shelf.backlog() == backlog


async def test_an_index_that_was_deleted_is_filled_again(shelf: Shelf) -> None:
    await shelf.publish("声音的产生")
    await shelf.publish("光的反射")
    await indexing.catch_up(shelf.ground)
    await shelf.lose_index()
    assert await mended(shelf) == 2
    assert await shelf.titles() == {"声音的产生", "光的反射"}
    await shelf.ground.close()


async def test_entries_that_were_lost_are_written_again(shelf: Shelf) -> None:
    number, other = await shelf.publish("旧题"), await shelf.publish("不变")
    await indexing.catch_up(shelf.ground)
    await shelf.rename(number, "新题")
    await shelf.publish("新课")
    await shelf.behind_its_back(delete(OutboxEntry))
    assert await mended(shelf) == 2
    assert await shelf.titles() == {"新题", "不变", "新课"}
    assert other in await shelf.versions()


async def test_rows_that_went_behind_its_back_are_found_no_more(shelf: Shelf) -> None:
    gone, hidden = await shelf.publish("没了"), await shelf.publish("藏了")
    await shelf.publish("还在")
    await indexing.catch_up(shelf.ground)
    await shelf.behind_its_back(
        delete(Resource).where(Resource.id == gone),
        update(Resource).where(Resource.id == hidden).values(deleted_at=clock.now()),
        delete(ResourceToken).where(ResourceToken.resource_id == hidden),
    )
    assert await mended(shelf) == 2
    assert await shelf.titles() == {"还在"}


async def test_a_database_put_back_from_an_older_copy_wins_over_a_newer_index(
    shelf: Shelf,
) -> None:
    """Its numbers begin again below those that the index has seen."""
    number, later = await shelf.publish("旧题"), await shelf.publish("后来的课")
    await shelf.rename(number, "后来的题")
    await indexing.catch_up(shelf.ground)
    await shelf.behind_its_back(
        delete(Resource).where(Resource.id == later),
        update(Resource).where(Resource.id == number).values(title="旧题", version=1),
        text(
            "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'outbox'"
            if shelf.ground.database.is_sqlite
            else "SELECT setval('outbox_id_seq', 1)"
        ),
    )
    assert await mended(shelf) == 2
    assert await shelf.titles() == {"旧题"}
