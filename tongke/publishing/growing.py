"""Publishes a rendition while ffmpeg is still writing it.

Segments go into the object store as they close, then the playlist that names them, again and
again; when the first few are there the rows are written and the lesson can be watched. A playlist
is of type EVENT until ffmpeg ends it, so players come back for more.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine
from pathlib import Path

from sqlalchemy.orm import Session

from tongke.library import jobs
from tongke.library.models import Rendition, Resource
from tongke.library.resources import settle
from tongke.media import playlist
from tongke.media.ladder import SEGMENT_S
from tongke.media.probe import Probe
from tongke.media.rendition import INIT, PLAYLIST, SOURCE, SOURCE_SOUND, codecs
from tongke.publishing.made import make_viewable, swap_renditions
from tongke.publishing.work import Work

# A remux writes many segments a second; a teacher waits for the first of them.
LOOK_EVERY_S = 0.25
# So many segments and a player has something to play while more come (RFC 8216, 6.3.3 wants a
# player to begin three segments before the end of what still grows).
ENOUGH = 3


class Growing:
    """The renditions `source` and `source-sound` of one attempt, in a folder being filled."""

    def __init__(self, work: Work, folder: Path, probe: Probe) -> None:
        self._work = work
        self._probe = probe
        sound = [SOURCE_SOUND] if probe.audio else []
        self.folders = [folder / name for name in [SOURCE, *sound]]
        self._kept: dict[Path, set[str]] = {place: set() for place in self.folders}
        gap_s = probe.video.keyframe_gap_s if probe.video else 0.0
        # A segment of a remux ends at the first keyframe after its time.
        self._target_s = math.ceil(SEGMENT_S + gap_s)
        self._shown = False
        self._written = asyncio.Event()

    async def publish(self, writing: Coroutine[object, object, None]) -> None:
        """Publish what `writing` puts into the folder, as it comes, to the end.

        What ends either of the two ends the other, and is raised as it is.
        """
        writer = asyncio.create_task(writing)
        writer.add_done_callback(lambda _: self._written.set())
        follower = asyncio.create_task(self._follow())
        try:
            await asyncio.wait({writer, follower}, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            writer.cancel()
            follower.cancel()
            await asyncio.wait({writer, follower})
        for task in (writer, follower):
            if not task.cancelled():
                task.result()

    async def _follow(self) -> None:
        """Publish what closes; the last look is after the end."""
        ended = False
        while not ended:
            ended = self._written.is_set()
            for folder in self.folders:
                await self._publish(folder)
            if not self._shown and all(len(kept) >= ENOUGH for kept in self._kept.values()):
                await self._show()
            await self._pause()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._written.wait(), LOOK_EVERY_S)
        except TimeoutError:
            return

    async def _publish(self, folder: Path) -> None:
        """New segments first, then the playlist that names them."""
        try:
            text = await asyncio.to_thread((folder / PLAYLIST).read_text)
        except FileNotFoundError:
            return
        kept = self._kept[folder]
        fresh = [name for name, _ in playlist.segments(text) if name not in kept]
        first = [] if kept else [INIT]
        await self._work.keep_files([folder / name for name in [*first, *fresh]], folder.name)
        kept.update(fresh)
        if fresh or "#EXT-X-ENDLIST" in text:
            await self._put_playlist(folder, text)

    async def _put_playlist(self, folder: Path, text: str) -> None:
        """A copy that ffmpeg cannot change while it is stored."""
        still = folder / "still.m3u8"
        await asyncio.to_thread(still.write_text, playlist.growing(text, self._target_s))
        await self._work.keep_file(still, f"{folder.name}/{PLAYLIST}", move=True)

    async def _show(self) -> None:
        """Write the rows: from now on it can be watched."""
        rows = [await self._row(folder) for folder in self.folders]
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
