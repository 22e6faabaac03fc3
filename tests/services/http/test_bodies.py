"""A body that is made to keep the service busy is refused before it does."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.http.api import MOST_OF_ANYBODY_BYTES, MOST_PARTS
from tests.services.house import House
from tongke.validation import MOST_SAID

ANYBODYS = ("/api/v1/session", "/api/v1/slips/use")
# What an answer in words may take: a page of them.
SMALL = 4096


def fields(many: int) -> bytes:
    return json.dumps({f"f{number}": 0 for number in range(many)}).encode()


@pytest.mark.parametrize("path", [*ANYBODYS, "/sign-in", "/q/000000", "/healthz"])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "x-gzip"])
async def test_what_is_packed_is_refused(house: House, path: str, coding: str) -> None:
    packed = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}[coding]
    sent, headers = packed(fields(10)), {"Content-Encoding": coding}
    assert (await house.ask("", "POST", path, data=sent, headers=headers)).status == 415


async def test_what_says_that_it_is_not_packed_is_heard(house: House) -> None:
    headers = {"Content-Encoding": "identity"}
    answer = await house.ask("", "POST", ANYBODYS[0], data=b"{}", headers=headers)
    assert answer.status == 422


@pytest.mark.parametrize("path", ANYBODYS)
async def test_anybody_may_send_little(house: House, path: str) -> None:
    answer = await house.ask("", "POST", path, data=fields(60_000))
    assert answer.status == 413
    said = await answer.read()
    assert json.loads(said)["title"] == "发来的内容太大"
    assert len(said) < SMALL


@pytest.mark.parametrize("path", ["/sign-in", "/slip", "/q/000000", "/room/in", "/language"])
async def test_anybodys_form_is_small(house: House, path: str) -> None:
    async def without_length() -> AsyncIterator[bytes]:
        yield b"code=1"

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    fields = b"&".join(b"%x=" % number for number in range(10_000))
    for sent in (fields, b"code=" + b"%41" * 10_000, without_length()):
        answer = await house.ask("", "POST", path, data=sent, headers=headers)
        assert answer.status == 413
        assert "发来的内容太大" in await answer.text()


async def test_the_longest_password_is_heard_from_a_page(house: House) -> None:
    form = {"username": "周" * 200, "password": "密" * 1000}
    assert (await house.ask("", "POST", "/sign-in", data=form)).status == 401


@pytest.mark.parametrize("path", ANYBODYS)
async def test_of_little_too_few_errors_are_told(house: House, path: str) -> None:
    answer = await house.ask("", "POST", path, data=fields(500))
    assert answer.status == 422
    said = await answer.read()
    assert len(json.loads(said)["errors"]) == MOST_SAID
    assert len(said) < SMALL


async def test_the_longest_password_is_heard(house: House) -> None:
    sent = json.dumps({"username": "周" * 200, "password": "密" * 1000}).encode()
    assert len(sent) < MOST_OF_ANYBODY_BYTES
    answer = await house.ask("", "POST", "/api/v1/session", data=sent)
    assert (await answer.json())["code"] == "sign-in-failed"


@pytest.mark.parametrize(
    "values",
    [
        {f"f{number}": 0 for number in range(MOST_PARTS + 2)},
        {"title": [0] * (MOST_PARTS + 2)},
        {"title": [{}] * (MOST_PARTS + 2)},
    ],
    ids=["fields", "numbers", "objects"],
)
async def test_a_body_has_so_many_parts(house: House, values: dict[str, Any]) -> None:
    number = await house.publish("zhou", ["school:1"])
    answer = await house.ask("zhou", "PATCH", f"/api/v1/resources/{number}", json=values)
    assert answer.status == 413


@pytest.mark.parametrize(
    "values",
    [
        {f"{number}" + "长" * 500: 0 for number in range(MOST_SAID + 30)},
        {"audience": [{"f": {}}] * 1_000},
        {"when": {f"{number}" + "长" * 500: 0 for number in range(MOST_SAID + 30)}},
    ],
    ids=["long names", "many wrong", "long names inside"],
)
@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", "/api/v1/me"), ("POST", "/api/v1/classes/clashes")]
)
async def test_an_answer_stays_small(
    house: House, method: str, path: str, values: dict[str, Any]
) -> None:
    answer = await house.ask("zhou", method, path, json=values)
    assert answer.status == 422
    errors = (await answer.json())["errors"]
    assert 0 < len(errors) <= MOST_SAID
    assert max(map(len, errors)) <= 100
