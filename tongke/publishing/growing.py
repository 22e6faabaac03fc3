"""Publishes a rendition while ffmpeg is still writing it.

Segments go into the object store as they close, then the playlist that names them, again and
again; when the first few are there the rows are written and the lesson can be watched. A playlist
is of type EVENT until ffmpeg ends it, so players come back for more.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy.orm import Session

from tongke.library import jobs
from tongke.library.models import Rendition, Resource
from tongke.library.resources import settle
from tongke.media import playlist
from tongke.media.probe import Probe
from tongke.media.rendition import INIT, PLAYLIST, SOURCE, SOURCE_SOUND, codecs
from tongke.publishing.made import make_viewable, swap_renditions
from tongke.publishing.work import Work

# A remux writes many segments a second; a teacher waits for the first of them.
LOOK_EVERY_S = 0.25
# So many segments and a player has something to play while more come.
ENOUGH = 3


class Growing:
    """The renditions `source` and `source-sound` of one attempt, in a folder being filled."""

    def __init__(self, work: Work, folder: Path, probe: Probe) -> None:
        self._work = work
        self._probe = probe
        sound = [SOURCE_SOUND] if probe.audio else []
        self._folders = [folder / name for name in [SOURCE, *sound]]
        self._kept: set[Path] = set()
        self._shown = False
        self._ended = asyncio.Event()

    def end(self) -> None:
        """ffmpeg has ended: stop following. What is left is `publish_rest`'s."""
        self._ended.set()

    async def follow(self) -> None:
        """Publish what closes, until the end."""
        while not self._ended.is_set():
            for folder in self._folders:
                await self._publish(folder)
            if not self._shown and all(self._count(folder) >= ENOUGH for folder in self._folders):
                await self._show()
            try:
                await asyncio.wait_for(self._ended.wait(), LOOK_EVERY_S)
            except TimeoutError:
                continue

    async def publish_rest(self) -> None:
        """Publish the last segments and the ended playlists."""
        for folder in self._folders:
            await self._publish(folder)

    def _count(self, folder: Path) -> int:
        return sum(path.parent == folder for path in self._kept)

    async def _publish(self, folder: Path) -> None:
        """New segments first, then the playlist that names them."""
        try:
            text = await asyncio.to_thread((folder / PLAYLIST).read_text)
        except FileNotFoundError:
            return
        names = [INIT, *(name for name, _ in playlist.segments(text))]
        fresh = [folder / name for name in names if folder / name not in self._kept]
        for path in fresh:
            await self._put(path, move=False)
            self._kept.add(path)
        if fresh or "#EXT-X-ENDLIST" in text:
            await self._put_text(folder / PLAYLIST, text)

    async def _put(self, path: Path, *, move: bool) -> None:
        await self._work.keep_file(path, f"{path.parent.name}/{path.name}", move=move)

    async def _put_text(self, path: Path, text: str) -> None:
        """A copy that ffmpeg cannot change while it is stored."""
        still = path.with_suffix(".still")
        await asyncio.to_thread(still.write_text, text)
        await self._work.keep_file(still, f"{path.parent.name}/{path.name}", move=True)

    async def _show(self) -> None:
        """Write the rows: from now on it can be watched."""
        rows = [await self._row(folder) for folder in self._folders]
        await self._work.shop.database.write(self._record, rows)
        self._shown = True

    async def _row(self, folder: Path) -> Rendition:
        video = self._probe.video if folder.name == SOURCE else None
        init = await asyncio.to_thread((folder / INIT).read_bytes)
        return Rendition(
            resource_id=self._work.resource.id,
            name=folder.name,
            kind="video" if video else "audio",
            prefix=self._work.claim.prefix,
            playlist=f"{folder.name}/{PLAYLIST}",
            codecs=codecs(init),
            # Of the whole file, until the segments are all there to be measured.
            bandwidth=self._probe.bit_rate * 2 if video else 192_000,
            average_bandwidth=self._probe.bit_rate if video else 128_000,
            width=video.width if video else None,
            height=video.height if video else None,
            frame_rate=round(video.fps, 3) if video else None,
        )

    def _record(self, session: Session, rows: list[Rendition]) -> None:
        jobs.renew(session, self._work.claim, self._work.percent, self._work.lease_s)
        resource = session.get_one(Resource, self._work.resource.id)
        swap_renditions(session, resource, rows)
        make_viewable(resource)
        settle(session, resource)
