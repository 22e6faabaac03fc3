"""What an installation amounts to, for tests that do something to it and count afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from aiohttp import ClientSession
from minio import Minio

from tests.chaos import census
from tests.chaos.client import Uploader
from tests.chaos.files import Sent, lesson
from tests.servers.together import Servers
from tests.topology.load import Notes
from tests.waiting import until_true
from tongke.archive import tables
from tongke.archive.tables import Tally
from tongke.bootstrap import Ground

# Only a test that fails waits so long: what was uploaded meanwhile is waited for as well.
REST_LIMIT_S = 400.0
_URI = re.compile(r'URI="([^"]+)"')


async def until_at_rest(ground: Ground, limit_s: float = REST_LIMIT_S) -> None:
    """Wait until every step is taken, and the index knows what the database knows."""

    async def agreed() -> bool:
        if not await ground.database.read(census.at_rest):
            return False
        wanted = {row.id: row.version for row in await ground.database.read(census.resources)}
        return wanted == dict([pair async for pair in ground.index.versions()])

    await until_true(agreed, limit_s, "all is published, and the index agrees with the database")


async def lost(ground: Ground, notes: Notes) -> set[str]:
    """The names of files that were acknowledged and are not there, byte for byte."""
    there = await originals(ground)
    return {
        name
        for name, number in notes.acknowledged.items()
        if there.get(number) != notes.sent[name].sha256
    }


async def originals(ground: Ground) -> dict[int, str]:
    """The SHA-256 of each resource's file."""
    rows = await ground.database.read(census.resources)
    return {row.id: await census.sha256(ground, row.original_key) for row in rows}


async def digests(ground: Ground) -> dict[str, str]:
    """The SHA-256 of every object, by its key."""
    return {key: await census.sha256(ground, key) for key in await census.stored(ground)}


def tallies(ground: Ground) -> dict[str, Tally]:
    """What the tables amount to, as a backup's manifest has it."""
    with tables.snapshot(ground.database) as connection:
        return tables.tallies(connection)


def store(servers: Servers) -> Minio:
    """The store past our own adapter."""
    told = servers.objects
    return Minio(
        told.url.removeprefix("http://"),
        told.access_key,
        told.secret_key,
        secure=False,
        region=told.region,
    )


async def upload(url: str, token: str, files: Iterable[Sent]) -> dict[str, int]:
    """Upload files one after the other; the resource of each by its name."""
    async with ClientSession(url) as session:
        uploader = Uploader(session, url, token)
        return {
            file.name: await uploader.upload(file.name, file.content, file.title) for file in files
        }


async def playable_lesson(ground: Ground, url: str, token: str, folder: Path) -> list[str]:
    """Upload a lesson, and wait for it; the addresses that a player asks for."""
    recording = await lesson(ground.programs, folder, f"课{folder.name}.mp4", 6, 240)
    numbers = await upload(url, token, [recording])
    await until_at_rest(ground)
    found = await played(url, token, numbers[recording.name])
    assert any(path.endswith(".m4s") for path in found)
    return found


async def played(url: str, token: str, number: int) -> list[str]:
    """The addresses that a player goes through: playlists from the first on, and their files."""
    async with ClientSession(url, headers={"Authorization": f"Bearer {token}"}) as session:
        async with session.get(f"/api/v1/resources/{number}/media") as answer:
            waiting = [(await answer.json())["hls"]]
        found: dict[str, None] = {}
        while waiting:
            path = waiting.pop()
            found[path] = None
            if path.endswith(".m3u8"):
                async with session.get(path) as answer:
                    assert answer.status == 200, path
                    text = await answer.text()
                folder = path.rpartition("/")[0]
                named = [_absolute(folder, name) for name in _names(text)]
                waiting += [name for name in named if name not in found]
    return list(found)


def _names(playlist: str) -> list[str]:
    lines = [line for line in playlist.splitlines() if line and not line.startswith("#")]
    return lines + _URI.findall(playlist)


def _absolute(folder: str, name: str) -> str:
    return name if name.startswith("/") else f"{folder}/{name}"


async def plays_whole(url: str, token: str, number: int) -> None:
    """The lesson plays, from its first playlist to its last segment."""
    headers = {"Authorization": f"Bearer {token}"}
    async with ClientSession(url, headers=headers) as session:
        for path in await played(url, token, number):
            async with session.get(path) as answer:
                assert answer.status == 200, path
                assert await answer.read(), path


async def fetched(url: str, token: str, path: str) -> int:
    """How many bytes a player gets there."""
    headers = {"Authorization": f"Bearer {token}"}
    async with ClientSession(url, headers=headers) as session, session.get(path) as answer:
        assert answer.status == 200, path
        return len(await answer.read())


async def found(url: str, token: str, words: str) -> list[int]:
    """The resources that a search finds, in its order, to the last page."""
    numbers: list[int] = []
    query = {"q": words, "limit": "50"}
    async with ClientSession(url, headers={"Authorization": f"Bearer {token}"}) as session:
        while True:
            async with session.get("/api/v1/search", params=query) as answer:
                assert answer.status == 200, await answer.text()
                page = await answer.json()
            numbers += [item["resource"]["id"] for item in page["items"]]
            if page["next"] is None:
                return numbers
            query["cursor"] = page["next"]
