"""The steps of a recording, in the order in which people need them.

checking     what is it? refused here with a reason, or the rest is planned
playable     remuxed, and shown while it is still being remuxed
thumbnails   poster and storyboard
thin         the sound and the smallest picture: thin lines wait for nobody
ladder       the other rungs, and a file to take along
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.orm import Session

from tongke.library.models import Asset, Resource
from tongke.library.vocabulary import AssetRole, DownloadKind, Medium, Step
from tongke.media import ladder as ladders
from tongke.media import thumbnails as pictures
from tongke.media import transcode
from tongke.media.container import demuxer_of
from tongke.media.errors import FfmpegFailed
from tongke.media.ladder import Ladder, Rung
from tongke.media.probe import Probe, probe
from tongke.media.remux import join, remux
from tongke.media.rendition import SOUND, SOURCE, Made, describe
from tongke.publishing.growing import Growing
from tongke.publishing.made import (
    add_download,
    download_asset,
    make_viewable,
    rendition_row,
    swap_assets,
    swap_renditions,
    withdraw_source,
)
from tongke.publishing.work import Outcome, Work

_log = structlog.get_logger("tongke.publishing")

SOUND_FILE = "sound.m4a"
LESSON_FILE = "lesson.mp4"
# A copy to take along is for a phone or a classroom PC: no larger than this.
DOWNLOAD_LINES = 720
# Of a check, and of a remux, so much is fetching the file where it is kept elsewhere: looking into
# it reads little, and a remux reads it once more.
MOSTLY_FETCHING = 0.9
HALF_FETCHING = 0.5


async def check(work: Work) -> Outcome:
    """Decide what the file is, and what has to be done with it."""
    async with work.original(share=MOSTLY_FETCHING) as path:
        size = (await asyncio.to_thread(path.stat)).st_size
        if size and await asyncio.to_thread(demuxer_of, path) is None:
            return Outcome(_is_document, then=(Step.DOCUMENT,))
        found = await probe(work.shop.programs, path, work.progress)
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
    programs = work.shop.programs
    async with work.scratch() as folder, work.original(share=HALF_FETCHING) as path:
        found = await probe(programs, path)
        growing = Growing(work, folder, found)
        try:
            await growing.publish(remux(programs, path, found, folder, work.progress))
        except FfmpegFailed as error:
            _log.warning("not-remuxable", resource=work.resource.id, why=error.detail)
            return _encoded_instead(found)
        made = [await _describe(place, found) for place in growing.folders]
    return Outcome(_shown(work, made))


def _encoded_instead(found: Probe) -> Outcome:
    """What looked fit to be kept as it is, and is not: the whole ladder is encoded."""
    rest = ladders.plan(found, may_remux=False).rest
    return Outcome(withdraw_source, then=(Step.LADDER,) if rest else ())


async def thumbnails(work: Work) -> Outcome:
    """Draw the poster and the storyboard."""
    async with work.scratch() as folder, work.original() as path:
        found = await probe(work.shop.programs, path)
        made = folder / "made"
        made.mkdir()
        sizes = await pictures.poster(work.shop.programs, path, found, made)
        grid = await pictures.storyboard(work.shop.programs, path, found, made, work.progress)
        await work.keep(made)
    poster = _asset(
        work, AssetRole.POSTER, pictures.POSTER, small=pictures.SMALL_POSTER, **asdict(sizes)
    )
    board = _asset(work, AssetRole.STORYBOARD, pictures.STORYBOARD, **asdict(grid))

    def record(session: Session, resource: Resource) -> None:
        swap_assets(session, resource, (AssetRole.POSTER, AssetRole.STORYBOARD), (poster, board))

    return Outcome(record)


async def encode_thin(work: Work) -> Outcome:
    """Encode the sound and the smallest picture."""
    async with work.scratch() as folder, work.original() as path:
        found, plan = await _planned(work, path)
        out = folder / "made"
        out.mkdir()
        await transcode.encode_thin(work.shop.programs, path, found, plan, out, work.progress)
        made, downloads = [], []
        if plan.smallest:
            made.append(await _describe(out / plan.smallest.name, found, plan.smallest))
        if plan.sound:
            made.append(await _describe(out / SOUND, found))
            downloads.append(await _sound_file(work, out))
        if plan.smallest and not plan.rest:
            downloads.append(await _lesson_file(work, plan, folder, out))
        await work.keep(out)
    return Outcome(_shown(work, made, downloads))


async def encode_ladder(work: Work) -> Outcome:
    """Encode the remaining rungs, and join a file to take along."""
    async with work.scratch() as folder, work.original() as path:
        found, plan = await _planned(work, path)
        out = folder / "made"
        out.mkdir()
        await transcode.encode_ladder(work.shop.programs, path, found, plan, out, work.progress)
        made = [await _describe(out / rung.name, found, rung) for rung in plan.rest]
        downloads = [await _lesson_file(work, plan, folder, out)]
        await work.keep(out)
    return Outcome(_shown(work, made, downloads))


async def _planned(work: Work, path: Path) -> tuple[Probe, Ladder]:
    """What the file holds, and the ladder to make of it beside what was kept as it is."""
    found = await probe(work.shop.programs, path)
    return found, ladders.plan(found, may_remux=await work.made_before(SOURCE))


async def _sound_file(work: Work, out: Path) -> Asset:
    await join(work.shop.programs, None, out / SOUND, out / SOUND_FILE)
    return await _download(work, out / SOUND_FILE, DownloadKind.SOUND)


async def _lesson_file(work: Work, plan: Ladder, folder: Path, out: Path) -> Asset:
    """Of the rungs just made the best for taking along, with the sound."""
    rungs = plan.rest or plan.rungs
    rung = next((rung for rung in rungs if rung.lines <= DOWNLOAD_LINES), rungs[-1])
    sound = out / SOUND if plan.sound else None
    if sound is not None and not await asyncio.to_thread(sound.exists):
        sound = folder / SOUND
        await work.fetch_rendition(SOUND, sound)
    await join(work.shop.programs, out / rung.name, sound, out / LESSON_FILE)
    return await _download(work, out / LESSON_FILE, DownloadKind.VIDEO)


async def _describe(folder: Path, found: Probe, rung: Rung | None = None) -> Made:
    """A rendition, with the size of its picture: of the rung, or of the source itself."""
    if rung is not None:
        return await describe(folder, width=rung.width, height=rung.height)
    if folder.name != SOURCE or found.video is None:
        return await describe(folder)
    video = found.video
    return await describe(
        folder, width=video.width, height=video.height, frame_rate=round(video.fps, 3)
    )


async def _download(work: Work, path: Path, kind: DownloadKind) -> Asset:
    size = (await asyncio.to_thread(path.stat)).st_size
    return download_asset(work.resource.id, work.claim.prefix, path.name, kind, size)


def _shown(
    work: Work, made: Sequence[Made], downloads: Sequence[Asset] = ()
) -> Callable[[Session, Resource], None]:
    """The rows of what was made. Whoever may see the resource sees it from now on."""
    rows = [rendition_row(work.resource.id, work.claim.prefix, one) for one in made]

    def record(session: Session, resource: Resource) -> None:
        swap_renditions(session, resource, rows)
        for download in downloads:
            add_download(session, resource, download)
        # As long as what was made of it: a header may promise more than the file holds.
        resource.duration_s = max(one.duration_s for one in made)
        make_viewable(resource)

    return record


def _asset(work: Work, role: AssetRole, name: str, **details: Any) -> Asset:
    return Asset(
        resource_id=work.resource.id,
        role=role,
        number=0,
        prefix=work.claim.prefix,
        name=name,
        details=details,
    )
