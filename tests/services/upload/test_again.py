"""A creation whose answer was lost comes again: it begins no second upload, and makes no second
resource."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientResponse
from sqlalchemy import update

from tests.services.house import House
from tests.services.upload.test_tus import TUS, UPLOADS, metadata, offset_of, send
from tests.waiting import until_true
from tongke import clock
from tongke.library.models import Resource, Upload

KEY = "9f2d1c64-7a0e-4f0b-8f5e-2f1f5f0f7f11"
BODY = b"0123456789"
BODY_TYPE = "application/offset+octet-stream"


async def create(
    house: House, key: str, *, who: str = "zhou", length: int = len(BODY), body: Any = None
) -> ClientResponse:
    headers = TUS | {
        "Idempotency-Key": key,
        "Upload-Length": str(length),
        "Upload-Metadata": metadata(filename="办法.txt"),
    }
    if body is not None:
        headers["Content-Type"] = BODY_TYPE
    return await house.ask(who, "POST", UPLOADS, headers=headers, data=body)


async def count(house: House, table: type[Upload] | type[Resource]) -> int:
    return await house.ground.database.read(lambda session: session.query(table).count())


async def test_an_upload_is_begun_once_and_gone_on_with(house: House) -> None:
    first = await create(house, KEY)
    await send(house, first.headers["Location"], 0, BODY[:4])
    again = await create(house, f'"{KEY}"')
    assert (first.status, again.status) == (201, 201)
    assert again.headers["Location"] == first.headers["Location"]
    assert await offset_of(house, first.headers["Location"]) == 4
    assert await count(house, Upload) == 1


async def test_a_document_that_came_with_its_creation_is_one_resource(house: House) -> None:
    first = await create(house, KEY, body=BODY)
    again = await create(house, KEY, body=BODY)
    assert again.status == 201
    assert again.headers["Tongke-Resource"] == first.headers["Tongke-Resource"]
    assert again.headers["Upload-Offset"] == str(len(BODY))
    assert await count(house, Resource) == 1


async def test_what_came_before_the_line_was_cut_is_kept(house: House) -> None:
    """The body of the second request is not taken; the client goes on from the offset."""
    path = (await create(house, KEY)).headers["Location"]
    await send(house, path, 0, BODY[:4])
    again = await create(house, KEY, body=BODY)
    assert (again.status, again.headers["Upload-Offset"]) == (201, "4")
    assert (await send(house, path, 4, BODY[4:])).status == 204


async def test_the_one_that_hangs_is_taken_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, hanging = house.ground.appendable.append, asyncio.Event()

    async def hung(key: str, offset: int, chunks: AsyncIterator[bytes]) -> int:
        monkeypatch.undo()
        hanging.set()
        await asyncio.Event().wait()
        return await append(key, offset, chunks)

    monkeypatch.setattr(house.ground.appendable, "append", hung)
    first = asyncio.create_task(create(house, KEY, body=BODY))
    await hanging.wait()
    again = await create(house, KEY, body=BODY)
    assert (again.status, "Tongke-Resource" in again.headers) == (201, True)
    assert await count(house, Resource) == 1
    first.cancel()
    await until_true(first.done)


async def test_keys_of_two_people_never_meet(house: House) -> None:
    mine = await create(house, KEY)
    other = await create(house, KEY, who="tang")
    assert (mine.status, other.status) == (201, 201)
    assert mine.headers["Location"] != other.headers["Location"]


async def test_without_a_key_every_creation_is_a_new_one(house: House) -> None:
    headers = TUS | {"Upload-Length": "4", "Upload-Metadata": metadata(filename="办法.txt")}
    for _ in range(2):
        assert (await house.ask("zhou", "POST", UPLOADS, headers=headers)).status == 201
    assert await count(house, Upload) == 2


async def test_a_key_is_for_one_file(house: House) -> None:
    await create(house, KEY)
    other = await create(house, KEY, length=11)
    assert (other.status, (await other.json())["code"]) == (422, "idempotency-key-of-another")


@pytest.mark.parametrize("key", ["", "1", "a" * 21, "a" * 129, "有" * 30, 'a"' * 20])
async def test_a_key_that_could_be_guessed_is_refused(house: House, key: str) -> None:
    response = await create(house, key)
    assert (response.status, (await response.json())["code"]) == (400, "malformed-header")


async def test_one_that_was_left_too_long_says_so(house: House) -> None:
    await create(house, KEY)
    past = clock.now() - timedelta(seconds=1)
    await house.ground.database.write(lambda s: s.execute(update(Upload).values(expires_at=past)))
    assert (await create(house, KEY)).status == 410
