"""The composition root: builds every adapter from the settings, and hands them over as one.

Nothing else builds one. It imports no service and no worker; of `search` it takes the adapters.
An adapter is imported when the settings choose it: the clients of S3 and Elasticsearch are half of
what a process of one box would load.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from search.fts import FtsIndex
from search.index import SearchIndex
from tongke.library import keys
from tongke.media.programs import Programs
from tongke.settings import Settings
from tongke.storage.bus.port import Bus
from tongke.storage.bus.valkey import ValkeyBus
from tongke.storage.database import Database
from tongke.storage.objects.files import FileObjects
from tongke.storage.objects.port import AppendableObjects, ObjectStore
from tongke.tasks import Hints, celery

if TYPE_CHECKING:
    from tongke.storage.objects.s3_append import S3Objects


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
        """ffmpeg and ffprobe, each looked for when it is first asked for."""
        return Programs(self.settings.ffmpeg, self.settings.ffprobe)

    async def close(self) -> None:
        """Let go of everything, after the last hint is sent."""
        await self.hints.close()
        await self.index.close()
        await self.objects.close()
        await self.bus.close()
        await self.database.close()


def build(settings: Settings) -> Ground:
    """Build the ground. Nothing is contacted yet: that is for the readiness checks."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    database = Database(
        settings.sqlalchemy_url,
        pool=settings.database_pool,
        statement_timeout_s=settings.statement_timeout_s,
    )
    bus = ValkeyBus(settings.bus_address)
    hints = Hints(celery(settings.bus_address), bus)
    database.after_commit.append(hints.after_commit)
    objects = _objects(settings, bus)
    return Ground(
        settings=settings,
        database=database,
        objects=objects,
        appendable=objects,
        bus=bus,
        index=_index(settings),
        hints=hints,
    )


def _objects(settings: Settings, bus: Bus) -> FileObjects | S3Objects:
    if settings.s3_url is None:
        return FileObjects(settings.objects_dir)
    from tongke.storage.objects.s3_append import S3Objects
    from tongke.storage.objects.s3_connection import Place

    secret = settings.s3_secret_key
    place = Place(
        url=settings.s3_url,
        bucket=settings.s3_bucket,
        region=settings.s3_region,
        access_key=settings.s3_access_key or "",
        secret_key=secret.get_secret_value() if secret else "",
    )
    return S3Objects(
        place,
        settings.work_dir,
        bus,
        becomes=keys.becomes,
        # The store clears up only what our own sweeper should long have.
        abandoned_after_days=settings.upload_keep_days * 2,
    )


def _index(settings: Settings) -> SearchIndex:
    if settings.elasticsearch_url is None:
        return FtsIndex(settings.index_path)
    from search.elastic import ElasticIndex

    key = settings.elasticsearch_api_key
    return ElasticIndex(
        settings.elasticsearch_url,
        settings.elasticsearch_index,
        key.get_secret_value() if key else None,
    )
