"""Requests that are none: bytes, numbers, forms and paths as no client of ours sends them."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import FormData

from services.upload import pages as upload_pages
from tests.services.attacks.door import enter
from tests.services.house import House, session_cookie
from tests.waiting import LIMIT_S

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def raw(house: House, request_line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    """Bytes as no client would send them; the status line of the answer."""
    server = house.client.server
    reader, writer = await asyncio.open_connection(server.host, server.port)
    lines = [request_line + b" HTTP/1.1", b"Host: localhost:%d" % (server.port or 0), *headers]
    lines += [b"Connection: close", b"Content-Length: %d" % len(body), b"", body]
    writer.write(b"\r\n".join(lines))
    answer = await asyncio.wait_for(reader.read(), LIMIT_S)
    writer.close()
    return answer.split(b"\r\n", 1)[0]


@pytest.mark.parametrize(
    "header",
    [
        b"Authorization: Bearer \xff\xfe",
        b"Cookie: tongke=\xff\xfe",
        b"Authorization: \xff",
        b"Accept-Language: \xff;q=\xff",
    ],
)
@pytest.mark.parametrize("path", [b"/api/v1/me", b"/media/1/master.m3u8", b"/settings"])
async def test_bytes_that_are_no_text_are_nobody(house: House, header: bytes, path: bytes) -> None:
    status = await raw(house, b"GET " + path, header)
    assert status.split()[1] in {b"401", b"303"}


async def test_a_csrf_token_that_is_no_text_is_a_wrong_one(house: House) -> None:
    cookie = b"Cookie: tongke=" + (await session_cookie(house, "zhou"))["tongke"].encode()
    status = await raw(house, b"DELETE /api/v1/session", cookie, b"X-CSRF-Token: \xff")
    assert status.split()[1] == b"403"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([b"Content-Type: application/x-www-form-urlencoded; charset=zzz"], b"username=a"),
        ([b"Content-Type: multipart/form-data"], b"x"),
        (
            [b"Content-Type: multipart/form-data; boundary=x"],
            b'--x\r\nContent-Disposition: form-data; name="username"\r\n'
            b"Content-Type: text/plain; charset=zzz\r\n\r\na\r\n--x--\r\n",
        ),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(
    house: House, headers: list[bytes], body: bytes
) -> None:
    status = await raw(house, b"POST /sign-in", *headers, body=body)
    assert status.split()[1] == b"400"


@pytest.mark.parametrize("path", [b"POST /sign-in", b"PATCH /api/v1/me"])
async def test_what_its_encoding_says_of_a_body_is_not_tried(house: House, path: bytes) -> None:
    token = b"Authorization: Bearer " + house.secrets["zhou"].encode()
    status = await raw(house, path, token, b"Content-Encoding: gzip", body=b"not gzip")
    assert status.split()[1] == b"415"


@pytest.mark.parametrize("path", [b"/static/" + b"a" * 3000, b"/static/..%2f..%2fapp.py"])
async def test_a_path_that_is_no_files_is_not_found(house: House, path: bytes) -> None:
    assert (await raw(house, b"GET " + path)).split()[1] == b"404"


async def test_a_form_of_endless_fields_is_cut(house: House) -> None:
    csrf = await enter(house, "zhou")
    form = FormData({"csrf_token": csrf})
    for number in range(upload_pages.MOST_PARTS):
        form.add_field("audience", f"school:{number}", content_type="text/plain")
    assert (await house.client.post("/upload", data=form)).status == 413


@pytest.mark.parametrize("number", ["0" * 20 + "9" * 30, "9" * 20, "0" * 20 + "9" * 5000])
async def test_a_number_that_is_none_is_not_found(house: House, number: str) -> None:
    for path in ("/resources/{}", "/api/v1/resources/{}", "/media/{}/master.m3u8"):
        assert (await house.ask("zhou", "GET", path.format(number))).status == 404
    assert (await house.ask("operator", "GET", f"/people?school={number}")).status == 404


async def test_an_address_may_name_what_no_list_holds(house: House) -> None:
    for name in ("grade", "kind", "stage", "subject", "year", "agreement", "school"):
        found = await house.ask("zhou", "GET", "/library", params={name: "<b>13</b>"})
        assert (found.status, "<b>13" in await found.text()) == (200, False)
