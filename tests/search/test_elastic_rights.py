"""An Elasticsearch that asks who calls, as that of every operator does: the password of the compose
file, the narrow rights of docs/operating.md, and what is wrong with either.

The node can make no API key (`tests.servers.elasticsearch`): a user with its rights stands for it.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from search.elastic import ElasticIndex
from search.elastic_circuit import CircuitState
from search.elastic_client import Client
from search.index import IndexRefuses
from tests.cli.conftest import Run
from tests.cli.conftest import database_url as database_url
from tests.cli.conftest import environment as environment
from tests.cli.conftest import folder as folder
from tests.cli.conftest import port as port
from tests.cli.conftest import run as run
from tests.conformance.search_world import EVERYONE, document, found, stream
from tests.servers import elasticsearch
from tests.servers.elasticsearch import Elasticsearch
from tests.servers.process import Missing, or_skip, short_folder

PASSWORD = "only-for-tests-0123456789"
HEAP_MEBIBYTES = 256
NARROW, READER = "narrow", "reader"
OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"


def told() -> dict[str, Any]:
    """The rights of the key that docs/operating.md describes."""
    (found,) = re.findall(r"```json\n(.*?role_descriptors.*?)```", OPERATING.read_text(), re.DOTALL)
    rights: dict[str, Any] = json.loads(found)["role_descriptors"]["tongke"]
    return rights


def only_reading() -> dict[str, Any]:
    rights = told()
    rights["indices"][0]["privileges"] = ["read", "view_index_metadata"]
    return rights


@pytest.fixture(scope="module")
def guarded() -> Iterator[Elasticsearch]:
    folder = short_folder("guarded")
    rights = {NARROW: told(), READER: only_reading()}
    try:
        node = elasticsearch.start(
            folder, HEAP_MEBIBYTES, briefly=True, password=PASSWORD, rights=rights
        )
    except Missing as missing:
        or_skip(missing)
    with node.server:
        yield node
    shutil.rmtree(folder)


Index = Callable[..., ElasticIndex]


@pytest.fixture
async def index(guarded: Elasticsearch) -> AsyncIterator[Index]:
    """Makes an index on the node: by the password, or as the test says."""
    made: list[ElasticIndex] = []

    def make(url: str = guarded.url, name: str = "tongke", key: str | None = None) -> ElasticIndex:
        made.append(ElasticIndex(url, name, key))
        return made[-1]

    yield make
    for each in made:
        await each.close()


def without_password(node: Elasticsearch) -> str:
    return re.sub("//.*@", "//", node.url)


def with_another(node: Elasticsearch) -> str:
    return node.url.replace(PASSWORD, "another")


def of(node: Elasticsearch, user: str) -> str:
    return node.url.replace(f"{elasticsearch.USER}:", f"{user}:")


async def everything(index: ElasticIndex) -> None:
    """Each call of the port, from an Elasticsearch that has nothing of ours."""
    await index.upsert([document(1, "有理数的加法"), document(2, "整式"), document(3, "旧的")])
    await index.delete({3: 2})
    assert await found(index, "有理数") == [1]
    assert [each.text for each in await index.suggest("整", EVERYONE)] == ["整式"]
    await index.rebuild(stream([document(1, "有理数的减法"), document(2, "整式")]))
    assert await found(index, "减法") == [1]
    assert dict([pair async for pair in index.versions()]) == {1: 1, 2: 1}
    health = await index.health()
    assert (health.whole, health.writable, health.lacking) == (True, True, ())


async def test_the_password_of_the_compose_file_opens_it(index: Index) -> None:
    await everything(index(name="by-password"))


async def test_the_rights_that_are_documented_are_enough(
    index: Index, guarded: Elasticsearch
) -> None:
    await everything(index(of(guarded, NARROW)))
    # And they are narrow: of others they let nobody read or write anything.
    await index(name="others").upsert([document(1, "别人的")])
    theirs = index(of(guarded, NARROW), "others")
    for call in (found(theirs, "别人"), theirs.upsert([document(2, "我们的")])):
        with pytest.raises(IndexRefuses, match="403"):
            await call


@pytest.mark.parametrize("credentials", ["a wrong password", "a wrong key", "nothing"])
async def test_who_is_not_known_is_told_so(
    index: Index, guarded: Elasticsearch, credentials: str
) -> None:
    address = without_password(guarded)
    unknown = {
        "a wrong password": lambda: index(with_another(guarded)),
        "a wrong key": lambda: index(address, key="bm90OmtleQ=="),
        "nothing": lambda: index(address),
    }[credentials]()
    for call in (found(unknown, "有理"), unknown.upsert([document(1, "有理数")]), unknown.health()):
        with pytest.raises(IndexRefuses, match="401"):
            await call


async def test_one_that_refuses_is_not_left_alone_for_a_while(guarded: Elasticsearch) -> None:
    client = Client(with_another(guarded), None)
    for _ in range(5):
        with pytest.raises(IndexRefuses):
            await client.ask(lambda es: es.cluster.health())
    assert client.circuit.state is CircuitState.CLOSED
    await client.close()


async def test_a_key_is_looked_at(index: Index, guarded: Elasticsearch) -> None:
    """Where nothing that it knows is sent, Elasticsearch says that credentials are missing."""
    for key, said in (("bm90OmtleQ==", "provided credentials"), (None, "missing")):
        with pytest.raises(IndexRefuses) as refused:
            await index(without_password(guarded), key=key).health()
        assert said in str(refused.value.__cause__)


async def test_who_may_only_read_is_told_at_the_first_change(
    index: Index, guarded: Elasticsearch
) -> None:
    await index(name="tongke-read").upsert([document(1, "有理数")])
    reader = index(of(guarded, READER), "tongke-read")
    assert await found(reader, "有理数") == [1]
    with pytest.raises(IndexRefuses, match="403"):
        await reader.upsert([document(2, "整式")])
    assert set((await reader.health()).lacking) == {
        f"{right} ({name})"
        for right in ("write", "manage")
        for name in ("tongke-read", "tongke-read-*")
    }


def test_the_doctor_says_what_is_wrong_and_where_it_is_set(
    guarded: Elasticsearch, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("migrate").exit_code == 0
    monkeypatch.setenv("TONGKE_ELASTICSEARCH_INDEX", "tongke-doctor")
    for address, state in ((guarded.url, "ok"), (with_another(guarded), "wrong")):
        monkeypatch.setenv("TONGKE_ELASTICSEARCH_URL", address)
        checks = json.loads(run("doctor", "--json").stdout)["checks"]
        (check,) = (each for each in checks if each["part"] == "index")
        assert check["state"] == state
    assert "401" in check["seen"]
    monkeypatch.setenv("TONGKE_ELASTICSEARCH_URL", of(guarded, READER))
    (reading,) = (
        each
        for each in json.loads(run("doctor", "--json").stdout)["checks"]
        if each["part"] == "index"
    )
    assert reading["state"] == "wrong"
    assert "write (tongke-doctor)" in reading["seen"]
    assert "docs/operating.md" in reading["remedy"]
    assert "TONGKE_ELASTICSEARCH_URL" in check["remedy"]
    assert PASSWORD not in json.dumps(checks)
