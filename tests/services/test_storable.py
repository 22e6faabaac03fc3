"""What no database can keep is refused with words, wherever it comes in, on both databases."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.services.house import House

NUL, HALF, HUGE = "%00", "%ED%A0%80", 2**64


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/search?q={NUL}",
        f"/api/v1/search?q=a&school={NUL}",
        f"/api/v1/resources?unit={NUL}",
        f"/api/v1/resources?{NUL}=1",
        f"/api/v1/schools?q=a{NUL}b",
        f"/api/v1/regions?q={NUL}",
        f"/library?q={NUL}",
        f"/people?school=1&q={NUL}",
        f"/schools?q={NUL}",
        f"/api/v1/uploads/{NUL}",
        f"/media/{NUL}",
    ],
)
async def test_a_nul_in_an_address(house: House, path: str) -> None:
    answer = await house.ask("operator", "GET", path)
    assert 400 <= answer.status < 500


async def test_half_a_character_in_an_address(house: House) -> None:
    """It is not UTF-8, so nothing of it is a parameter."""
    answer = await house.ask("operator", "GET", f"/api/v1/schools?q={HALF}")
    assert answer.status < 500


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/resources/{HUGE}",
        f"/api/v1/resources/{2**53}",
        f"/api/v1/accounts?school_id={HUGE}",
        f"/api/v1/accounts?school_id={2**53}",
        f"/api/v1/accounts?school_id={2**31}",
        f"/people?school={HUGE}",
        f"/resources/{2**40}",
    ],
)
async def test_a_number_beyond_any_that_is_given(house: House, path: str) -> None:
    answer = await house.ask("operator", "GET", path)
    assert answer.status < 500


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
async def test_in_a_body(house: House, text: str) -> None:
    body = json.dumps({"username": "new.name", "name": text, "role": {"name": "system_admin"}})
    answer = await house.ask(
        "operator", "POST", "/api/v1/accounts",
        data=body, headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert answer.status == 400
    assert (await answer.json())["code"] == "bad-request"


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", '[{"a": 1e999}]'])
async def test_a_number_in_a_body_that_is_none(house: House, number: str) -> None:
    answer = await house.ask(
        "operator", "POST", "/api/v1/accounts",
        data=f'{{"username": {number}}}', headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert answer.status == 400
    assert (await answer.json())["code"] == "bad-request"


async def test_a_number_in_a_body(house: House) -> None:
    role = {"name": "teacher", "school_id": HUGE}
    answer = await house.ask(
        "operator", "POST", "/api/v1/accounts",
        json={"username": "new.name", "name": "新", "role": role},
    )  # fmt: skip
    assert 400 <= answer.status < 500


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1e300"]
)
async def test_a_moment_beyond_the_calendar(house: House, moment: str) -> None:
    for name in ("begins", "ends"):
        answer = await house.ask("zhou", "GET", "/api/v1/classes", params={name: moment})
        assert answer.status == 422
    body = {"title": "一节课", "begins_at": moment, "ends_at": moment}
    answer = await house.ask("zhou", "POST", "/api/v1/classes", json=body)
    assert answer.status == 422


async def test_in_a_form(house: House) -> None:
    answer = await house.ask("", "POST", "/sign-in", data={"username": "a\0", "password": "b"})
    assert 400 <= answer.status < 500


@pytest.mark.parametrize("header", ["Authorization: Bearer \xff", "Cookie: tongke-session=\xff"])
async def test_bytes_in_a_header_that_are_no_text(house: House, header: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.client.port)
    writer.write(
        f"GET /api/v1/me HTTP/1.0\r\n{header}\r\nUser-Agent: \xfe\r\n\r\n".encode("latin1")
    )
    status = (await reader.readline()).split()[1]
    writer.close()
    assert status == b"401"
