"""What `make servers` prints is a file of settings by which the service finds the servers, and the
doctor what is wrong with them."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from tests.servers import nginx
from tests.servers.__main__ import told
from tests.servers.nginx import Nginx
from tests.servers.ports import free_port
from tests.servers.process import short_folder
from tests.servers.together import Servers
from tests.topology.commands import COMMAND_LIMIT_S, command, said

PARTS = {"database", "objects", "index", "bus"}


@pytest.fixture
def front() -> Iterator[Nginx]:
    """Before a service that does not run."""
    folder = short_folder("nginx")
    running = nginx.start(folder, (f"127.0.0.1:{free_port()}",))
    with running.server:
        yield running
    shutil.rmtree(folder)


async def test_a_folder_with_what_is_printed_stands_on_the_servers(
    servers: Servers, front: Nginx, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(told(servers, front))
    environment = {"TONGKE_DATA_DIR": str(tmp_path / "data")}
    assert (await said(environment, tmp_path, "migrate"))["changed"]
    found = await doctored(environment, tmp_path)
    assert {part for part in PARTS if found[part]["state"] == "ok"} == PARTS
    assert found["index"]["seen"].startswith("Elasticsearch")
    assert found["objects"]["seen"].startswith("SeaweedFS")
    # No service runs here yet.
    assert found["nginx"]["state"] == "wrong"
    assert found["nginx"]["seen"].startswith("nginx/")
    assert "reaches no web process" in found["nginx"]["seen"]
    # As when its disk fills up, but with a block that it does not take back by itself.
    index = Elasticsearch(servers.elasticsearch.url)
    index.indices.put_settings(index="tongke*", settings={"index.blocks.write": True})
    found = await doctored(environment, tmp_path)
    assert found["index"]["state"] == "wrong"
    assert "read-only" in found["index"]["seen"]
    assert "Make room on its disk" in found["index"]["remedy"]
    # As when the node has gone that alone had a part: this part no node may have.
    away = {"index.routing.allocation.require._name": "nobody"}
    index.indices.create(index="another-red", settings=away, wait_for_active_shards=0)
    found = await doctored(environment, tmp_path)
    assert "read-only" in found["index"]["seen"], "another's index is none of ours"
    index.indices.put_alias(index="another-red", name="tongke")
    found = await doctored(environment, tmp_path)
    index.indices.delete(index="another-red")
    index.close()
    assert found["index"]["state"] == "wrong"
    assert "a part cannot be reached" in found["index"]["seen"]
    assert "every node" in found["index"]["remedy"]


async def doctored(environment: Mapping[str, str], folder: Path) -> dict[str, dict[str, str]]:
    """What the doctor finds, by part."""
    async with command(environment, folder, "doctor", "--json") as process:
        out, _ = await asyncio.wait_for(process.communicate(), COMMAND_LIMIT_S)
    return {check["part"]: check for check in json.loads(out)["checks"]}
