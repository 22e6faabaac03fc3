"""The sweeper: finds what was lost sight of, removes what nobody names, touches nothing else."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tests.publishing.desk import LEASE_S, Desk
from tests.publishing.floor import BODY, Floor, Noted, once
from tongke import clock
from tongke.errors import Unavailable
from tongke.library import jobs, resources, uploads
from tongke.library.models import Asset, Job, OutboxEntry, Rendition, Resource, Upload
from tongke.library.vocabulary import Queue
from tongke.people.models import LoginSession, PasswordSlip, Role
from tongke.publishing import sweeping, uploading
from tongke.storage.objects.errors import ObjectMissing

LONG_AGO = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def floor(desk: Desk, tmp_path: Path) -> Floor:
    noted = Noted()
    settings = desk.ground.settings.model_copy(update={"orphan_grace_h": 0, "deleted_keep_days": 1})
    shop = dataclasses.replace(desk.ground, settings=settings, hints=noted)
    folder = tmp_path / "sent"
    folder.mkdir()
    return Floor(desk, shop, noted, folder)


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


# Uploads


async def test_an_upload_whose_end_was_lost_is_finished_once(floor: Floor) -> None:
    complete, half = await floor.begin(), await floor.begin(length=1000)
    sealed = await floor.begin()
    await floor.shop.appendable.seal(sealed.key, sealed.final_key, "application/test")
    assert await sweeping.finish_uploads(floor.shop) == 2
    assert await sweeping.finish_uploads(floor.shop) == 0
    found = await floor.desk.look(all_resources)
    assert {row.original_key for row in found} == {complete.final_key, sealed.final_key}
    assert await floor.keys() == {complete.final_key, sealed.final_key}
    assert await floor.pending() == {half.key}
    assert len(await floor.desk.look(lambda s: s.scalars(select(Job)).all())) == 2


async def test_the_store_is_asked_once_about_an_upload_that_rests(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    resting, written = await floor.begin(length=1000), await floor.begin(length=1000, written=True)
    asked: list[str] = []
    size = floor.shop.appendable.size

    async def noting(key: str) -> int:
        asked.append(key)
        return await size(key)

    monkeypatch.setattr(floor.shop.appendable, "size", noting)
    for _ in range(3):
        assert await sweeping.finish_uploads(floor.shop) == 0
    assert asked == [resting.key]
    await floor.change(update(Upload).where(Upload.id == written.id).values(touched_at=LONG_AGO))
    assert await sweeping.finish_uploads(floor.shop) == 0
    assert asked == [resting.key, written.key]


async def test_who_goes_on_with_a_resting_upload_is_found_again(floor: Floor) -> None:
    upload = await floor.begin(BODY[:3], length=len(BODY))
    assert await sweeping.finish_uploads(floor.shop) == 0
    (rested,) = await floor.desk.look(all_uploads)
    assert rested.touched_at is None
    await uploading.append(floor.shop, rested, 3, once(BODY[3:]))
    (left,) = await floor.desk.look(all_uploads)
    assert left.touched_at is not None
    assert await sweeping.finish_uploads(floor.shop) == 0, "its writer may be there yet"
    await floor.change(update(Upload).values(touched_at=LONG_AGO))
    assert await sweeping.finish_uploads(floor.shop) == 1
    assert await floor.keys() == {upload.final_key}


async def test_who_goes_on_while_the_store_is_asked_is_not_forgotten(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await floor.begin(length=1000)
    size = floor.shop.appendable.size

    async def and_meanwhile(key: str) -> int:
        await floor.shop.database.write(uploads.touch, upload.id)
        return await size(key)

    monkeypatch.setattr(floor.shop.appendable, "size", and_meanwhile)
    await sweeping.finish_uploads(floor.shop)
    (found,) = await floor.desk.look(all_uploads)
    assert found.touched_at is not None


async def test_a_database_that_is_away_stops_no_bytes(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await floor.begin(b"", length=1000)

    async def away(*_: object) -> None:
        raise Unavailable(part="数据库")

    with monkeypatch.context() as patch:
        patch.setattr(floor.shop.database, "write", away)
        assert await uploading.append(floor.shop, upload, 0, once(BODY)) == len(BODY)


async def test_an_upload_that_cannot_be_finished_does_not_stop_the_others(floor: Floor) -> None:
    gone = await floor.begin()
    await floor.shop.appendable.abort(gone.key)
    complete = await floor.begin()
    assert await sweeping.finish_uploads(floor.shop) == 1
    assert await floor.keys() == {complete.final_key}


async def test_an_upload_that_begins_at_this_moment_is_left_alone(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, store = await floor.begin(b"", length=1000), floor.shop.appendable
    ask = store.size

    async def before_it_was_there(key: str) -> int:
        """Its row is written, its object not yet; a moment later it is."""
        monkeypatch.setattr(store, "size", ask)
        raise ObjectMissing(key=key)

    monkeypatch.setattr(store, "size", before_it_was_there)
    assert await sweeping.finish_uploads(floor.shop) == 0
    assert await floor.pending() == {upload.key}
    assert await store.append(upload.key, 0, once(b"its first byte")) == 14


async def test_who_may_not_upload_any_more_gets_no_resource(floor: Floor) -> None:
    await floor.begin()
    await floor.change(delete(Role))
    assert await sweeping.finish_uploads(floor.shop) == 0
    assert await floor.desk.look(all_resources) == []


async def test_expired_uploads_are_forgotten_with_their_bytes(floor: Floor) -> None:
    expired, kept = await floor.begin(length=1000), await floor.begin(length=1000)
    (number,) = await floor.put_in()
    await expire(floor, expired.id)
    made = await floor.desk.resource(number)
    await expire(floor, made.original_key.removeprefix("originals/"))
    assert await sweeping.drop_expired_uploads(floor.shop) == 2
    assert await floor.pending() == {kept.key}
    assert [row.id for row in await floor.desk.look(all_uploads)] == [kept.id]
    assert await floor.keys() == {made.original_key}
    assert [row.id for row in await floor.desk.look(all_resources)] == [number]


async def test_an_upload_still_written_stays_and_the_others_go(floor: Floor) -> None:
    busy, expired = await floor.begin(length=1000), await floor.begin(length=1000)
    for upload in (busy, expired):
        await expire(floor, upload.id)

    async def and_meanwhile() -> AsyncIterator[bytes]:
        yield b"more"
        assert await sweeping.drop_expired_uploads(floor.shop) == 1

    await floor.shop.appendable.append(busy.key, len(BODY), and_meanwhile())
    assert [row.id for row in await floor.desk.look(all_uploads)] == [busy.id]
    assert await sweeping.drop_expired_uploads(floor.shop) == 1


async def expire(floor: Floor, upload_id: str) -> None:
    past = clock.now() - timedelta(seconds=1)
    await floor.change(update(Upload).where(Upload.id == upload_id).values(expires_at=past))


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


def all_resources(session: Session) -> list[Resource]:
    return list(session.scalars(select(Resource).order_by(Resource.id)))


def all_uploads(session: Session) -> list[Upload]:
    return list(session.scalars(select(Upload)))


def all_jobs(session: Session) -> Iterable[Job]:
    return list(session.scalars(select(Job)))


def announced(session: Session) -> list[int]:
    return list(session.scalars(select(OutboxEntry.resource_id)))
