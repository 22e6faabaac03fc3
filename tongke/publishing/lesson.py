"""The steps of a recording, in the order in which people need them.

checking     what is it? refused here with a reason, or the rest is planned
playable     remuxed, and shown while it is still being remuxed
thumbnails   poster and storyboard
thin         the sound and the smallest picture: thin lines wait for nobody
ladder       the other rungs, and a file to take along
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tongke.library.models import Asset, Resource
from tongke.library.vocabulary import Medium, Step
from tongke.media import ladder as ladders
from tongke.media import thumbnails as pictures
from tongke.media import transcode
from tongke.media.container import demuxer_of
from tongke.media.ladder import Ladder, Rung
from tongke.media.probe import Probe, probe
from tongke.media.remux import join, remux
from tongke.media.rendition import SOUND, SOURCE, SOURCE_SOUND, Made, describe
from tongke.publishing.growing import Growing
from tongke.publishing.made import (
    add_download,
    download_asset,
    make_viewable,
    rendition,
    swap_assets,
    swap_renditions,
)
from tongke.publishing.work import Outcome, Work

SOUND_FILE = "sound.m4a"
LESSON_FILE = "lesson.mp4"
# A copy to take along is for a phone or a classroom PC: no larger than this.
DOWNLOAD_LINES = 720


async def check(work: Work) -> Outcome:
    """Decide what the file is, and what has to be done with it."""
    async with work.shop.objects.local_copy(work.resource.original_key) as path:
        size = (await asyncio.to_thread(path.stat)).st_size
        if size and await asyncio.to_thread(demuxer_of, path) is None:
            return Outcome(_is_document, then=(Step.DOCUMENT,))
        found = await probe(work.shop.programs, path)
    return Outcome(_is_recording(found), then=_steps(found))


def _steps(found: Probe) -> tuple[Step, ...]:
    """What follows the check."""
    plan = ladders.plan(found)
    if found.video is None:
        return (Step.THIN,)
    first = (Step.PLAYABLE,) if plan.remux else ()
    rest = (Step.LADDER,) if plan.rest else ()
    return (*first, Step.THUMBNAILS, Step.THIN, *rest)


def _is_document(_session: Session, resource: Resource) -> None:
    resource.medium = Medium.DOCUMENT


def _is_recording(found: Probe) -> Callable[[Session, Resource], None]:
    def record(_session: Session, resource: Resource) -> None:
        resource.medium = Medium.VIDEO if found.video else Medium.SOUND
        resource.duration_s = found.duration_s

    return record


async def make_playable(work: Work) -> Outcome:
    """Remux the source, and publish it while it grows."""
    async with work.scratch() as folder, work.original() as path:
        found = await probe(work.shop.programs, path)
        growing = Growing(work, folder, found)
        async with asyncio.TaskGroup() as together:
            together.create_task(growing.follow())
            try:
                await remux(work.shop.programs, path, found, folder, work.progress)
            finally:
                growing.end()
        made = [await _describe(folder / SOURCE, found, None)]
        if found.audio:
            made.append(await describe(folder / SOURCE_SOUND))
        await growing.publish_rest()
    return Outcome(_shown(work, made))


async def thumbnails(work: Work) -> Outcome:
    """Draw the poster and the storyboard."""
    async with work.scratch() as folder, work.original() as path:
        found = await probe(work.shop.programs, path)
        made = folder / "made"
        made.mkdir()
        await pictures.poster(work.shop.programs, path, found, made)
        grid = await pictures.storyboard(work.shop.programs, path, found, made, work.progress)
        await work.keep(made)
    poster = _asset(work, "poster", pictures.POSTER)
    board = _asset(work, "storyboard", pictures.STORYBOARD, **asdict(grid))

    def record(session: Session, resource: Resource) -> None:
        swap_assets(session, resource, ("poster", "storyboard"), (poster, board))

    return Outcome(record)


async def encode_thin(work: Work) -> Outcome:
    """Encode the sound and the smallest picture."""
    async with work.scratch() as folder, work.original() as path:
        found = await probe(work.shop.programs, path)
        plan = ladders.plan(found)
        out = folder / "made"
        out.mkdir()
        await transcode.encode_thin(work.shop.programs, path, found, plan, out, work.progress)
        made = []
        if plan.smallest:
            made.append(await _describe(out / plan.smallest.name, found, plan.smallest))
        download = None
        if plan.sound:
            made.append(await describe(out / SOUND))
            await join(work.shop.programs, None, out / SOUND, out / SOUND_FILE)
            download = await _download(work, out / SOUND_FILE, "sound")
        await work.keep(out)
    return Outcome(_shown(work, made, download))


async def encode_ladder(work: Work) -> Outcome:
    """Encode the remaining rungs, and join a file to take along."""
    async with work.scratch() as folder, work.original() as path:
        found = await probe(work.shop.programs, path)
        plan = ladders.plan(found)
        out = folder / "made"
        out.mkdir()
        await transcode.encode_ladder(work.shop.programs, path, found, plan, out, work.progress)
        made = [await _describe(out / rung.name, found, rung) for rung in plan.rest]
        await _join(work, plan, folder, out)
        download = await _download(work, out / LESSON_FILE, "video")
        await work.keep(out)
    return Outcome(_shown(work, made, download))


async def _join(work: Work, plan: Ladder, folder: Path, out: Path) -> None:
    """The best rung for taking along, with the sound of the step before."""
    rung = next((r for r in plan.rest if r.lines <= DOWNLOAD_LINES), plan.rest[-1])
    sound = None
    if plan.sound:
        sound = folder / SOUND
        await work.fetch_rendition(SOUND, sound)
    await join(work.shop.programs, out / rung.name, sound, out / LESSON_FILE)


async def _describe(folder: Path, found: Probe, rung: Rung | None) -> Made:
    """A picture, with its size: of the rung, or of the source itself."""
    assert found.video is not None
    return await describe(
        folder,
        width=rung.width if rung else found.video.width,
        height=rung.height if rung else found.video.height,
        frame_rate=round(found.video.fps, 3) if rung is None else None,
    )


async def _download(work: Work, path: Path, kind: str) -> Asset:
    size = (await asyncio.to_thread(path.stat)).st_size
    return download_asset(work.resource.id, work.claim.prefix, path.name, kind, size)


def _shown(
    work: Work, made: list[Made], download: Asset | None = None
) -> Callable[[Session, Resource], None]:
    """Record renditions: with the first of them it can be watched."""
    rows = [rendition(work.resource.id, work.claim.prefix, one) for one in made]

    def record(session: Session, resource: Resource) -> None:
        swap_renditions(session, resource, rows)
        if download is not None:
            add_download(session, resource, download)
        make_viewable(resource)

    return record


def _asset(work: Work, role: str, name: str, **details: Any) -> Asset:
    return Asset(
        resource_id=work.resource.id,
        role=role,
        number=0,
        prefix=work.claim.prefix,
        name=name,
        details=details,
    )
