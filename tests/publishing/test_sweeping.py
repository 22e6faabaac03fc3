"""The sweeper: finds what was lost sight of, removes what nobody names, touches nothing else.

What it does about uploads is in test_sweeping_uploads.py.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from tests.publishing.desk import LEASE_S
from tests.publishing.floor import BODY, Floor, all_resources
from tongke import clock
from tongke.library import jobs, resources
from tongke.library.models import Asset, Job, OutboxEntry, Rendition, Resource
from tongke.library.vocabulary import Queue
from tongke.people.models import LoginSession, PasswordSlip
from tongke.publishing import orphans, sweeping
from tongke.storage import migrate
from tongke.storage.bus.valkey import ValkeyBus

# Jobs


async def test_what_should_run_is_woken_and_what_runs_is_not(floor: Floor) -> None:
    waiting, running, dead, later, deleted, done = await floor.put_in(6)
    for number in (running, dead):
        await floor.desk.claim(number)
    past, future = clock.now() - timedelta(seconds=1), clock.now() + timedelta(hours=1)
    await floor.change(update(Job).where(Job.id == dead).values(leased_until=past))
    await floor.change(update(Job).where(Job.id == later).values(due_at=future))
    await floor.change(update(Resource).where(Resource.id == deleted).values(deleted_at=past))
    await floor.change(update(Job).where(Job.id == done).values(state=jobs.JobState.DONE))
    assert await sweeping.wake_lost_jobs(floor.shop) == 2
    assert floor.noted.sent == [(waiting, Queue.QUICK), (dead, Queue.QUICK)]


async def test_a_long_queue_is_not_sent_again_and_again(floor: Floor) -> None:
    """Its oldest are: were their messages lost, the others' turn comes after theirs."""
    numbers = await floor.put_in(sweeping.WOKEN_AT_ONCE + 5)
    assert await sweeping.wake_lost_jobs(floor.shop) == sweeping.WOKEN_AT_ONCE
    assert [number for number, _ in floor.noted.sent] == numbers[: sweeping.WOKEN_AT_ONCE]


# The deleted


async def test_what_was_deleted_long_ago_is_purged_whole(floor: Floor) -> None:
    old, recent, alive = await floor.put_in(3)
    await floor.put(f"resources/{old}/a1-1/720p/1.m4s", f"resources/{alive}/a3-1/720p/1.m4s")
    now = clock.now()
    for number, days in ((old, 2), (recent, 0)):
        await floor.change(
            update(Resource)
            .where(Resource.id == number)
            .values(deleted_at=now - timedelta(days=days))
        )
    gone = (await floor.desk.resource(old)).original_key
    await floor.change(delete(OutboxEntry))
    assert await sweeping.purge_deleted(floor.shop) == 1
    assert [row.id for row in await floor.desk.look(all_resources)] == [recent, alive]
    keys = await floor.keys()
    assert gone not in keys
    assert not [key for key in keys if key.startswith(f"resources/{old}/")]
    assert f"resources/{alive}/a3-1/720p/1.m4s" in keys
    assert await floor.desk.look(announced) == [old]
    assert {job.resource_id for job in await floor.desk.look(all_jobs)} == {recent, alive}


