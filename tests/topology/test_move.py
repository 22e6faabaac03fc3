"""The move: what a school's one box holds goes to a city's parts, and goes on there."""

from __future__ import annotations

import asyncio
import base64
import secrets
import shutil
import signal
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from minio import Minio

from tests.chaos.client import TUS
from tests.chaos.files import Sent, lesson, paper, word
from tests.servers import together
from tests.servers.ports import free_port
from tests.servers.process import Server, short_folder
from tests.servers.together import Servers
from tests.services.house import populate
from tests.topology import account
from tests.topology.commands import COMMAND_LIMIT_S, command, said
from tests.topology.stack import CHECKOUT, Topology
from tests.waiting import until_true
from tongke import bootstrap
from tongke.settings import Settings

# Enough that a move can be killed in the middle of its objects.
PAPERS = 12
# A move copies keys in their order: the first of these are there before the last of those.
FIRST, LAST = "kept/originals/", "kept/resources/"
SEARCHES = ("同课", "教研计划", "结对学校共享课堂", "办法7")


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
    rows = account.tallies(here)
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
        assert account.tallies(there) == rows
        assert await account.originals(there) == originals
        assert await account.digests(there) == objects
        topology.start()
        for words, wanted in was_found.items():
            assert await account.found(topology.url, token, words) == wanted, words
        await account.plays_whole(topology.url, token, numbers[recording.name])
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
    store = account.store(servers)

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
