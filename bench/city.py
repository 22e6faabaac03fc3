"""A city's parts in a temporary folder, for the benchmarks that need them: PostgreSQL, Valkey,
SeaweedFS, Elasticsearch, two web nodes behind nginx, workers. As plain processes of one machine,
the same as `make test-topology` runs.
"""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
import psutil
from sqlalchemy.orm import Session

from tests.servers import together
from tests.servers.process import Server, short_folder
from tests.servers.together import Servers
from tests.topology.stack import WEB, Topology
from tongke import bootstrap
from tongke.storage import migrate
from workers import indexing

T = TypeVar("T")


@dataclass(frozen=True)
class City:
    """A running installation, and what was made in its database before it started."""

    topology: Topology
    servers: Servers

    @property
    def processes(self) -> Mapping[str, list[psutil.Process]]:
        """What serves, by name, each with its children."""
        proxy = self.topology.proxy
        assert proxy is not None
        serving: dict[str, Server] = {
            **{name: self.topology.nodes[name] for name in WEB},
            "nginx": proxy.server,
            "PostgreSQL": self.servers.postgres.server,
            "Elasticsearch": self.servers.elasticsearch.server,
            "SeaweedFS": self.servers.objects.server,
            "Valkey": self.servers.valkey.server,
        }
        return {name: family(server.pid) for name, server in serving.items()}

    def stop_workers(self) -> None:
        """As if they ran on other machines: what is measured is the web."""
        for name, node in self.topology.nodes.items():
            if name not in WEB:
                node.stop()


@contextmanager
def city(populate: Callable[[Session], T]) -> Iterator[tuple[City, T]]:
    """Run it, with what `populate` makes; gives that as well. Raises `Missing`."""
    folder = short_folder("bench")
    try:
        with together.servers() as servers:
            database = servers.postgres.create("bench")
            environment = {
                **servers.settings(database, "bench"),
                "TONGKE_MIN_FREE_BYTES": "0",
                "TONGKE_LOG_LEVEL": "warning",
            }
            topology = Topology(environment, folder)
            made = asyncio.run(_settle(topology, populate))
            try:
                topology.start()
                yield City(topology, servers), made
            finally:
                topology.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _settle(topology: Topology, populate: Callable[[Session], T]) -> T:
    ground = bootstrap.build(topology.settings("bench"))
    try:
        migrate.upgrade(ground.database)
        await ground.objects.check()
        made = await ground.database.write(populate)
        # Before the scheduler finds that the index lacks it all.
        await indexing.rebuild(ground)
        return made
    finally:
        await ground.close()


async def send(
    client: aiohttp.ClientSession, name: str, size: int, body: bytes | AsyncIterator[bytes]
) -> int:
    """Upload a file in one request, as a browser does one of up to 64 MiB; its resource."""
    title = base64.b64encode(name.encode()).decode()
    headers = {"Upload-Length": str(size), "Upload-Metadata": f"filename {title}"}
    async with client.post("/api/v1/uploads", headers=headers) as answer:
        answer.raise_for_status()
        address = answer.headers["Location"]
    headers = {
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(size),
    }
    async with client.patch(address, headers=headers, data=body) as answer:
        answer.raise_for_status()
        return int(answer.headers["Tongke-Resource"])


def uploading(url: str, token: str) -> aiohttp.ClientSession:
    """A client of any number of lines, that never gives up."""
    return aiohttp.ClientSession(
        url,
        headers={"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"},
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=None),
    )


def family(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def cpu_s(processes: list[psutil.Process]) -> float:
    """User and system time so far, of those that live."""
    return sum(_cpu_of(process) for process in processes)


def _cpu_of(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
