"""The sweeper: finds what was accepted and then lost sight of, and what nobody needs any more.

Every hint between processes may be lost, and every process may die at any point. So at intervals
somebody looks at the tables, which are the truth, and does what should have been done.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.errors import TongkeError
from tongke.library import keys, outbox, queues, uploads, watching
from tongke.library.jobs import JobState
from tongke.library.models import Asset, Job, Rendition, Resource, Upload
from tongke.people.models import Account, LoginSession, PasswordSlip
from tongke.publishing import orphans, recording, uploading
from tongke.publishing.workshop import Workshop
from tongke.storage.database import table_of
from tongke.storage.objects.errors import ObjectBusy

_log = structlog.get_logger("tongke.sweep")

# The oldest of each queue are woken in one round. What waits behind a busy worker cannot be told
# from what was lost; woken all, round after round, a long queue would fill the broker's memory.
WOKEN_AT_ONCE = 10


async def wake_lost_jobs(shop: Workshop) -> int:
    """Hand to the queues what should run and does not: its message or its worker was lost."""
    found = await shop.database.read(queues.overdue, clock.now(), WOKEN_AT_ONCE)
    for job_id, queue in found:
        shop.hints.run_step(job_id, queue)
    return len(found)


async def count_views(shop: Workshop) -> int:
    """Bring the views of lessons up to what was watched since the last round."""
    people = 0
    while counted := await shop.database.write_alone(watching.count_views):
        people += counted
    return people


async def finish_uploads(shop: Workshop) -> int:
    """Finish uploads whose last byte came, and whose end did not."""
    finished = 0
    for upload in await shop.database.read(uploads.left, clock.now()):
        try:
            if await uploading.durable_offset(shop, upload) == upload.length:
                await uploading.finish(shop, upload)
                finished += 1
            else:
                await shop.database.write(uploads.let_rest, upload)
        except TongkeError as error:
            # Said in every round until the upload expires.
            _log.debug("upload-not-finished", upload=upload.id, why=error.code)
    return finished


async def drop_expired_uploads(shop: Workshop) -> int:
    """Forget uploads that nobody went on with."""
    dropped = 0
    for upload in await shop.database.read(uploads.expired, clock.now()):
        try:
            if upload.resource_id is None:
                await shop.appendable.abort(upload.key)
            await shop.database.write(_forget_upload, upload.id)
            dropped += 1
        except ObjectBusy:
            _log.info("upload-still-written", upload=upload.id)
    return dropped


async def purge_deleted(shop: Workshop) -> int:
    """Remove the rows and files of what was deleted long enough ago.

    The row first, so that nobody can bring back what has lost its files; if we die in between,
    the files are orphans.
    """
    before = clock.now() - timedelta(days=shop.settings.deleted_keep_days)
    purged = 0
    for resource in await shop.database.read(_deleted_before, before):
        if await shop.database.write(_purge, resource.id, before):
            await shop.objects.delete_prefix(resource.folder)
            await shop.objects.delete(resource.original_key)
            purged += 1
    return purged


async def remove_orphans(shop: Workshop) -> int:
    """Remove objects that no row names, when they are older than the grace time, and when there are
    not so many that it must be the rows that are missing (`orphans`).

    The grace time must be longer than any step takes: what a running attempt makes is named only
    when the step ends.
    """
    before = clock.now() - timedelta(hours=shop.settings.orphan_grace_h)
    # Counted first and then looked for anew: the keys of a whole store would fill the memory.
    counted = await _count_kept(shop, before)
    somebody = await shop.database.read(_somebody)
    believed = orphans.believable(counted, somebody=somebody)
    await orphans.tell(shop.bus, None if believed else counted)
    removed = 0
    if not believed:
        _log.error("orphans-left", orphans=counted.orphans, named=counted.named)
    elif counted.orphans:
        removed = await _remove_orphans(shop, before)
    return removed + await shop.objects.sweep(before)


async def _remove_orphans(shop: Workshop, before: datetime) -> int:
    removed = 0
    async for kept in _kept(shop, before):
        if kept.named:
            continue
        if kept.unfinished:
            await shop.appendable.abort(kept.key)
        else:
            await shop.objects.delete(kept.key)
        removed += 1
    return removed


async def forget_credentials(shop: Workshop) -> int:
    """Remove sign-ins and slips that have run out; how many sign-ins."""
    return await shop.database.write(_forget_credentials, clock.now())


async def clear_scratch(shop: Workshop, before: datetime) -> int:
    """Remove what was left in this machine's scratch. An attempt that runs is left alone, however
    long it takes."""
    running = await shop.database.read(_running_names)
    return await asyncio.to_thread(_clear_folders, shop.settings.work_dir, running, before)


async def clear_dead_attempts(shop: Workshop) -> int:
    """Remove what attempts that died left on this machine, gigabytes each perhaps.

    Looked for first and asked about then: an attempt is in the table before it has a folder, so
    that the folder of another worker here, which has just begun, is never taken for a dead one's.
    """
    found = await asyncio.to_thread(_attempts_in, shop.settings.work_dir)
    dead = found.keys() - await shop.database.read(_running_names) if found else set()
    for name in dead:
        await asyncio.to_thread(shutil.rmtree, found[name], ignore_errors=True)
    return len(dead)


def _attempts_in(work_dir: Path) -> dict[str, Path]:
    return {folder.name: folder for folder in work_dir.iterdir() if keys.is_attempt(folder.name)}


def _clear_folders(work_dir: Path, kept: set[str], before: datetime) -> int:
    removed = 0
    for folder in work_dir.iterdir():
        # An attempt that ends at this moment removes its own.
        with contextlib.suppress(FileNotFoundError):
            if folder.name not in kept and folder.stat().st_mtime < before.timestamp():
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
    return removed


@dataclass(frozen=True)
class _Kept:
    """An object, and what it is or belongs to: an original, a folder of an attempt, an upload."""

    key: str
    thing: str
    named: bool
    unfinished: bool = False


async def _count_kept(shop: Workshop, before: datetime) -> orphans.Counted:
    named = unnamed = 0
    last_named = last_unnamed = ""
    # What belongs together comes together.
    async for kept in _kept(shop, before):
        if kept.named:
            named += kept.thing != last_named
            last_named = kept.thing
        else:
            unnamed += kept.thing != last_unnamed
            last_unnamed = kept.thing
    return orphans.Counted(named, unnamed)


async def _kept(shop: Workshop, before: datetime) -> AsyncIterator[_Kept]:
    """All that rows name, and what none does of what is older than that."""
    originals = await shop.database.read(_originals)
    attempts = await shop.database.read(_attempts)
    async for found in shop.objects.list(keys.ORIGINALS):
        if (named := found.key in originals) or found.modified_at < before:
            yield _Kept(found.key, found.key, named)
    async for found in shop.objects.list(keys.RESOURCES):
        folder = keys.attempt_folder_of(found.key)
        if (named := folder in attempts) or found.modified_at < before:
            yield _Kept(found.key, folder, named)
    growing = await shop.database.read(_upload_keys)
    async for found in shop.appendable.pending():
        if (named := found.key in growing) or found.modified_at < before:
            yield _Kept(found.key, found.key, named, unfinished=True)


def _somebody(session: Session) -> bool:
    return session.scalar(select(Account.id).limit(1)) is not None


def _originals(session: Session) -> set[str]:
    """Every original there should be; an upload that is sealed and not yet a resource counts."""
    kept = set(session.scalars(select(Resource.original_key)))
    return kept | {keys.original(number) for number in session.scalars(select(Upload.id))}


def _attempts(session: Session) -> set[str]:
    """The folders that rows name, and those of attempts and of classes that run."""
    named = {
        keys.folder(resource_id) + prefix
        for table in (Rendition, Asset)
        for resource_id, prefix in session.execute(
            select(table.resource_id, table.prefix).distinct()
        )
    }
    named |= set(recording.folders_on_air(session))
    return named | {
        keys.folder(job.resource_id) + keys.attempt(job.id, job.fence) for job in _running(session)
    }


def _running_names(session: Session) -> set[str]:
    return {keys.attempt(job.id, job.fence).rstrip("/") for job in _running(session)}


def _running(session: Session) -> list[Job]:
    return list(session.scalars(select(Job).where(Job.state == JobState.RUNNING)))


def _upload_keys(session: Session) -> set[str]:
    return {keys.upload(number) for number in session.scalars(select(Upload.id))}


def _forget_upload(session: Session, upload_id: str) -> None:
    session.execute(delete(Upload).where(Upload.id == upload_id))


def _deleted_before(session: Session, before: datetime) -> list[Resource]:
    return list(session.scalars(select(Resource).where(Resource.deleted_at < before)))


def _purge(session: Session, resource_id: int, before: datetime) -> bool:
    """Whether it was still there to be purged: its author may have brought it back meanwhile."""
    resource = session.get(Resource, resource_id)
    if resource is None or resource.deleted_at is None or resource.deleted_at >= before:
        return False
    outbox.announce_id(session, resource_id)
    session.execute(delete(Upload).where(Upload.resource_id == resource_id))
    session.delete(resource)
    return True


def _forget_credentials(session: Session, now: datetime) -> int:
    sessions = table_of(LoginSession)
    # Told to nobody: what has run out gives no right any more.
    ended = session.execute(
        delete(sessions).where(sessions.c.expires_at < now).returning(sessions.c.id)
    )
    session.execute(delete(PasswordSlip).where(PasswordSlip.expires_at < now))
    return len(ended.all())
