"""Fills the demonstration's library through the front door, and watches until all is published.

The files are uploaded as their authors, go through the real pipeline, and what is offered to a
county or to everyone is approved as its officer, but for one, so that a newcomer finds something
to approve. Begun again, it goes on: what has become a resource is not uploaded a second time,
also when somebody has deleted it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.cli.demo import world
from tongke.cli.demo.board import Board
from tongke.cli.demo.client import Member
from tongke.cli.demo.making import made
from tongke.demo_library.catalogue import ITEMS, DemoItem
from tongke.library.models import Resource
from tongke.people import audience
from tongke.people.models import Account, Agreement, Role, School
from tongke.storage.database import Database

# Often enough to look alive; each look is a handful of small requests.
LOOK_EVERY_S = 2.0
FINAL = frozenset({"published", "failed"})

# Stays in the queue of the county's officer.
LEFT_WAITING = "学生综合素质评价实施细则.docx"

# What a resource is called in `Upload-Metadata` is what the catalogue calls it.
SAID = tuple(
    field.name for field in fields(DemoItem) if field.name not in {"author_key", "audience_key"}
)


class Filling:
    """One run. `members` are the authors and officers by user name."""

    def __init__(
        self, database: Database, members: Mapping[str, Member], folder: Path, board: Board
    ) -> None:
        self._database = database
        self._members = members
        self._folder = folder
        self._board = board
        self._items = {item.filename: item for item in ITEMS}
        # File name -> id, of what became a resource.
        self._ids: dict[str, int] = {}

    async def run(self, ffmpeg: Path) -> dict[str, str]:
        """Make, upload, watch, approve; the titles that failed, with the reason.

        Raises `MakingFailed`, `Refused`.
        """
        self._ids, deleted = await self._database.read(_present)
        for name in deleted:
            del self._items[name]
        uploading = asyncio.create_task(self._upload_all(ffmpeg))
        try:
            return _failed(await self._watch(uploading))
        finally:
            uploading.cancel()
            await asyncio.gather(uploading, return_exceptions=True)

    async def _upload_all(self, ffmpeg: Path) -> None:
        missing = self._items.keys() - self._ids.keys()
        if not missing:
            return
        for name in missing:
            self._board.show(name, "making")
        async for name in made(self._folder, ffmpeg):
            if name in missing:
                self._ids[name] = await self._upload(self._items[name])

    async def _upload(self, item: DemoItem) -> int:
        path = self._folder / item.filename
        size = path.stat().st_size
        metadata = {name: getattr(item, name) for name in SAID}
        metadata["audience"] = " ".join(await self._database.read(_tokens, item))
        self._board.show(item.filename, "uploading", 0.0)
        return await self._members[world.AUTHORS[item.author_key]].upload(
            path,
            metadata,
            lambda sent: self._board.show(item.filename, "uploading", 100 * sent / size),
        )

    async def _watch(self, uploading: asyncio.Task[None]) -> list[dict[str, Any]]:
        """Look until every item is published or failed; the resources as they then are."""
        while True:
            if uploading.done():
                uploading.result()
            found = await self._look()
            await self._approve()
            ended = [resource for resource in found if resource["state"] in FINAL]
            if len(ended) == len(self._items):
                return ended
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self) -> list[dict[str, Any]]:
        names = {number: name for name, number in self._ids.items()}
        found = []
        for username in world.AUTHORS.values():
            for resource in await self._members[username].resources():
                if resource["id"] in names:
                    found.append(resource)
                    progress = resource["progress"] or {}
                    self._board.show(
                        names[resource["id"]], resource["state"], progress.get("percent")
                    )
        return found

    async def _approve(self) -> None:
        ours = {number for name, number in self._ids.items() if name != LEFT_WAITING}
        for username in world.OFFICERS:
            officer = self._members[username]
            for review in await officer.waiting():
                if review["resource"]["id"] in ours:
                    await officer.approve(review)


def _failed(resources: list[dict[str, Any]]) -> dict[str, str]:
    return {
        found["title"]: (found["failure"] or {}).get("message", "")
        for found in resources
        if found["state"] == "failed"
    }


def _present(session: Session) -> tuple[dict[str, int], set[str]]:
    """Of the catalogue: what is a resource by its author, and what of that was deleted."""
    authors = {item.filename: world.AUTHORS[item.author_key] for item in ITEMS}
    query = (
        select(Resource.filename, Resource.id, Account.username, Resource.deleted_at)
        .join(Account, Account.id == Resource.author_id)
        .where(Resource.filename.in_(authors))
        .order_by(Resource.id)
    )
    ids, deleted = dict[str, int](), set[str]()
    for filename, number, username, deleted_at in session.execute(query):
        if authors[filename] == username:
            (deleted.discard if deleted_at is None else deleted.add)(filename)
            ids[filename] = number
    return {name: number for name, number in ids.items() if name not in deleted}, deleted


def _tokens(session: Session, item: DemoItem) -> list[str]:
    """The audience that an item asks for, as tokens of its author's school."""
    username = world.AUTHORS[item.author_key]
    school = session.scalars(
        select(School)
        .join(Role, Role.school_id == School.id)
        .join(Account, Account.id == Role.account_id)
        .where(Account.username == username)
    ).one()
    match item.audience_key:
        case "self":
            return []
        case "school":
            return [audience.school(school.id)]
        case "pairing":
            return [audience.agreement(number) for number in _agreements(session, school.id)]
        case "county":
            return [audience.region(school.region_code)]
        case _:
            return [audience.EVERYONE]


def _agreements(session: Session, school_id: int) -> list[int]:
    mine = (Agreement.lead_school_id == school_id) | (Agreement.supported_school_id == school_id)
    return list(session.scalars(select(Agreement.id).where(mine, Agreement.active)))
