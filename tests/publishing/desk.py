"""What the tests of publishing do: put a clip in, run steps, look at what is there."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.media.clips import Studio
from tongke import clock
from tongke.bootstrap import Ground
from tongke.library import jobs, queries, resources
from tongke.library.fields import parse_fields
from tongke.library.models import Asset, Job, Rendition, Resource, Upload
from tongke.library.vocabulary import QUEUE_OF, Queue, Step
from tongke.media.playlist import segments
from tongke.media.rendition import INIT
from tongke.people.models import Account, Region, Role, School
from tongke.people.queries import viewer_of
from tongke.publishing.made import multivariant
from tongke.publishing.runner import run_step
from tongke.publishing.work import Work

T = TypeVar("T")

LEASE_S = 60.0


def hire(session: Session) -> int:
    """A teacher at a school; her number."""
    session.add(Region(code="430000", name="湖南省", level="province", parent_code=None))
    session.flush()
    session.add(School(id=1, name="橘洲路中学", region_code="430000"))
    session.flush()
    role = Role(name="teacher", school_id=1)
    account = Account(username="zhou", name="周", created_at=clock.now(), roles=[role])
    session.add(account)
    session.flush()
    return account.id


def never() -> bool:
    return False


def always() -> bool:
    return True


@dataclass
class Desk:
    ground: Ground
    studio: Studio
    folder: Path
    teacher: int

    async def put_in(self, name: str) -> int:
        """Upload a clip of the studio; the number of its job, which is also its resource's."""
        path = Path(shutil.copyfile(self.studio.clip(name), self.folder / name))
        return await self.put_in_file(path)

    async def put_in_file(self, path: Path) -> int:
        number = secrets.token_hex(16)
        await self.ground.objects.put_file(f"originals/{number}", path, "application/test")
        size = (await self.ground.objects.info(f"originals/{number}")).size
        return await self.ground.database.write(self._accept, number, path.name, size)

    def _accept(self, session: Session, number: str, filename: str, size: int) -> int:
        fields = parse_fields({"title": "一节课", "audience": []})
        upload = Upload(
            id=number,
            account_id=self.teacher,
            filename=filename,
            length=size,
            fields=fields.model_dump(mode="json"),
            metadata_header="",
            created_at=clock.now(),
            expires_at=clock.now() + timedelta(days=7),
        )
        session.add(upload)
        session.flush()
        viewer = viewer_of(session, self.teacher)
        assert viewer is not None
        resource = resources.create_from_upload(session, upload, viewer)
        job = session.scalars(select(Job).where(Job.resource_id == resource.id)).one()
        assert job.id == resource.id
        return job.id

    async def step(self, job: int, stopping: Callable[[], bool] = never) -> bool:
        """Run the next step that is due, as whichever worker has its queue."""
        for queue in Queue:
            if await run_step(self.ground, job, queue, stopping):
                return True
        return False

    async def claim(self, job: int) -> Work:
        """The next step, held by a worker of the test's own."""
        step = await self.next_step(job)
        assert step is not None
        held = await self.ground.database.write(jobs.claim, job, QUEUE_OF[step], lease_s=LEASE_S)
        assert held is not None
        return Work(self.ground, held, await self.resource(job))

    async def run_until(self, job: int, step: Step) -> None:
        """Run steps until this one is next."""
        while await self.next_step(job) != step:
            assert await self.step(job)

    async def run(self, job: int) -> None:
        """Run every step that is due."""
        while await self.step(job):
            pass

    async def look(self, question: Callable[[Session], T]) -> T:
        return await self.ground.database.read(question)

    async def next_step(self, job: int) -> Step | None:
        def ask(session: Session) -> Step | None:
            step = jobs.next_step(session.get_one(Job, job))
            return Step(step.name) if step else None

        return await self.look(ask)

    async def job(self, number: int) -> Job:
        def ask(session: Session) -> Job:
            found = session.get_one(Job, number)
            assert found.steps is not None  # loaded while the session is there
            return found

        return await self.look(ask)

    async def resource(self, number: int) -> Resource:
        return await self.look(lambda session: session.get_one(Resource, number))

    async def renditions(self, number: int) -> dict[str, Rendition]:
        rows = await self.look(lambda session: queries.renditions(session, number))
        return {row.name: row for row in rows}

    async def assets(self, number: int) -> dict[tuple[str, int], Asset]:
        rows = await self.look(lambda session: queries.assets(session, number))
        return {(row.role, row.number): row for row in rows}

    async def master(self, number: int) -> str:
        rows = await self.look(lambda session: queries.renditions(session, number))
        return multivariant(rows, sound_only=False)

    async def read(self, key: str) -> bytes:
        return b"".join([chunk async for chunk in self.ground.objects.read(key)])

    async def playlist(self, row: Rendition) -> str:
        return (await self.read(self.key(row, row.playlist))).decode()

    async def assert_whole(self, row: Rendition) -> None:
        """Everything that a rendition's playlist names is there."""
        text = await self.playlist(row)
        assert text.rstrip().endswith("#EXT-X-ENDLIST")
        names = [name for name, _ in segments(text)]
        assert names
        for name in [INIT, *names]:
            info = await self.ground.objects.info(self.key(row, f"{row.name}/{name}"))
            assert info.size > 0

    @staticmethod
    def key(row: Rendition | Asset, name: str) -> str:
        return f"resources/{row.resource_id}/{row.prefix}{name}"

    async def kept(self, number: int) -> list[str]:
        """The keys of everything that was made of a resource."""
        return [info.key async for info in self.ground.objects.list(f"resources/{number}/")]

    def scratch(self) -> list[Path]:
        return list(self.ground.settings.work_dir.iterdir())
