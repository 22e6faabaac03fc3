"""The outbox: in order, in the transaction that changes, numbers that only grow."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.library.world import World
from tongke.library import outbox
from tongke.library.models import OutboxEntry, Resource
from tongke.storage.database import Database


def test_entries_come_in_the_order_of_the_changes(world: World) -> None:
    first, second = world.make("zhou"), world.make("tang")
    outbox.announce(world.session, first)
    assert world.announced() == [first.id, second.id, first.id]
    assert [entry.resource_id for entry in outbox.waiting(world.session, 2)] == [
        first.id, second.id,
    ]  # fmt: skip


def test_the_version_of_a_resource_is_the_number_of_its_newest_entry(world: World) -> None:
    made = world.make("zhou")
    versions = [made.version]
    for _ in range(3):
        outbox.announce(world.session, made)
        versions.append(made.version)
    assert versions == sorted(set(versions))
    assert outbox.waiting(world.session, 99)[-1].id == made.version


def test_numbers_grow_even_after_all_entries_were_taken(world: World) -> None:
    """Given again, a number would make the index pass over a change as one it has seen."""
    made = world.make("zhou")
    before = made.version
    world.session.execute(delete(OutboxEntry))
    outbox.announce(world.session, made)
    assert made.version > before


def test_done_takes_what_was_named_and_may_be_repeated(world: World) -> None:
    made = world.make("zhou")
    outbox.announce(world.session, made)
    first, second = outbox.waiting(world.session, 99)
    for _ in range(2):
        outbox.done(world.session, [first.id])
        assert [entry.id for entry in outbox.waiting(world.session, 99)] == [second.id]


def test_the_backlog_is_its_length_and_its_age(world: World) -> None:
    assert outbox.backlog(world.session) == (0, 0.0)
    world.make("zhou")
    count, age_s = outbox.backlog(world.session)
    assert count == 1
    assert 0 <= age_s < 60


def test_what_is_gone_is_announced_by_its_number(world: World) -> None:
    number = outbox.announce_id(world.session, 404)
    (entry,) = outbox.waiting(world.session, 99)
    assert (entry.id, entry.resource_id) == (number, 404)


async def test_a_change_that_was_rolled_back_leaves_no_word(world: World) -> None:
    def announce(session: Session) -> None:
        outbox.announce(session, session.get_one(Resource, made.id))

    def announce_and_fail(session: Session) -> None:
        announce(session)
        raise RuntimeError

    made = world.make("zhou")
    world.session.commit()
    database = Database(world.url)
    heard: list[bool] = []
    database.after_commit.append(lambda session: heard.append(outbox.wrote(session)))
    with pytest.raises(RuntimeError):
        await database.write(announce_and_fail)
    assert len(await database.read(outbox.waiting, 99)) == 1
    await database.write(lambda session: session.scalars(select(OutboxEntry)).all())
    await database.write(announce)
    assert heard == [False, True]
    await database.close()
