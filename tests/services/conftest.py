"""The running service in a small world, a class that runs in it, and a camera to film it."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from services.app import create_app
from tests.services.house import House, begin_class, populate
from tests.services.live.camera import Camera
from tongke.bootstrap import Ground
from tongke.storage.database import Database


@dataclass(frozen=True)
class Inhabited:
    """A database of SQLite with the world in it, to be copied: putting it there takes longer than
    most tests."""

    path: Path
    ids: dict[str, int]
    tokens: dict[str, str]


@pytest.fixture(scope="session")
def inhabited(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Inhabited:
    path = tmp_path_factory.mktemp("inhabited") / "tongke.db"
    shutil.copyfile(sqlite_template, path)

    async def fill() -> tuple[dict[str, int], dict[str, str]]:
        database = Database(f"sqlite:///{path}")
        try:
            return await database.write(populate)
        finally:
            await database.close()

    return Inhabited(path, *asyncio.run(fill()))


@pytest.fixture
async def house(ground: Ground, aiohttp_client: AiohttpClient, inhabited: Inhabited) -> House:
    if ground.database.is_sqlite:
        # Nobody has opened it yet.
        shutil.copyfile(inhabited.path, str(ground.database.url.database))
        ids, tokens = dict(inhabited.ids), dict(inhabited.tokens)
    else:
        ids, tokens = await ground.database.write(populate)
    client = await aiohttp_client(create_app(ground))
    return House(ground, client, ids, tokens)


@pytest.fixture
def camera(house: House) -> Camera:
    return Camera(house.ground.programs)


@pytest.fixture
async def running(house: House) -> int:
    """A class of teacher zhou with the room of school 2, which has begun."""

    return await house.ground.database.write(begin_class, house.ids)
