"""Where people stopped, and how often a lesson is watched."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.databases import Databases, opened
from tests.library.world import World
from tests.services.house import populate
from tests.sessions import writing
from tongke import clock
from tongke.errors import NotFound
from tongke.library import outbox, resources, watching
from tongke.library.models import Resource, WatchPosition
from tongke.people.audience import Viewer
from tongke.people.models import Account
from tongke.storage.database import Database


def report(world: World, name: str, resource: Resource, seconds: float) -> None:
    watching.keep_position(world.session, world.viewer(name), resource.id, seconds)


def views(world: World, resource: Resource) -> int:
    """The number that is shown, after the next round."""
    watching.count_views(world.session)
    world.session.flush()
    return world.session.scalars(select(Resource.views).where(Resource.id == resource.id)).one()


def test_a_position_is_kept_for_each_person(world: World) -> None:
    made = world.publish("zhou", ["school:1"])
    for name, seconds in (("zhou", 12.5), ("tang", 40.0), ("zhou", 13.5)):
        report(world, name, made, seconds)
    session = world.session
    assert watching.position(session, world.viewer("zhou"), made.id) == 13.5
    assert watching.position(session, world.viewer("tang"), made.id) == 40.0
    assert watching.position(session, world.viewer("head"), made.id) == 0.0
    with pytest.raises(NotFound):
        report(world, "long", made, 1.0)


def test_going_on_is_no_second_view_and_coming_back_later_is(world: World) -> None:
    made = world.publish("zhou", ["school:1"])
    for seconds in (1.0, 6.0, 11.0):
        report(world, "tang", made, seconds)
    assert views(world, made) == 1
    assert world.announced()[-1] == made.id
    assert views(world, made) == 1
    row = world.session.get_one(WatchPosition, (world.viewer("tang").account_id, made.id))
    row.updated_at -= timedelta(seconds=watching.VIEW_GAP_S + 1)
    world.session.flush()
    report(world, "tang", made, 1.0)
    report(world, "zhou", made, 1.0)
    assert views(world, made) == 3


def test_going_on_costs_the_index_nothing(world: World) -> None:
    made = world.publish("zhou")
    report(world, "zhou", made, 1.0)
    views(world, made)
    before = outbox.backlog(world.session)[0]
    report(world, "zhou", made, 2.0)
    views(world, made)
    assert outbox.backlog(world.session)[0] == before


def test_lessons_begun_and_not_finished_the_last_one_first(world: World) -> None:
    made = [world.publish("zhou", ["school:1"]) for _ in range(4)]
    viewer = world.viewer("tang")
    # A lesson of 90 s: hardly begun in the third, all but over in the fourth.
    for resource, seconds in zip(made, (10.0, 20.0, 4.0, 89.0), strict=True):
        report(world, "tang", resource, seconds)
    found = watching.begun(world.session, viewer, 10)
    assert [(resource.id, seconds) for resource, seconds in found] == [
        (made[1].id, 20.0), (made[0].id, 10.0),
    ]  # fmt: skip
    resources.delete(world.session, world.viewer("zhou"), made[1].id)
    assert [resource.id for resource, _ in watching.begun(world.session, viewer, 10)] == [
        made[0].id
    ]


def test_the_first_seconds_of_a_long_lesson_are_no_beginning(world: World) -> None:
    made = world.publish("zhou", ["school:1"])
    made.duration_s = 2700.0
    viewer = world.viewer("tang")
    report(world, "tang", made, 14.0)
    assert watching.begun(world.session, viewer, 10) == []
    report(world, "tang", made, 15.0)
    assert [seconds for _, seconds in watching.begun(world.session, viewer, 10)] == [15.0]


async def test_a_lesson_that_many_begin_at_once_makes_nobody_wait(databases: Databases) -> None:
    """Each report is one transaction, run once; the rounds go on meanwhile, and lose no view."""
    url = databases.migrated()
    with opened(url) as database, writing(database) as session:
        ids, _ = populate(session)
        world = World(session, ids, url)
        made = world.publish("zhou", ["school:1"]).id
        people = [account_like(session, world.viewer("tang"), n) for n in range(40)]
    database = Database(url)
    runs = 0

    def keep(session: Session, viewer: Viewer) -> None:
        nonlocal runs
        runs += 1
        watching.keep_position(session, viewer, made, 5.0)

    async def rounds() -> None:
        while True:
            await database.write_alone(watching.count_views)

    counting = asyncio.create_task(rounds())
    try:
        await asyncio.gather(*(database.write_alone(keep, viewer) for viewer in people))
    finally:
        counting.cancel()
        await asyncio.wait([counting])
    while await database.write_alone(watching.count_views):
        pass
    seen = await database.read(lambda session: session.get_one(Resource, made).views)
    await database.close()
    assert (runs, seen) == (len(people), len(people))


def account_like(session: Session, viewer: Viewer, number: int) -> Viewer:
    """Another person with the same rights."""
    row = Account(username=f"p{number}", name="教师", created_at=clock.now(), password_hash="none")
    session.add(row)
    session.flush()
    return replace(viewer, account_id=row.id)
