"""What somebody could do to the store, and to others' uploads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import FormData

from services.upload import space
from tests.services.attacks.door import TUS, begin, enter
from tests.services.house import House
from tongke.library import uploads
from tongke.storage.objects.errors import StoreFull


async def test_an_upload_is_its_owners_alone(house: House) -> None:
    made = await house.ask("zhou", "POST", "/api/v1/uploads", headers=begin(8))
    address = made.headers["Location"]
    sent = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    for other in ("tang", "head", "county", "operator"):
        statuses = [
            (await house.ask(other, "HEAD", address, headers=TUS)).status,
            (await house.ask(other, "PATCH", address, headers=sent, data=b"12345678")).status,
            (await house.ask(other, "DELETE", address, headers=TUS)).status,
            (await house.ask(other, "PUT", f"{address}/fields", json={"title": "a"})).status,
            (await house.ask(other, "POST", f"{address}/finish")).status,
        ]
        assert statuses == [404] * 5
        assert (await house.json(other, "GET", "/api/v1/uploads"))["items"] == []


async def test_nobody_begins_uploads_without_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_OPEN", 2)
    statuses = [
        (await house.ask("zhou", "POST", "/api/v1/uploads", headers=begin(8))).status
        for _ in range(3)
    ]
    assert statuses == [201, 201, 403]
    assert (await house.ask("tang", "POST", "/api/v1/uploads", headers=begin(8))).status == 201


async def test_nobody_lays_claim_to_the_whole_disk(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_OPEN_BYTES", 100)
    statuses = [
        (await house.ask("zhou", "POST", "/api/v1/uploads", headers=begin(length))).status
        for length in (200, 1)
    ]
    assert statuses == [201, 403]


async def test_the_disk_is_not_filled_to_its_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await house.ask("zhou", "POST", "/api/v1/uploads", headers=begin(8))
    free = await house.ground.objects.free_bytes()
    assert free is not None
    monkeypatch.setattr(house.ground.settings, "min_free_bytes", free * 2)
    response = await house.ask(
        "zhou", "PATCH", made.headers["Location"], data=b"12345678",
        headers={**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
    )  # fmt: skip
    assert response.status == StoreFull.status


async def test_space_is_looked_at_again_while_bytes_come(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "LOOK_EVERY_BYTES", 10)
    free = iter([100, 100, 0])

    async def free_bytes() -> int:
        return next(free)

    monkeypatch.setattr(house.ground.objects, "free_bytes", free_bytes)
    monkeypatch.setattr(house.ground.settings, "min_free_bytes", 50)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"12345"

    watched = space.while_left(house.ground, chunks())
    came = [await anext(watched) for _ in range(4)]
    assert came == [b"12345"] * 4
    with pytest.raises(StoreFull):
        await anext(watched)


@pytest.mark.parametrize("body", [b"x", b""])
async def test_an_upload_that_is_no_form_is_refused(house: House, body: bytes) -> None:
    await enter(house, "zhou")
    for kind in ("text/plain", "multipart/form-data", "multipart/mixed; boundary=x"):
        response = await house.client.post("/upload", data=body, headers={"Content-Type": kind})
        assert response.status == 400


async def test_a_forms_file_before_the_token_is_refused(house: House, tmp_path: Path) -> None:
    csrf = await enter(house, "zhou")
    form = FormData()
    form.add_field("file", b"12345678", filename="a.mp4")
    form.add_field("csrf_token", csrf)
    assert (await house.client.post("/upload", data=form)).status == 403
    assert (await house.json("zhou", "GET", "/api/v1/uploads"))["items"] == []


async def test_a_forms_empty_file_is_refused_beside_its_field(house: House) -> None:
    csrf = await enter(house, "zhou")
    form = FormData()
    for name, text in (("csrf_token", csrf), ("title", "空")):
        form.add_field(name, text)
    form.add_field("file", b"", filename="空.txt")
    answer = await house.client.post("/upload", data=form)
    assert answer.status == 422
    assert "这个文件是空的" in await answer.text()
    assert (await house.json("zhou", "GET", "/api/v1/uploads"))["items"] == []
