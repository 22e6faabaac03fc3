"""A library of lessons and its index, on either engine.

A module that imports `settings` from here has its tests run on both.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest
from elasticsearch import AsyncElasticsearch
from sqlalchemy import Executable
from sqlalchemy.orm import Session

from search.query import parse
from tests.library.world import World
from tests.services.house import populate
from tongke import bootstrap
from tongke.bootstrap import Ground
from tongke.library import outbox, resources
from tongke.settings import Settings

EMBEDDED, ELASTICSEARCH = "embedded", "elasticsearch"

T = TypeVar("T")


@dataclass
class Shelf:
    """A library of lessons, and its index."""

    ground: Ground
    ids: dict[str, int]

    async def change(self, command: Callable[[World], T]) -> T:
        return await self.ground.database.write(lambda session: command(World(session, self.ids)))

    async def publish(self, title: str) -> int:
        return await self.change(lambda world: world.publish("zhou", ["school:1"], title=title).id)

    async def rename(self, number: int, title: str) -> None:
        def edit(world: World) -> None:
            resources.edit(world.session, world.viewer("zhou"), number, {"title": title})

        await self.change(edit)

    async def delete(self, number: int) -> None:
        await self.change(
            lambda world: resources.delete(world.session, world.viewer("zhou"), number)
        )

    async def behind_its_back(self, *statements: Executable) -> None:
        """Changes that announce nothing: a person with an SQL prompt, a backup put back."""

        def execute(session: Session) -> None:
            for statement in statements:
                session.execute(statement)

        await self.ground.database.write(execute)

    async def titles(self) -> set[str]:
        """What a teacher of the school finds."""
        page = await self.ground.index.search(parse(""), {"school:1"}, limit=100)
        return {"".join(run.text for run in hit.title) for hit in page.hits}

    async def versions(self) -> dict[int, int]:
        return {number: version async for number, version in self.ground.index.versions()}

    async def backlog(self) -> int:
        return (await self.ground.database.read(outbox.backlog))[0]

    async def lose_index(self) -> None:
        """Its file is deleted, or its index on the server."""
        settings = self.ground.settings
        await self.ground.close()
        if settings.elasticsearch_url is None:
            for left in settings.index_path.parent.glob(f"{settings.index_path.name}*"):
                left.unlink()
        else:
            async with AsyncElasticsearch(settings.elasticsearch_url) as client:
                behind = await client.indices.get_alias(name=settings.elasticsearch_index)
                await client.indices.delete(index=list(behind))
        self.ground = bootstrap.build(settings)


@pytest.fixture(params=[EMBEDDED, ELASTICSEARCH])
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    if request.param == EMBEDDED:
        return settings
    node = request.getfixturevalue("elasticsearch_node")
    name = f"test-{uuid.uuid4().hex}"
    return settings.model_copy(update={"elasticsearch_url": node.url, "elasticsearch_index": name})


@pytest.fixture
async def shelf(ground: Ground) -> Shelf:
    ids, _ = await ground.database.write(populate)
    return Shelf(ground, ids)
