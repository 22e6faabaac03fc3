"""The servers for the whole run, and one installation on them with people in it."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from tests.servers import together
from tests.servers.process import Missing, or_skip, short_folder
from tests.servers.together import Servers
from tests.services.house import populate
from tests.topology.stack import Topology
from tongke import bootstrap
from tongke.bootstrap import Ground
from tongke.storage import migrate


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    try:
        with together.servers() as found:
            yield found
    except Missing as missing:
        or_skip(missing)


@dataclass(frozen=True)
class City:
    """A running installation. `ids` and `tokens` are of the people of `tests.services.house`."""

    topology: Topology
    servers: Servers
    ids: dict[str, int]
    tokens: dict[str, str]

    @property
    def url(self) -> str:
        return self.topology.url


@pytest.fixture(scope="module")
def city(servers: Servers, request: pytest.FixtureRequest) -> Iterator[City]:
    """An installation of the module's own. After a failure its nodes' logs are shown."""
    failed_before = request.session.testsfailed
    name = f"city-{secrets.token_hex(4)}"
    database = servers.postgres.create(name.replace("-", "_"))
    folder = short_folder("city")
    topology = Topology({**servers.settings(database, name), **together.BRISKLY}, folder)
    ids, tokens = asyncio.run(_settle(topology))
    topology.start()
    try:
        yield City(topology, servers, ids, tokens)
    finally:
        topology.end()
        if request.session.testsfailed > failed_before:
            for node in topology.nodes.values():
                sys.stderr.write(f"--- {node.name}\n{node.tail()}\n")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def ground(city: City) -> AsyncIterator[Ground]:
    """The test's own view of the truth, from a machine of its own."""
    found = bootstrap.build(city.topology.settings("test"))
    yield found
    await found.close()


async def _settle(topology: Topology) -> tuple[dict[str, int], dict[str, str]]:
    """What `tongke migrate` does, and people."""
    ground = bootstrap.build(topology.settings("web-1"))
    try:
        migrate.upgrade(ground.database)
        await ground.objects.check()
        return await ground.database.write(populate)
    finally:
        await ground.close()
