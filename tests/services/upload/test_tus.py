"""tus over HTTP: what the protocol leaves to the server, and what people meet."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from services.admin import metrics
from services.app import create_app
from services.http.problems import LEFT
from services.upload.tus import WRITERS
from tests.services.house import House
from tests.waiting import LIMIT_S, until_true
from tongke.library import uploads
from tongke.library.models import Resource, Upload
from tongke.storage.objects.errors import ObjectsUnavailable

UPLOADS = "/api/v1/uploads"
TUS = {"Tus-Resumable": "1.0.0"}


def metadata(**said: str) -> str:
    pairs = (f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in said.items())
    return ",".join(pairs)


async def begin(house: House, length: int, who: str = "zhou", **said: str) -> str:
    headers = TUS | {
        "Upload-Length": str(length),
        "Upload-Metadata": metadata(**({"filename": "课.txt"} | said)),
    }
    response = await house.ask(who, "POST", UPLOADS, headers=headers)
    assert response.status == 201, await response.text()
    return response.headers["Location"]


async def send(house: House, path: str, offset: int, body: Any, who: str = "zhou") -> Any:
    headers = TUS | {
        "Upload-Offset": str(offset),
        "Content-Type": "application/offset+octet-stream",
    }
    return await house.ask(who, "PATCH", path, headers=headers, data=body)


async def offset_of(house: House, path: str, who: str = "zhou") -> int:
    response = await house.ask(who, "HEAD", path, headers=TUS)
    return int(response.headers["Upload-Offset"])


async def test_the_last_byte_makes_a_resource_and_names_it(house: House) -> None:
    path = await begin(house, 10, title="有理数", grade="7", subject="math", audience="school:1")
    assert (await send(house, path, 0, b"01234")).status == 204
    last = await send(house, path, 5, b"56789")
    assert last.status == 204
    number = int(last.headers["Tongke-Resource"])
    resource = await house.json("zhou", "GET", f"/api/v1/resources/{number}")
    assert (resource["title"], resource["grade"], resource["stage"]) == ("有理数", "7", "junior")
    assert "school:1" in resource["audience"]
    assert resource["state"] == "checking"
    head = await house.ask("zhou", "HEAD", path, headers=TUS)
    assert head.headers["Tongke-Resource"] == str(number)


async def test_an_upload_without_its_bytes_begins_at_the_first(house: House) -> None:
    """Whoever began it died before its object was there, or a backup brought back its row alone."""
    lost, other = await begin(house, 4), await begin(house, 3)
    await house.ground.appendable.abort(f"uploads/{lost.rsplit('/', 1)[-1]}")
    listed = await house.json("zhou", "GET", UPLOADS)
    assert [(item["offset"], item["length"]) for item in listed["items"]] == [(0, 3), (0, 4)]
    assert await offset_of(house, lost) == 0
    # Of bytes that were acknowledged and are gone, the client is told where to go on.
    assert (await send(house, lost, 2, b"23")).status == 409
    last = await send(house, lost, 0, b"0123")
    assert "Tongke-Resource" in last.headers
    assert (await send(house, other, 0, b"012")).status == 204


async def test_what_could_not_be_begun_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_key: str) -> None:
        raise ObjectsUnavailable(reason="away")

    with monkeypatch.context() as patch:
        patch.setattr(house.ground.appendable, "create", away)
        headers = TUS | {"Upload-Length": "4", "Upload-Metadata": metadata(filename="课.txt")}
        assert (await house.ask("zhou", "POST", UPLOADS, headers=headers)).status == 503
    assert (await house.json("zhou", "GET", UPLOADS))["items"] == []


async def test_an_address_and_a_method_that_do_not_go_together_are_said(house: House) -> None:
    path = await begin(house, 4)
    begun = {"Upload-Length": "4", "Upload-Metadata": metadata(filename="课.txt")}
    patched = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    for method, address, headers in (
        ("PATCH", UPLOADS, patched),
        ("DELETE", UPLOADS, {}),
        ("POST", UPLOADS, patched | {"X-HTTP-Method-Override": "PATCH"}),
        ("POST", path, begun),
    ):
        response = await house.ask("zhou", method, address, headers=TUS | headers)
        assert response.status == 405, (method, address)
        assert "HEAD" in response.headers["Allow"], "RFC 9110, 15.5.6"
    overridden = patched | {"X-HTTP-Method-Override": "PATCH"}
    response = await house.ask("zhou", "POST", path, headers=TUS | overridden, data=b"0123")
    assert response.status == 204


LENGTH = 10 * 2**20
SENT = 5 * 2**20


async def half_sent(house: House, path: str, port: int | None = None) -> asyncio.StreamWriter:
    """A connection that has sent half of the bytes, some of which are durable, and hangs."""
    url = house.client.make_url(path)
    _, writer = await asyncio.open_connection(url.host, port or url.port)
    lines = [
        f"PATCH {path} HTTP/1.1",
        f"Host: {url.host}",
        f"Authorization: Bearer {house.secrets['zhou']}",
        "Tus-Resumable: 1.0.0",
        "Upload-Offset: 0",
        "Content-Type: application/offset+octet-stream",
        f"Content-Length: {LENGTH}",
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode() + b"x" * SENT)
    await writer.drain()
    key = f"uploads/{path.rsplit('/', 1)[-1]}"
    async with asyncio.timeout(LIMIT_S):
        while await house.ground.appendable.size(key) < 2**20:
            pass
    return writer


async def test_a_line_that_breaks_keeps_what_came(house: House) -> None:
    path = await begin(house, LENGTH)
    writer = await half_sent(house, path)
    writer.close()
    await writer.wait_closed()
    reached = await offset_of(house, path)
    assert 2**20 <= reached <= SENT
    assert (await send(house, path, reached, b"x" * (LENGTH - reached))).status == 204


async def test_a_line_that_breaks_is_counted_as_no_error_of_ours(house: House) -> None:
    """As it serves: aiohttp's own server for tests ends a handler whose client has left."""
    runner = web.AppRunner(create_app(house.ground))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()

    def counted(status: int) -> float:
        return metrics.REQUESTS.labels(UPLOADS + "/{id}", "PATCH", status)._value.get()

    left, failed = counted(LEFT), counted(503)
    writer = await half_sent(house, await begin(house, LENGTH), runner.addresses[0][1])
    writer.transport.abort()
    await until_true(lambda: counted(LEFT) + counted(503) > left + failed)
    await runner.cleanup()
    assert (counted(LEFT), counted(503)) == (left + 1, failed)


