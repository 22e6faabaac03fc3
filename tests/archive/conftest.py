"""Installations to be backed up, moved and brought back, on either kind of database."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.databases import Databases
from tests.publishing.desk import hire
from tests.servers.postgres import Postgres
from tongke import bootstrap, clock
from tongke.archive import backup, restore, tables
from tongke.archive.folder import BackupFolder
from tongke.archive.tables import Tally
from tongke.bootstrap import Ground
from tongke.library import resources
from tongke.library.fields import parse_fields
from tongke.library.models import Resource, Upload
from tongke.people.models import Agreement, School
from tongke.people.queries import viewer_of
from tongke.settings import Settings

# From which kind of database to which: each is read once and written once.
WAYS = (("sqlite", "postgresql"), ("postgresql", "sqlite"))


async def one(content: bytes) -> AsyncIterator[bytes]:
    yield content


@dataclass
class Installation:
    """A ground with a teacher and what she uploaded."""

    ground: Ground
    teacher: int = 0

    async def found(self) -> None:
        self.teacher = await self.ground.database.write(hire)
        await self.ground.database.write(pair)

    async def upload(self, content: bytes, title: str = "一节课") -> int:
        """The resource of a file that arrived."""
        number = secrets.token_hex(16)
        await self.ground.objects.put(f"originals/{number}", one(content), "text/plain")
        return await self.ground.database.write(self._accept, number, title, len(content))

    def _accept(self, session: Session, number: str, title: str, size: int) -> int:
        upload = Upload(
            id=number,
            account_id=self.teacher,
            filename=f"{title}.txt",
            length=size,
            fields=parse_fields({"title": title, "audience": []}).model_dump(mode="json"),
            metadata_header="",
            created_at=clock.now(),
            expires_at=clock.now(),
        )
        session.add(upload)
        session.flush()
        viewer = viewer_of(session, self.teacher)
        assert viewer is not None
        return resources.create_from_upload(session, upload, viewer).id

    def tallies(self) -> dict[str, Tally]:
        with tables.snapshot(self.ground.database) as connection:
            return tables.tallies(connection)

    async def contents(self) -> dict[str, bytes]:
        store = self.ground.objects
        return {
            info.key: b"".join([chunk async for chunk in store.read(info.key)])
            async for info in store.list()
        }

    async def titles(self) -> set[str]:
        def read(session: Session) -> set[str]:
            return set(session.scalars(select(Resource.title)))

        return await self.ground.database.read(read)


def pair(session: Session) -> None:
    """An agreement with another school: it has days, where all else has moments."""
    session.add(School(id=2, name="桐木溪中学", region_code="430000"))
    session.flush()
    today = clock.today()
    session.add(
        Agreement(
            level="province",
            lead_school_id=1,
            supported_school_id=2,
            starts_on=today,
            ends_on=today,
        )
    )


async def backed_up(school: Installation, folder: BackupFolder, keep: int = 5) -> backup.Made:
    return await backup.make(school.ground.database, school.ground.objects, folder, keep=keep)


async def brought_back(
    target: Installation, folder: BackupFolder, name: str | None = None
) -> restore.Restored:
    return await restore.restore(target.ground.database, target.ground.objects, folder, name)


class Make(Protocol):
    def __call__(self, kind: str, *, migrated: bool = False) -> Installation:
        """An empty installation on a kind of database: without a table, or `migrated` to this
        version, whose schema stays as it is."""
        ...


@pytest.fixture
def folder(tmp_path: Path) -> BackupFolder:
    place = tmp_path / "backups"
    place.mkdir()
    return BackupFolder(place)


@pytest.fixture
async def make(
    tmp_path: Path,
    valkey: str,
    sqlite_template: Path,
    postgres_server: Postgres,
    spare_databases: list[str],
) -> AsyncIterator[Make]:
    async with AsyncExitStack() as left:

        def build(kind: str, *, migrated: bool = False) -> Installation:
            server = postgres_server if kind == "postgresql" else None
            databases = left.enter_context(
                Databases(tmp_path, sqlite_template, server, spare_databases)
            )
            settings = Settings(
                _env_file=None,
                data_dir=tmp_path / secrets.token_hex(4),
                database_url=databases.migrated() if migrated else databases.empty(),
                bus_url=valkey,
                min_free_bytes=0,
            )
            ground = bootstrap.build(settings)
            left.push_async_callback(ground.close)
            return Installation(ground)

        yield build


@pytest.fixture(params=WAYS, ids="-".join)
def kinds(request: pytest.FixtureRequest) -> tuple[str, str]:
    """From which kind of database to which."""
    found: tuple[str, str] = request.param
    return found


@pytest.fixture
async def school(make: Make, kinds: tuple[str, str]) -> Installation:
    """An installation with two resources, and a third that was the newest and is gone."""
    installation = make(kinds[0], migrated=True)
    await installation.found()
    for title in ("有理数的加法", "学生考勤管理办法"):
        await installation.upload(title.encode() * 1000, title)
    newest = await installation.upload(b"", "撤下的一份")

    def forget(session: Session) -> None:
        session.execute(delete(Upload).where(Upload.resource_id == newest))
        session.delete(session.get_one(Resource, newest))

    await installation.ground.database.write(forget)
    return installation
