"""The plain form for a file: what is too large is said at once, and what fails leaves nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse, FormData
from pytest_aiohttp.plugin import AiohttpClient

from services.app import create_app
from services.upload import pages
from tests.services.house import House, populate, session_cookie
from tongke.bootstrap import Ground
from tongke.storage.objects.errors import ObjectsUnavailable

MOST = 1000
TOO_LARGE = "文件太大"


@pytest.fixture
async def house(ground: Ground, aiohttp_client: AiohttpClient) -> House:
    """One that takes files of a thousand bytes."""
    ground.settings.upload_max_bytes = MOST
    ids, tokens = await ground.database.write(populate)
    return House(ground, await aiohttp_client(create_app(ground)), ids, tokens)


async def csrf(house: House) -> str:
    house.client.session.cookie_jar.update_cookies(await session_cookie(house, "zhou"))
    found = re.search(
        r'name="csrf_token" value="(\w+)"', await (await house.client.get("/settings")).text()
    )
    assert found
    return found[1]


async def post(house: House, body: Any) -> ClientResponse:
    form = FormData()
    for name, text in (("csrf_token", await csrf(house)), ("title", "课")):
        form.add_field(name, text)
    form.add_field("file", body, filename="课.txt")
    return await house.client.post("/upload", data=form, allow_redirects=False)


async def left(house: House) -> list[Any]:
    pending = [found.key async for found in house.ground.appendable.pending()]
    listed = await house.json("zhou", "GET", "/api/v1/uploads")
    return [*pending, *listed["items"]]


async def test_a_file_at_the_limit_is_taken(house: House) -> None:
    response = await post(house, b"x" * MOST)
    assert (response.status, response.headers["Location"]) == (303, "/mine?done=uploaded")


async def test_a_file_just_beyond_the_limit_is_too_large(house: House) -> None:
    response = await post(house, b"x" * (MOST + 1))
    assert response.status == 413
    assert TOO_LARGE in await response.text()
    assert await left(house) == []


async def test_a_file_whose_length_is_not_told_is_too_large_all_the_same(house: House) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"x" * (MOST + 1)

    response = await post(house, body())
    assert response.status == 413
    assert TOO_LARGE in await response.text()
    assert await left(house) == []


async def test_a_file_far_beyond_the_limit_is_refused_before_it_is_taken(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []
    monkeypatch.setattr(house.ground.appendable, "create", taken.append)
    response = await post(house, b"x" * (MOST + 2 * pages.MOST_FORM_BYTES))
    assert response.status == 413
    assert TOO_LARGE in await response.text()
    assert taken == []


async def test_a_form_that_breaks_off_leaves_no_upload(house: House) -> None:
    """It has no end: whatever made it, it is no form."""
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in (("csrf_token", await csrf(house)), ("title", "课"))
    )
    file = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nxxx'
    response = await house.client.post(
        "/upload",
        data=(parts + file).encode(),
        headers={"Content-Type": "multipart/form-data; boundary=b"},
        allow_redirects=False,
    )
    assert response.status == 400
    assert await left(house) == []


async def test_a_store_that_goes_away_is_said_and_leaves_no_upload(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise ObjectsUnavailable(reason="away")

    for call in ("append", "abort"):
        monkeypatch.setattr(house.ground.appendable, call, away)
    assert (await post(house, b"x")).status == 503
    assert (await house.json("zhou", "GET", "/api/v1/uploads"))["items"] == []