async def test_what_its_author_brings_back_at_that_moment_keeps_its_files(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = await floor.put_in()
    long_ago = clock.now() - timedelta(days=9)
    await floor.change(update(Resource).values(deleted_at=long_ago, deleted_by=Resource.author_id))

    def bring_back(session: Session) -> None:
        resources.restore(session, floor.viewer(session), number)

    read = floor.shop.database.read

    async def and_then_bring_back(query: Any, *arguments: Any) -> Any:
        found = await read(query, *arguments)
        await floor.shop.database.write(bring_back)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(floor.shop.database, "read", and_then_bring_back)
        assert await sweeping.purge_deleted(floor.shop) == 0
    assert (await floor.desk.resource(number)).original_key in await floor.keys()


# Orphans


async def test_what_no_row_names_is_removed_and_nothing_else(floor: Floor) -> None:
    (number,) = await floor.put_in()
    work = await floor.desk.claim(number)
    unfinished, sealed = await floor.begin(length=1000), await floor.begin()
    await floor.shop.appendable.seal(sealed.key, sealed.final_key, "application/test")
    await floor.shop.appendable.create("uploads/" + "0" * 32)
    named = [
        (await floor.desk.resource(number)).original_key,
        sealed.final_key,
        f"resources/{number}/a9-1/720p/1.m4s",
        f"resources/{number}/a9-2/poster.jpg",
        # What runs has named nothing yet.
        work.key("source/1.m4s"),
    ]
    orphans = [
        "originals/" + "0" * 32,
        f"resources/{number}/a9-3/poster.jpg",
        f"resources/{number + 1}/a9-1/720p/1.m4s",
    ]
    await floor.put(*named[2:], *orphans)
    await floor.shop.database.write(name_attempts, number)
    assert await sweeping.remove_orphans(floor.shop) == len(orphans) + 1
    assert await floor.keys() == set(named)
    assert await floor.pending() == {unfinished.key}
    assert await sweeping.remove_orphans(floor.shop) == 0


async def test_an_attempt_that_lost_its_job_leaves_orphans(floor: Floor) -> None:
    (number,) = await floor.put_in()
    dead = await floor.desk.claim(number)
    await floor.change(update(Job).values(leased_until=clock.now() - timedelta(seconds=LEASE_S)))
    held = await floor.desk.claim(number)
    await floor.put(dead.key("1.m4s"), held.key("1.m4s"))
    assert await sweeping.remove_orphans(floor.shop) == 1
    assert held.key("1.m4s") in await floor.keys()


async def test_a_new_orphan_has_its_grace(floor: Floor) -> None:
    """An upload is sealed a moment before its row says so."""
    await floor.put("originals/" + "0" * 32)
    assert await sweeping.remove_orphans(floor.desk.ground) == 0
    assert await floor.keys() == {"originals/" + "0" * 32}


async def test_where_nobody_has_an_account_nothing_is_an_orphan(floor: Floor) -> None:
    """As after a restore that failed, when the service was started all the same."""
    await floor.put_in()
    await floor.put("resources/7/a3-1/720p/1.m4s")
    await floor.shop.appendable.create("uploads/" + "0" * 32)
    before = await floor.keys()
    migrate.clear(floor.shop.database)
    migrate.upgrade(floor.shop.database)
    with capture_logs() as logs:
        assert await sweeping.remove_orphans(floor.shop) == 0
    assert (await floor.keys(), await floor.pending()) == (before, {"uploads/" + "0" * 32})
    (said,) = logs
    assert (said["event"], said["log_level"], said["orphans"]) == ("orphans-left", "error", 3)
    assert await orphans.left(floor.shop.bus) == (0, 3)


async def test_a_database_of_another_installation_makes_no_orphans(floor: Floor) -> None:
    """It has accounts, and few of the files."""
    (number,) = await floor.put_in()
    theirs = {f"resources/{n}/a{n}-1/720p/{part}.m4s" for n in range(2, 12) for part in range(3)}
    await floor.put(*theirs)
    assert await sweeping.remove_orphans(floor.shop) == 0
    assert theirs < await floor.keys()
    assert await orphans.left(floor.shop.bus) == (1, 10)
    # Some of it is named after all: the rest is believed.
    await floor.put(f"resources/{number}/a9-1/1.m4s", f"resources/{number}/a9-2/poster.jpg")
    await floor.shop.database.write(name_attempts, number)
    for key in [key for key in theirs if key.startswith("resources/9/")]:
        await floor.shop.objects.delete(key)
    assert await sweeping.remove_orphans(floor.shop) == 9 * 3
    assert await orphans.left(floor.shop.bus) is None


async def test_it_sweeps_without_the_bus(floor: Floor) -> None:
    await floor.put_in()
    await floor.put("originals/" + "0" * 32)
    away = ValkeyBus("redis://127.0.0.1:9/0")
    shop = dataclasses.replace(floor.desk.ground, settings=floor.shop.settings, bus=away)
    assert await sweeping.remove_orphans(shop) == 1
    await away.close()


@pytest.mark.parametrize(
    ("named", "unnamed", "somebody", "believed"),
    [
        (0, 0, False, True),
        (0, 1, False, False),
        (1, 9, True, True),
        (1, 10, True, False),
        (10, 10, True, True),
        (1000, 1001, True, False),
        (1000, 1000, False, False),
    ],
)
def test_how_many_orphans_are_believed(
    named: int, unnamed: int, somebody: bool, believed: bool
) -> None:
    counted = orphans.Counted(named, unnamed)
    assert orphans.believable(counted, somebody=somebody) is believed


def name_attempts(session: Session, number: int) -> None:
    session.add(
        Rendition(
            resource_id=number, name="720p", kind="video", prefix="a9-1/", playlist="720p/p.m3u8",
            codecs="", bandwidth=1, average_bandwidth=1,
        )
    )  # fmt: skip
    session.add(Asset(resource_id=number, role="poster", prefix="a9-2/", name="poster.jpg"))


# Credentials and scratch


async def test_sign_ins_and_slips_that_ran_out_are_forgotten(floor: Floor) -> None:
    now = clock.now()

    def sign_in(session: Session) -> None:
        for number, hours in enumerate((-1, 1)):
            ends = now + timedelta(hours=hours)
            person = {"account_id": floor.desk.teacher, "created_at": now, "expires_at": ends}
            session.add(LoginSession(token_hash=str(number), address="", user_agent="", **person))
            session.add(PasswordSlip(code_hash=str(number), issued_by=floor.desk.teacher, **person))

    await floor.shop.database.write(sign_in)
    await sweeping.forget_credentials(floor.shop)
    for table in (LoginSession, PasswordSlip):
        kept = await floor.desk.look(lambda s, table=table: s.scalars(select(table)).all())
        assert [row.expires_at > now for row in kept] == [True]


async def test_scratch_of_the_dead_is_removed_and_of_the_living_is_not(floor: Floor) -> None:
    (job,) = await floor.put_in()
    held = (await floor.desk.claim(job)).claim
    work_dir = floor.shop.settings.work_dir
    old, new, running = work_dir / "a9-1", work_dir / "a9-2", work_dir / held.prefix.rstrip("/")
    for folder in (old, new, running):
        (folder / "made").mkdir(parents=True)
        (folder / "made" / "1.m4s").write_bytes(BODY)
    before = clock.now() - timedelta(hours=1)
    long_ago = (before - timedelta(hours=1)).timestamp()
    for folder in (old, running):
        os.utime(folder, (long_ago, long_ago))
    assert await sweeping.clear_scratch(floor.shop, before) == 1
    assert set(work_dir.iterdir()) == {new, running}


async def test_a_worker_that_starts_removes_what_the_dead_left_here(floor: Floor) -> None:
    (job,) = await floor.put_in()
    held = (await floor.desk.claim(job)).claim
    work_dir = floor.shop.settings.work_dir
    dead, running, other = work_dir / "a9-1", work_dir / held.prefix.rstrip("/"), work_dir / "s3"
    for folder in (dead, running, other):
        (folder / "made").mkdir(parents=True)
    assert await sweeping.clear_dead_attempts(floor.shop) == 1
    assert set(work_dir.iterdir()) == {running, other}


async def test_scratch_that_goes_by_itself_meanwhile_is_no_matter(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = floor.shop.settings.work_dir / "a1-1"
    monkeypatch.setattr(Path, "iterdir", lambda _: iter([gone]))
    assert await sweeping.clear_scratch(floor.shop, clock.now()) == 0


def all_jobs(session: Session) -> Iterable[Job]:
    return list(session.scalars(select(Job)))


def announced(session: Session) -> list[int]:
    return list(session.scalars(select(OutboxEntry.resource_id)))
