"""The drill: everything is destroyed, and what was backed up is brought back.

What can be lost at most: a backup holds what was acknowledged before the moment it names, whole;
what was acknowledged after it is lost, and nothing else is. Who backs up each night loses a day.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest
from elasticsearch import Elasticsearch
from minio.deleteobjects import DeleteObject

from tests.chaos import census
from tests.chaos.client import Uploader
from tests.chaos.files import Sent, lesson, paper, word
from tests.servers.together import Servers
from tests.topology import account
from tests.topology.commands import said
from tests.topology.conftest import City
from tests.waiting import until_true
from tongke import bootstrap, clock
from tongke.archive.folder import BackupFolder
from tongke.archive.tables import Tally
from tongke.bootstrap import Ground

UPLOADERS = 2
# Before the backup begins, and after it has ended, so many more are acknowledged.
MORE = 4


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
        assert account.tallies(back) == await in_backup(place)
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
        await account.plays_whole(city.url, token, before[recording.name])
        found = set(await account.found(city.url, token, "结对学校共享课堂"))
        assert found >= kept.keys()
        # One that had all its bytes when the backup was made, and no resource yet, gets one now.
        whole = await account.originals(back)
        assert {whole[number] for number in found - kept.keys()} <= {
            one.file.sha256 for one in gone
        }
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
    store, bucket = account.store(servers), environment["TONGKE_S3_BUCKET"]
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


async def in_backup(place: Path) -> dict[str, Tally]:
    folder = BackupFolder(place)
    try:
        return (await folder.manifest((await folder.names())[-1])).tables
    finally:
        await folder.close()
