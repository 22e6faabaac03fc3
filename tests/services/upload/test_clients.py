"""Two tus clients that nobody here wrote, against the running service: tuspy and tus-js-client."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from pathlib import Path

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

import hatch_build
from tests.services.house import House
from tongke.library.models import Resource

BODY = bytes(range(256)) * 2_000
ENDPOINT = "/api/v1/uploads"


def endpoint(house: House) -> str:
    return str(house.client.make_url(ENDPOINT))


async def original(house: House, resource_id: int) -> bytes:
    key = await house.ground.database.read(lambda s: s.get_one(Resource, resource_id).original_key)
    return b"".join([chunk async for chunk in house.ground.objects.read(key)])


def send_with_tuspy(url: str, headers: dict[str, str]) -> str:
    """Upload in chunks, let go in the middle; another client goes on from the address alone."""
    metadata = {"filename": "有理数.txt", "title": "有理数", "kind": "courseware"}
    first = TusClient(url, headers=headers).uploader(
        file_stream=io.BytesIO(BODY), chunk_size=60_000, metadata=metadata
    )
    for _ in range(3):
        first.upload_chunk()
    second = TusClient(url, headers=headers).uploader(
        file_stream=io.BytesIO(BODY), chunk_size=100_000, url=first.url
    )
    assert second.offset == first.offset == 180_000
    second.upload()
    found: str = second.url
    return found


async def test_tuspy_uploads_and_goes_on(house: House) -> None:
    url = await asyncio.to_thread(send_with_tuspy, endpoint(house), house.bearer("zhou"))
    finished = await house.json("zhou", "POST", f"{url[url.index(ENDPOINT) :]}/finish")
    resource = finished["resource"]
    assert resource["title"] == "有理数"
    assert resource["size_bytes"] == len(BODY)
    assert await original(house, resource["id"]) == BODY
    again = await house.json("zhou", "POST", f"{url[url.index(ENDPOINT) :]}/finish")
    assert again["resource"]["id"] == resource["id"]


async def test_tuspy_is_told_when_it_may_not(house: House) -> None:
    with pytest.raises(TusCommunicationError):
        await asyncio.to_thread(send_with_tuspy, endpoint(house), house.bearer("operator"))


async def test_tus_js_client_is_cut_off_and_goes_on(house: House, tmp_path: Path) -> None:
    web = hatch_build.WEB
    hatch_build.build()
    script = web / "node_modules" / ".resume-test.mjs"
    source = Path(__file__).with_name("resume.mjs")
    # Beside its packages: node looks for them from where a script is.
    await asyncio.to_thread(script.write_bytes, source.read_bytes())
    node = hatch_build.node_home() / "bin" / "node"
    process = await asyncio.create_subprocess_exec(
        str(node),
        str(script),
        endpoint(house),
        house.secrets["zhou"],
        str(len(BODY)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    await asyncio.to_thread(script.unlink)
    assert process.returncode == 0, err.decode()
    said = json.loads(out)
    assert len(BODY) / 2 <= said["cutAt"] < len(BODY)
    assert said["accepted"] == sorted(set(said["accepted"]))
    assert (
        hashlib.sha256(await original(house, int(said["resource"]))).hexdigest() == said["sha256"]
    )
