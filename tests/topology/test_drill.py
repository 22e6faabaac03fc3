"""The drills: everything is destroyed and brought back; a school's box moves to a city's parts.

Both run the commands as an operator does, as processes that are told their settings by the
environment.

What can be lost at most: a backup holds what was acknowledged before the moment it names, whole;
what was acknowledged after it is lost, and nothing else is. Who backs up each night loses a day.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import secrets
import shutil
import signal
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from elasticsearch import Elasticsearch
from minio import Minio
from minio.deleteobjects import DeleteObject

from tests.chaos import census
from tests.chaos.client import TUS, Uploader
from tests.chaos.files import Sent, lesson, paper, word
from tests.servers import together
from tests.servers.process import Server, free_port, short_folder
from tests.servers.together import Servers
from tests.services.house import populate
from tests.topology import account
from tests.topology.conftest import City
from tests.topology.stack import CHECKOUT, Topology
from tests.waiting import until_true
from tongke import bootstrap, clock
from tongke.archive import tables
from tongke.archive.folder import BackupFolder
from tongke.archive.tables import Tally
from tongke.bootstrap import Ground
from tongke.settings import Settings

UPLOADERS = 2
# Before the backup begins, and after it has ended, so many more are acknowledged.
MORE = 4
COMMAND_LIMIT_S = 120.0
# Enough that a move can be killed in the middle of its objects.
PAPERS = 12
# A move copies keys in their order: the first of these are there before the last of those.
FIRST, LAST = "kept/originals/", "kept/resources/"
SEARCHES = ("同课", "教研计划", "结对学校共享课堂", "办法7")


# The commands


@asynccontextmanager
async def command(
    environment: Mapping[str, str], folder: Path, *words: object
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command of ours while it runs."""
    inherited = {key: value for key, value in os.environ.items() if "TONGKE" not in key}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tongke.cli", *map(str, words)),
        env={**inherited, **environment, "PYTHONPATH": str(CHECKOUT), "LANG": "C.UTF-8"},
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def said(environment: Mapping[str, str], folder: Path, *words: object) -> Any:
    """Run a command to its end; its JSON."""
    async with command(environment, folder, *words, "--json") as process:
        out, wrong = await asyncio.wait_for(process.communicate(), COMMAND_LIMIT_S)
        assert process.returncode == 0, f"{words}: {out.decode()}{wrong.decode()}"
    return json.loads(out)


# The backup


@dataclass(frozen=True)
class Acknowledged:
    """An upload that was acknowledged: as what, and between which two moments of the clock."""

    file: Sent
    number: int
    begun: datetime
    at: datetime


