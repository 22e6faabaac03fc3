"""Counts what is there: resources, jobs, objects, index, and what they say of each other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from tongke.bootstrap import Ground
from tongke.library import outbox
from tongke.library.jobs import JobState, next_step
from tongke.library.models import Asset, Job, Rendition, Resource
from tongke.library.vocabulary import QUEUE_OF, Queue, Step
from tongke.media import playlist
from tongke.media.rendition import INIT


def resources(session: Session) -> list[Resource]:
    query = select(Resource).order_by(Resource.id).options(undefer(Resource.text))
    return list(session.scalars(query))


def jobs(session: Session) -> list[Job]:
    return list(session.scalars(select(Job)))


def at_rest(session: Session) -> bool:
    """Whether nothing is left to do."""
    unfinished = [job for job in jobs(session) if job.state in {JobState.QUEUED, JobState.RUNNING}]
    return not unfinished and not outbox.waiting(session, 1)


def running(session: Session, queue: Queue) -> set[tuple[int, int]]:
    """The steps of a queue that a worker holds, by job and fence."""
    found = set()
    for job in jobs(session):
        step = next_step(job)
        if job.state == JobState.RUNNING and step and QUEUE_OF[Step(step.name)] is queue:
            found.add((job.id, job.fence))
    return found


def cut_short(session: Session) -> int:
    """How many times a step was taken that did not come to its end."""
    return sum(job.fence - len(job.steps) for job in jobs(session))


async def sha256(ground: Ground, key: str) -> str:
    digest = hashlib.sha256()
    async for chunk in ground.objects.read(key):
        digest.update(chunk)
    return digest.hexdigest()


async def stored(ground: Ground) -> set[str]:
    return {found.key async for found in ground.objects.list()}


async def folders_named(ground: Ground) -> set[str]:
    """The originals, and the folders of attempts, that rows name."""
    found = await ground.database.read(resources)
    rows = await ground.database.read(_made)
    return {resource.original_key for resource in found} | {
        f"resources/{row.resource_id}/{row.prefix}" for row in rows
    }


def folder_of(key: str) -> str:
    """An original by itself, anything else by the attempt that made it."""
    return key if key.startswith("originals/") else "/".join(key.split("/")[:3]) + "/"


async def files_named(ground: Ground) -> set[str]:
    """Every file that a player or a reader is sent to."""
    found: set[str] = set()
    for row in await ground.database.read(_made):
        base = f"resources/{row.resource_id}/{row.prefix}"
        if isinstance(row, Asset):
            found |= {base + name for name in _files_of(row)}
        else:
            found |= await _files_of_rendition(ground, base + row.playlist)
    return found


def _made(session: Session) -> list[Rendition | Asset]:
    return [*session.scalars(select(Rendition)), *session.scalars(select(Asset))]


def _files_of(asset: Asset) -> Iterator[str]:
    # An outline is in the row itself.
    if asset.role != "outline":
        yield asset.name
    if asset.role == "page":
        sizes = ("small", "large", "wide")
        yield from (asset.details[size] for size in sizes if size in asset.details)


async def _files_of_rendition(ground: Ground, key: str) -> set[str]:
    chunks = [chunk async for chunk in ground.objects.read(key)]
    text = b"".join(chunks).decode()
    folder = key.rsplit("/", 1)[0]
    assert "#EXT-X-ENDLIST" in text, f"{key} is not ended"
    names = [INIT, *(name for name, _ in playlist.segments(text))]
    return {key, *(f"{folder}/{name}" for name in names)}
