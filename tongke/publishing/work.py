"""What a step is given, and what it returns."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.library.jobs import Claim
from tongke.library.models import Rendition, Resource
from tongke.library.vocabulary import Step
from tongke.publishing.workshop import Workshop

# Files that wait together for the disk or the store: most of a put is waiting, and a long lesson
# has thousands of segments.
TOGETHER = 8


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
        # Not in a thread: a cancelled wait would leave it making a folder that nobody removes.
        _empty(folder)
        try:
            yield folder
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def key(self, name: str) -> str:
        """The object key of something this attempt makes."""
        return f"{self.resource.folder}{self.claim.prefix}{name}"

    async def keep(self, folder: Path) -> None:
        """Move everything in a folder into the object store."""
        for paths in _batches(await asyncio.to_thread(_files, folder)):
            await asyncio.gather(
                *(self.keep_file(path, path.relative_to(folder).as_posix()) for path in paths)
            )

    async def keep_files(self, paths: Sequence[Path], under: str) -> None:
        """Copy files into a folder of the object store."""
        for some in _batches(paths):
            await asyncio.gather(
                *(self.keep_file(path, f"{under}/{path.name}", move=False) for path in some)
            )

    async def keep_file(self, path: Path, name: str, *, move: bool = True) -> None:
        """Put one file into the object store."""
        await self.shop.objects.put_file(self.key(name), path, media_type(name), move=move)

    def original(self, share: float = 0.0) -> AbstractAsyncContextManager[Path]:
        """The file as it was uploaded, alone in a folder. Where it has to be fetched first, that is
        so much of the step (0 to 1)."""
        size = max(self.resource.size_bytes, 1)
        return self.shop.objects.local_copy(
            self.resource.original_key, lambda fetched: self.progress(share * fetched / size)
        )

    async def made_before(self, name: str) -> bool:
        """Whether an earlier step made a rendition of this name."""
        row = await self.shop.database.read(_rendition, self.resource.id, name)
        return row is not None

    async def fetch_rendition(self, name: str, folder: Path) -> None:
        """Bring a rendition that an earlier step made back into a folder."""
        row = await self.shop.database.read(_rendition, self.resource.id, name)
        assert row is not None, f"the step that makes {name} comes before"
        prefix = f"{self.resource.folder}{row.prefix}{name}/"
        await asyncio.to_thread(_empty, folder)
        async for found in self.shop.objects.list(prefix):
            target = folder / found.key.removeprefix(prefix)
            async with self.shop.objects.local_copy(found.key) as path:
                await asyncio.to_thread(shutil.copyfile, path, target)

    @property
    def lease_s(self) -> float:
        return self.shop.settings.job_lease_s


def _rendition(session: Session, resource_id: int, name: str) -> Rendition | None:
    query = select(Rendition).where(Rendition.resource_id == resource_id, Rendition.name == name)
    return session.scalars(query).one_or_none()


def _batches(paths: Sequence[Path]) -> Iterator[Sequence[Path]]:
    return (paths[at : at + TOGETHER] for at in range(0, len(paths), TOGETHER))


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


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