class People:
    """Teachers who upload one paper after the other."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self._ending = asyncio.Event()
        self.done: list[Acknowledged] = []

    async def work(self) -> None:
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(self._upload(session, who) for who in range(UPLOADERS)))

    def end(self) -> None:
        """Each finishes the upload that is under way."""
        self._ending.set()

    async def until_more(self) -> None:
        wanted = len(self.done) + MORE
        await until_true(lambda: len(self.done) >= wanted, what="people upload")

    async def _upload(self, session: aiohttp.ClientSession, who: int) -> None:
        uploader = Uploader(session, self._url, self._token)
        for turn in itertools.count():
            if self._ending.is_set():
                return
            file, begun = paper(f"办法{who}-{turn}.txt"), clock.now()
            number = await uploader.upload(file.name, file.content, file.title)
            self.done.append(Acknowledged(file, number, begun, clock.now()))


@pytest.mark.media
async def test_everything_is_destroyed_and_what_was_backed_up_comes_back(
    city: City, ground: Ground, tmp_path: Path
) -> None:
    token, place = city.tokens["zhou"], tmp_path / "backups"
    environment = city.topology.told("command")
    recording = await lesson(ground.programs, tmp_path, "同课.mp4", 4, 240)
    before = await account.upload(city.url, token, [recording, word("考勤.docx")])
    await account.until_at_rest(ground)
    originals = await account.originals(ground)

    people = People(city.url, token)
    at_work = asyncio.create_task(people.work())
    await people.until_more()
    made = await said(environment, tmp_path, "backup", "--to", place)
    ended = clock.now()
    await people.until_more()
    people.end()
    await at_work
    moment = datetime.fromisoformat(made["made_at"])

    nodes = [*city.topology.nodes.values()]
    for node in nodes:
        await asyncio.to_thread(node.kill)
    await ground.database.close()
    destroy(city.servers, environment)
    restored = await said(environment, tmp_path, "restore", "--from", place)
    assert (restored["name"], restored["rows"]) == (made["name"], made["rows"])

    back = bootstrap.build(city.topology.settings("test"))
    try:
        assert tallies(back) == await in_backup(place)
        there = await account.originals(back)
        kept = {one.number: one for one in people.done if one.number in there}
        gone = [one for one in people.done if one.number not in there]
        # What was there before is there, and every byte of what came while it was made.
        assert there == {**originals, **{n: one.file.sha256 for n, one in kept.items()}}
        # What is lost was acknowledged after the moment, and all that was begun after its end is.
        assert gone and all(one.at > moment for one in gone)
        assert kept and all(one.begun < ended for one in kept.values())
        for node in nodes:
            node.begin()
        for node in nodes:
            await asyncio.to_thread(node.until_ready)
        await account.until_at_rest(back)
        assert await census.files_named(back) <= await census.stored(back)
        await is_whole(city.url, token, before[recording.name])
        assert set(await account.found(city.url, token, "结对学校共享课堂")) == kept.keys()
        # Numbers go on: an address that somebody has never becomes another's.
        new = await account.upload(city.url, token, [paper("恢复之后.txt")])
        assert new["恢复之后.txt"] not in there
    finally:
        await back.close()


def destroy(servers: Servers, environment: Mapping[str, str]) -> None:
    """The database, the bucket, the indexes, and what Valkey had: all of it."""
    name = environment["TONGKE_DATABASE_URL"].rpartition("/")[2]
    servers.postgres.drop(name)
    servers.postgres.create(name)
    store, bucket = client(servers), environment["TONGKE_S3_BUCKET"]
    keys = [
        DeleteObject(str(found.object_name)) for found in store.list_objects(bucket, recursive=True)
    ]
    assert keys
    assert list(store.remove_objects(bucket, keys)) == []
    index = Elasticsearch(environment["TONGKE_ELASTICSEARCH_URL"])
    for one in index.indices.get(index=f"{environment['TONGKE_ELASTICSEARCH_INDEX']}*"):
        index.indices.delete(index=one)
    index.close()
    servers.valkey.server.kill()
    servers.valkey.server.start()


def client(servers: Servers) -> Minio:
    """The store past our own adapter."""
    store = servers.objects
    return Minio(
        store.url.removeprefix("http://"),
        store.access_key,
        store.secret_key,
        secure=False,
        region=store.region,
    )


def tallies(ground: Ground) -> dict[str, Tally]:
    with tables.snapshot(ground.database) as connection:
        return tables.tallies(connection)


async def in_backup(place: Path) -> dict[str, Tally]:
    folder = BackupFolder(place)
    try:
        return (await folder.manifest((await folder.names())[-1])).tables
    finally:
        await folder.close()


async def is_whole(url: str, token: str, number: int) -> None:
    """The lesson plays, from its first playlist to its last segment."""
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(url, headers=headers) as session:
        for path in await account.played(url, token, number):
            async with session.get(path) as answer:
                assert answer.status == 200, path
                assert await answer.read(), path


# The move


@dataclass(frozen=True)
class Box:
    """What runs on a school's one machine: a whole `tongke serve`, embedded parts and all."""

    server: Server
    settings: Settings
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"


@pytest.fixture
def box() -> Iterator[Box]:
    folder = short_folder("box")
    settings = Settings(
        _env_file=None, data_dir=folder / "data", port=free_port(), min_free_bytes=0
    )
    environment = {
        "TONGKE_DATA_DIR": str(settings.data_dir),
        "TONGKE_PORT": str(settings.port),
        "TONGKE_MIN_FREE_BYTES": "0",
    }
    server = Server(
        "box",
        [sys.executable, "-m", "tongke.cli", "serve"],
        folder,
        lambda: _answers(settings.port),
        environment={**environment, "PYTHONPATH": str(CHECKOUT), "LANG": "C.UTF-8"},
    )
    server.start()
    with server:
        yield Box(server, settings, environment)
    shutil.rmtree(folder, ignore_errors=True)


