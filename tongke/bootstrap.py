"""The composition root: builds every adapter from the settings, and hands them over as one.

Nothing else builds one. It imports no service and no worker; of `search` it takes the adapters.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from search.fts import FtsIndex
from search.index import SearchIndex
from tongke.media.programs import Programs, find_programs
from tongke.settings import Settings
from tongke.storage.bus.port import Bus
from tongke.storage.bus.valkey import ValkeyBus
from tongke.storage.database import Database
from tongke.storage.objects.files import FileObjects
from tongke.storage.objects.port import AppendableObjects, ObjectStore
from tongke.tasks import Hints, celery


@dataclass(frozen=True)
class Ground:
    """Everything a face or a worker stands on. Built inside the event loop that will use it."""

    settings: Settings
    database: Database
    objects: ObjectStore
    appendable: AppendableObjects
    bus: Bus
    index: SearchIndex
    hints: Hints

    @cached_property
    def programs(self) -> Programs:
        """ffmpeg and ffprobe, looked for when first needed: a web process does without.

        Raises:
            NoFfmpeg.
        """
        return find_programs(self.settings.ffmpeg, self.settings.ffprobe)

    async def close(self) -> None:
        """Let go of everything, after the last hint is sent."""
        await self.hints.drain()
        await self.index.close()
        await self.bus.close()
        await self.database.close()


def build(settings: Settings) -> Ground:
    """Build the ground. Nothing is contacted yet: that is for the readiness checks."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.sqlalchemy_url)
    bus = ValkeyBus(settings.bus_address)
    hints = Hints(celery(settings.bus_address), bus)
    database.after_commit.append(hints.after_commit)
    objects = FileObjects(settings.objects_dir)
    return Ground(
        settings=settings,
        database=database,
        objects=objects,
        appendable=objects,
        bus=bus,
        index=FtsIndex(settings.index_path),
        hints=hints,
    )
