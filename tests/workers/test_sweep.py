"""One round of the sweeper: what it does each time, and what only now and then."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.databases import Databases
from tests.library.world import World
from tests.services.house import AGREEMENT, populate
from tongke import clock, heartbeats
from tongke.bootstrap import Ground
from tongke.classes import batches
from tongke.classes.models import LiveClass
from tongke.classes.plan import booking
from tongke.classes.plan.booking import Wanted
from tongke.classes.plan_models import Notice
from tongke.errors import Unavailable
from tongke.people.models import Account, Agreement, Room
from tongke.people.queries import viewer_of
from tongke.settings import Settings
from tongke.storage.bus import embedded
from tongke.storage.bus.errors import BusUnavailable
from tongke.storage.objects.s3_sweep import COPY_PREFIX
from workers import sweep


@pytest.fixture
def settings(folder: Path, databases: Databases) -> Iterator[Settings]:
    """With a Valkey of its own: what is done now and then is noted there."""
    run = folder / "run"
    with embedded.running(embedded.find_server(None), run) as url:
        yield Settings(
            _env_file=None,
            data_dir=folder / "data",
            database_url=databases.of_an_installation(folder / "data"),
            bus_url=url,
            port=0,
        )


async def publish(ground: Ground) -> None:
    ids, _ = await ground.database.write(populate)
    await ground.database.write(lambda session: World(session, ids).publish("zhou").id)


async def test_each_round_looks_for_lost_work_and_the_first_for_everything(ground: Ground) -> None:
    await publish(ground)
    first = await sweep.sweep(ground)
    assert (first["jobs"], first["uploads"], first["drift"]) == (1, 0, 0)
    assert first["outbox"] > 0
    assert {"expired", "purged", "orphans", "scratch"} <= first.keys()
    again = await sweep.sweep(ground)
    assert again == {"jobs": 1, "uploads": 0, "views": 0, "outbox": 0}


async def test_what_is_due_now_and_then_is_due_again_after_its_time(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "THOROUGH_EVERY_S", 0.001)
    for _ in range(2):
        assert "drift" in await sweep.sweep(ground)


async def test_an_agreement_that_has_run_out_parts_the_classes_of_its_schools(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "THOROUGH_EVERY_S", 0.001)
    await ground.database.write(populate)
    number = await ground.database.write(_booked)
    assert (await sweep.sweep(ground))["partings"] == 0

    def run_out(session: Session) -> None:
        session.get_one(Agreement, AGREEMENT).ends_on = clock.today() - timedelta(days=1)

    await ground.database.write(run_out)
    assert (await sweep.sweep(ground))["partings"] == 1
    assert await ground.database.read(lambda s: s.get_one(LiveClass, number).seats) == []
    assert (await sweep.sweep(ground))["partings"] == 0


async def test_what_the_clock_does_to_many_classes_is_done_to_a_few_at_once(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile the lessons that run write as well. A series is one piece of news."""
    monkeypatch.setattr(batches, "AT_ONCE", 2)
    await ground.database.write(populate)
    for number in range(5):
        await ground.database.write(_booked, 2 + number, "a series" if number < 3 else None)

    def today(session: Session) -> None:
        for hours, live in enumerate(session.scalars(select(LiveClass)), start=1):
            live.begins_at = clock.now() + timedelta(hours=hours)
            live.ends_at = live.begins_at + timedelta(minutes=40)

    def run_out(session: Session) -> None:
        session.get_one(Agreement, AGREEMENT).ends_on = clock.today() - timedelta(days=1)

    await ground.database.write(today)
    await ground.database.write(run_out)
    written: list[Session] = []
    ground.database.after_commit.append(written.append)
    assert await sweep.THOROUGH["partings"](ground) == 5
    assert len(written) == 2, "the three of the series, then the others"
    told = await ground.database.read(lambda s: s.scalars(select(Notice.class_id)).all())
    assert len(set(told)) == 3
    assert await sweep.THOROUGH["partings"](ground) == 0

    def long_ago(session: Session) -> None:
        for notice in session.scalars(select(Notice)):
            notice.created_at -= timedelta(days=1)

    await ground.database.write(long_ago)
    written.clear()
    assert await sweep.THOROUGH["reminders"](ground) == 5
    assert len(written) == 3
    assert await sweep.THOROUGH["reminders"](ground) == 0


def _booked(session: Session, days: int = 3, series: str | None = None) -> int:
    """A class of school 1 with a room of school 2."""
    session.merge(Room(id=2, school_id=2, name="七（2）班"))
    teacher = session.scalars(select(Account).where(Account.username == "zhou")).one()
    viewer = viewer_of(session, teacher.id)
    assert viewer is not None
    begins = clock.now() + timedelta(days=days)
    wanted = Wanted(
        title="一节课", mode="broadcast", purpose="lesson", begins_at=begins,
        ends_at=begins + timedelta(minutes=40), teacher_id=teacher.id, school_id=1,
        seats=((2, None),),
    )  # fmt: skip
    session.flush()
    return booking.book(session, viewer, wanted, series=series).id


async def test_a_part_that_fails_keeps_nothing_from_the_others(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(ground)

    async def away(documents: object) -> None:
        raise Unavailable(part="search")

    monkeypatch.setattr(ground.index, "upsert", away)
    found = await sweep.sweep(ground)
    assert "outbox" not in found
    assert found["jobs"] == 1
    assert {"drift", "expired", "purged", "orphans", "scratch"} <= found.keys()


async def test_a_worker_clears_originals_that_were_copied_here_by_the_dead(ground: Ground) -> None:
    """Of its own disk: the housekeeping goes to one machine alone."""
    work = ground.settings.work_dir
    left, lent = work / f"{COPY_PREFIX}left", work / f"{COPY_PREFIX}lent"
    for folder in (left, lent):
        folder.mkdir()
        (folder / "source").write_bytes(b"a lesson")
    long_ago = (clock.now() - timedelta(hours=ground.settings.orphan_grace_h + 1)).timestamp()
    os.utime(left, (long_ago, long_ago))
    assert await sweep.clear_up_after_the_dead(ground) == {"attempts": 0, "scratch": 1}
    assert set(work.iterdir()) == {lent}


async def test_a_worker_clears_up_before_its_first_task_and_then_hourly(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    clearing = sweep.Clearing()
    assert await clearing.when_due(ground) == {"attempts": 0, "scratch": 0}
    assert await clearing.when_due(ground) == {}
    monkeypatch.setattr(sweep, "HOUSEKEEPING_EVERY_S", 0.0)
    assert await clearing.when_due(ground) == {"attempts": 0, "scratch": 0}


async def test_a_round_says_that_it_ended(ground: Ground) -> None:
    assert await heartbeats.since_swept_s(ground.bus) == math.inf
    await sweep.sweep(ground)
    assert await heartbeats.since_swept_s(ground.bus) < 60


async def test_without_the_bus_lost_work_is_still_looked_for(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(ground)

    async def away(*_said: object) -> None:
        raise BusUnavailable

    monkeypatch.setattr(ground.bus, "acquire", away)
    monkeypatch.setattr(ground.bus, "set", away)
    found = await sweep.sweep(ground)
    assert found["outbox"] > 0
    assert "drift" not in found
