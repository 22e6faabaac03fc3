"""What a step is given, and what it returns."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.library.jobs import Claim
from tongke.library.models import Rendition, Resource
from tongke.library.vocabulary import Step
from tongke.publishing.workshop import Workshop


@dataclass(frozen=True)
class Outcome:
    """A step that succeeded.

    `record` writes its rows, in the transaction that also ends the step: what it made and that
    it was made become true together. `then` are steps found to be necessary.
    """

    record: Callable[[Session, Resource], None]
    then: tuple[Step, ...] = ()


class Work:
    """One attempt at a step: its resource, its folder for scratch, its place for what it makes."""

    def __init__(self, shop: Workshop, claim: Claim, resource: Resource) -> None:
        self.shop = shop
        self.claim = claim
        self.resource = resource
        self.percent = 0.0

    def progress(self, fraction: float) -> None:
        """Say how far the step is, 0 to 1. It is written with the next renewal of the lease."""
        self.percent = max(self.percent, min(fraction, 1.0) * 100)

    @asynccontextmanager
    async def scratch(self) -> AsyncIterator[Path]:
        """An empty folder of this attempt's own; gone afterwards."""
        folder = self.shop.settings.work_dir / self.claim.prefix.rstrip("/")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def key(self, name: str) -> str:
        """The object key of something this attempt makes."""
        return f"{self.resource.folder}{self.claim.prefix}{name}"

    async def keep(self, folder: Path) -> int:
        """Move everything in a folder into the object store; the sum of its sizes in bytes."""
        total = 0
        for path in await asyncio.to_thread(_files, folder):
            total += await self.keep_file(path, path.relative_to(folder).as_posix())
        return total

    async def keep_file(self, path: Path, name: str, *, move: bool = True) -> int:
        """Put one file into the object store; its size in bytes."""
        kept = await self.shop.objects.put_file(self.key(name), path, media_type(name), move=move)
        return kept.size

    def original(self) -> AbstractAsyncContextManager[Path]:
        """The file as it was uploaded, alone in a folder."""
        return self.shop.objects.local_copy(self.resource.original_key)

    async def fetch_rendition(self, name: str, folder: Path) -> None:
        """Bring a rendition that an earlier step made back into a folder."""
        row = await self.shop.database.read(_rendition, self.resource.id, name)
        prefix = f"{self.resource.folder}{row.prefix}{name}/"
        folder.mkdir(parents=True)
        async for found in self.shop.objects.list(prefix):
            target = folder / found.key.removeprefix(prefix)
            async with self.shop.objects.local_copy(found.key) as path:
                await asyncio.to_thread(shutil.copyfile, path, target)

    @property
    def lease_s(self) -> float:
        return self.shop.settings.job_lease_s


def _rendition(session: Session, resource_id: int, name: str) -> Rendition:
    query = select(Rendition).where(Rendition.resource_id == resource_id, Rendition.name == name)
    return session.scalars(query).one()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


_MEDIA_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mp4": "video/mp4",
    ".m4s": "video/iso.segment",
    ".m4a": "audio/mp4",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".vtt": "text/vtt; charset=utf-8",
    ".json": "application/json",
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}


def media_type(name: str) -> str:
    """The media type of something we made, by the ending we gave it."""
    return _MEDIA_TYPES.get(Path(name).suffix, "application/octet-stream")
