"""What the tests of the sweeper begin with: things left about, and hints that are noted."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Executable, select
from sqlalchemy.orm import Session

from tests.publishing.desk import Desk
from tongke import clock
from tongke.library.models import Resource, Upload
from tongke.library.vocabulary import Queue
from tongke.people.audience import Viewer
from tongke.people.queries import viewer_of
from tongke.publishing.workshop import Workshop

BODY = b"a notice\n"


class Noted:
    """Hints that nobody hears: what would have been sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, Queue]] = []

    def run_step(self, job_id: int, queue: Queue) -> None:
        self.sent.append((job_id, queue))


@dataclass
class Floor:
    """The desk, and a sweeper without grace whose hints are noted."""

    desk: Desk
    shop: Workshop
    noted: Noted
    folder: Path

    async def put_in(self, count: int = 1) -> list[int]:
        """Files that were uploaded; the numbers of their jobs, which are their resources' too."""
        path = self.folder / "notice.txt"
        path.write_bytes(BODY)
        return [await self.desk.put_in_file(path) for _ in range(count)]

    async def begin(
        self, body: bytes = BODY, *, length: int | None = None, written: bool = False
    ) -> Upload:
        """An upload with these bytes, of a file that may be longer; nobody has written to it for
        minutes, unless it is `written`."""
        upload = Upload(
            id=secrets.token_hex(16),
            account_id=self.desk.teacher,
            filename="notice.txt",
            length=len(body) if length is None else length,
            fields={"title": "通知"},
            metadata_header="",
            created_at=clock.now(),
            expires_at=clock.now() + timedelta(days=7),
            touched_at=clock.now() - (timedelta() if written else timedelta(minutes=5)),
        )
        await self.shop.database.write(lambda session: session.add(upload))
        await self.shop.appendable.create(upload.key)
        await self.shop.appendable.append(upload.key, 0, once(body))
        return upload

    async def keys(self) -> set[str]:
        return {found.key async for found in self.shop.objects.list()}

    async def pending(self) -> set[str]:
        return {found.key async for found in self.shop.appendable.pending()}

    async def put(self, *keys: str) -> None:
        for key in keys:
            await self.shop.objects.put(key, once(BODY), "application/test")

    async def change(self, statement: Executable) -> None:
        await self.shop.database.write(lambda session: session.execute(statement))

    def viewer(self, session: Session) -> Viewer:
        found = viewer_of(session, self.desk.teacher)
        assert found is not None
        return found


async def once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def all_resources(session: Session) -> list[Resource]:
    return list(session.scalars(select(Resource).order_by(Resource.id)))