def _answers(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
        return bool(answer.status == 200)


@pytest.mark.media
async def test_a_box_moves_to_a_city_though_the_move_is_killed(
    box: Box, servers: Servers, tmp_path: Path
) -> None:
    here = bootstrap.build(box.settings)
    _, tokens = await here.database.write(populate)
    token = tokens["zhou"]
    recording = await lesson(here.programs, tmp_path, "同课.mp4", 4, 240)
    files = [recording, word("考勤.docx"), *(paper(f"办法{n}.txt") for n in range(PAPERS))]
    numbers = await account.upload(box.url, token, files)
    half, address = paper("半份.txt"), await begun(box.url, token, paper("半份.txt"))
    await account.until_at_rest(here)
    was_found = {words: await account.found(box.url, token, words) for words in SEARCHES}
    assert all(was_found.values())
    originals, objects = await account.originals(here), await account.digests(here)
    await asyncio.to_thread(box.server.stop)
    rows = tallies(here)
    await here.close()

    name = f"moved-{secrets.token_hex(4)}"
    new = servers.settings(servers.postgres.create(name.replace("-", "_")), name)
    target = tmp_path / "city.env"
    target.write_text(together.as_env(new))
    whole = sum(key.startswith("resources/") for key in objects)
    await kill_midway(box, servers, name, tmp_path, target, whole)
    moved = await said(box.environment, tmp_path, "move", "--to", target)
    assert (moved["objects"], moved["unfinished"]) == (len(objects), 1)

    folder = short_folder("moved")
    topology = Topology({**new, "TONGKE_MIN_FREE_BYTES": "0"}, folder)
    there = bootstrap.build(topology.settings("test"))
    try:
        assert tallies(there) == rows
        assert await account.originals(there) == originals
        assert await account.digests(there) == objects
        topology.start()
        for words, wanted in was_found.items():
            assert await account.found(topology.url, token, words) == wanted, words
        await is_whole(topology.url, token, numbers[recording.name])
        ended = await went_on(topology.url, token, address, half)
        assert (await account.originals(there))[ended] == half.sha256
    finally:
        topology.end()
        await there.close()
        shutil.rmtree(folder, ignore_errors=True)


async def begun(url: str, token: str, file: Sent) -> str:
    """Begin an upload and send its first half; its address, without the host."""
    headers = {**TUS, "Authorization": f"Bearer {token}"}
    title = base64.b64encode(file.name.encode()).decode()
    async with aiohttp.ClientSession(url, headers=headers) as session:
        told = {"Upload-Length": str(len(file.content)), "Upload-Metadata": f"filename {title}"}
        async with session.post("/api/v1/uploads", headers=told) as answer:
            assert answer.status == 201, await answer.text()
            address = answer.headers["Location"].removeprefix(url)
        first_half = file.content[: len(file.content) // 2]
        assert await _patch(session, address, 0, first_half) == len(first_half)
    return address


async def went_on(url: str, token: str, address: str, file: Sent) -> int:
    """Go on with an upload at the byte that the service names, as its client would, to its end;
    the resource."""
    headers = {**TUS, "Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(url, headers=headers) as session:
        async with session.head(address) as answer:
            at = int(answer.headers["Upload-Offset"])
        assert at == len(file.content) // 2
        assert await _patch(session, address, at, file.content[at:]) == len(file.content)
        async with session.head(address) as answer:
            return int(answer.headers["Tongke-Resource"])


async def _patch(session: aiohttp.ClientSession, address: str, at: int, body: bytes) -> int:
    headers = {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
    async with session.patch(address, headers=headers, data=body) as answer:
        assert answer.status == 204, await answer.text()
        return int(answer.headers["Upload-Offset"])


async def kill_midway(
    box: Box, servers: Servers, bucket: str, folder: Path, target: Path, whole: int
) -> None:
    """kill -9 of a move as soon as some objects are there; `whole` counts the last ones."""
    store = client(servers)

    async def some() -> bool:
        if process.returncode is not None:
            out, wrong = await process.communicate()
            raise AssertionError(f"the move ended by itself: {out.decode()}{wrong.decode()}")
        return store.bucket_exists(bucket) and _count(store, bucket, FIRST) > 0

    async with command(box.environment, folder, "move", "--to", target) as process:
        await until_true(some, COMMAND_LIMIT_S, "objects come")
        process.kill()
        assert await process.wait() == -signal.SIGKILL
    assert _count(store, bucket, LAST) < whole, "killed in the middle"


def _count(store: Minio, bucket: str, beginning: str) -> int:
    every = store.list_objects(bucket, recursive=True)
    return sum(str(found.object_name).startswith(beginning) for found in every)