async def test_who_comes_later_takes_over(house: House) -> None:
    """A dead connection is noticed late; its owner comes back at once."""
    path = await begin(house, LENGTH)
    writer = await half_sent(house, path)
    reached = await offset_of(house, path)
    assert (await send(house, path, reached, b"x" * (LENGTH - reached))).status == 204
    writer.close()


async def test_of_several_who_come_later_the_last_takes_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is slow to end; those in between end no earlier than it does."""
    path = await begin(house, LENGTH)
    append = house.ground.appendable.append
    waits, slow, let_go = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow_to_end(key: str, offset: int, chunks: AsyncIterator[bytes]) -> int:
        try:
            return await append(key, offset, held_up(chunks))
        finally:
            monkeypatch.undo()

    async def held_up(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        came = 0
        try:
            async for chunk in chunks:
                came += len(chunk)
                yield chunk
                if came == SENT:
                    waits.set()
        except asyncio.CancelledError:
            slow.set()
            await let_go.wait()
            raise

    monkeypatch.setattr(house.ground.appendable, "append", slow_to_end)
    writer = await half_sent(house, path)
    # Taken over sooner it may be writing, and not be held up where it waits for more.
    await waits.wait()
    second = asyncio.create_task(house.ask("zhou", "HEAD", path, headers=TUS))
    await slow.wait()
    key = path.rsplit("/", 1)[-1]
    writers = house.client.app[WRITERS]
    older = writers[key]
    third = asyncio.create_task(send(house, path, 0, b""))
    await until_true(lambda: writers[key] is not older)
    older = writers[key]
    fourth = asyncio.create_task(offset_and_rest(house, path))
    await until_true(lambda: writers[key] is not older)
    assert not fourth.done()
    let_go.set()
    assert (await fourth).status == 204
    writer.close()
    for request in (second, third):
        request.cancel()
    await asyncio.wait({second, third})


async def offset_and_rest(house: House, path: str) -> Any:
    reached = await offset_of(house, path)
    return await send(house, path, reached, b"x" * (LENGTH - reached))


async def test_an_upload_is_its_owners_alone(house: House) -> None:
    path = await begin(house, 10)
    for method in ("HEAD", "DELETE"):
        assert (await house.ask("tang", method, path, headers=TUS)).status == 404
    assert (await send(house, path, 0, b"0123456789", who="tang")).status == 404
    for who in ("tang", "operator", "county"):
        assert (await house.ask(who, "POST", f"{path}/finish")).status == 404
        fields = await house.ask(who, "PUT", f"{path}/fields", json={"title": "x"})
        assert fields.status == 404


async def test_only_people_of_a_school_upload(house: House) -> None:
    headers = TUS | {"Upload-Length": "1", "Upload-Metadata": metadata(filename="x.txt")}
    for who in ("county", "operator"):
        assert (await house.ask(who, "POST", UPLOADS, headers=headers)).status == 403
    assert (await house.ask("", "POST", UPLOADS, headers=headers)).status == 401


@pytest.mark.parametrize("audience", ["school:2", "agreement:99", "user:999", "region:433101", "x"])
async def test_an_audience_out_of_reach_is_refused_at_once(house: House, audience: str) -> None:
    headers = TUS | {
        "Upload-Length": "1",
        "Upload-Metadata": metadata(filename="x.txt", audience=audience),
    }
    response = await house.ask("zhou", "POST", UPLOADS, headers=headers)
    assert response.status == 422
    assert "audience" in str((await response.json())["errors"])


async def test_an_empty_file_is_refused_at_once(house: House) -> None:
    headers = TUS | {"Upload-Length": "0", "Upload-Metadata": metadata(filename="空.txt")}
    response = await house.ask("zhou", "POST", UPLOADS, headers=headers)
    assert response.status == 422
    assert (await response.json())["errors"] == {"filename": "这个文件是空的"}
    assert (await house.json("zhou", "GET", UPLOADS))["items"] == []


async def test_what_is_said_can_be_changed_on_the_way(house: House) -> None:
    path = await begin(house, 4, title="草稿")
    said = await house.json("zhou", "PUT", f"{path}/fields", json={"title": "定稿", "grade": "8"})
    assert said["fields"]["title"] == "定稿"
    number = int((await send(house, path, 0, b"1234")).headers["Tongke-Resource"])
    resource = await house.json("zhou", "GET", f"/api/v1/resources/{number}")
    assert (resource["title"], resource["grade"]) == ("定稿", "8")
    late = await house.ask("zhou", "PUT", f"{path}/fields", json={"title": "再改"})
    assert late.status == 409


async def test_unfinished_uploads_are_listed_and_can_be_ended(house: House) -> None:
    path = await begin(house, 10)
    await send(house, path, 0, b"0123")
    listed = await house.json("zhou", "GET", UPLOADS)
    assert [(item["offset"], item["length"]) for item in listed["items"]] == [(4, 10)]
    assert (await house.ask("zhou", "DELETE", path, headers=TUS)).status == 204
    assert (await house.json("zhou", "GET", UPLOADS))["items"] == []
    assert (await house.ask("zhou", "HEAD", path, headers=TUS)).status == 404


async def test_what_is_finished_while_it_is_ended_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await begin(house, 4)
    upload_id = path.rsplit("/", 1)[-1]

    async def finished_meanwhile(_key: str) -> None:
        await house.ground.database.write(uploads.finish, upload_id)

    monkeypatch.setattr(house.ground.appendable, "abort", finished_meanwhile)
    ended = await house.ask("zhou", "DELETE", path, headers=TUS)
    assert (ended.status, (await ended.json())["code"]) == (409, "upload-finished")


async def test_many_who_finish_at_once_make_one_resource(house: House) -> None:
    path = await begin(house, 4)
    row = await house.ground.database.read(lambda s: s.get_one(Upload, path.rsplit("/", 1)[-1]))

    async def chunk() -> AsyncIterator[bytes]:
        yield b"1234"

    await house.ground.appendable.append(row.key, 0, chunk())
    asked = [house.json("zhou", "POST", f"{path}/finish") for _ in range(8)]
    numbers = {found["resource"]["id"] for found in await asyncio.gather(*asked)}
    assert len(numbers) == 1
    count = await house.ground.database.read(lambda s: s.query(Resource).count())
    assert count == 1
