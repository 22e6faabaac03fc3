"""The API keeps what its document says: checked by an outside tool, and by our own rules."""

from __future__ import annotations

import json
import re

import pytest

from services.app import APIS, api_document
from tests.services.house import House


async def test_the_document_is_served_and_drawn(house: House) -> None:
    document = await house.json("", "GET", "/api/v1/openapi.json")
    assert document["openapi"] == "3.1.0"
    page = await house.ask("", "GET", "/api/docs")
    text = await page.text()
    for path in ("/api/v1/resources/{id}", "/api/v1/uploads", "/api/v1/search"):
        assert path in document["paths"]
        assert path in text


async def test_every_route_below_the_api_is_documented(house: House) -> None:
    documented = api_document()["paths"]
    assert isinstance(documented, dict)
    app = house.client.server.app  # type: ignore[attr-defined]
    for route in app.router.routes():
        path = re.sub(r"\{(\w+):[^}]*\}", r"{\1}", route.resource.canonical)
        if not path.startswith("/api/v1") or path == "/api/v1/openapi.json":
            continue
        assert path in documented, path


def test_operations_have_names_of_their_own() -> None:
    names = [f"{route.tag}_{route.name}" for api in APIS for route in api.routes]
    assert len(names) == len(set(names))


async def test_errors_are_problem_details(house: House) -> None:
    response = await house.ask("zhou", "GET", "/api/v1/resources/999999")
    assert response.status == 404
    assert response.content_type == "application/problem+json"
    problem = await response.json()
    assert problem["code"] == "not-found"
    assert problem["status"] == 404
    assert problem["request_id"] == response.headers["X-Request-Id"]


async def test_a_wrong_field_is_named_in_the_language_asked_for(house: House) -> None:
    number = await house.publish("zhou", ["school:1"])
    path = f"/api/v1/resources/{number}"
    for language, words in (("zh", "请填这一栏"), ("en", "Fill this in")):
        response = await house.ask(
            "zhou", "PATCH", path, json={"title": " "}, headers={"Accept-Language": language}
        )
        assert response.status == 422
        assert (await response.json())["errors"]["title"] == words


async def test_a_wrong_field_is_named_in_the_language_of_the_account(house: House) -> None:
    number = await house.publish("zhou", ["school:1"])
    await house.ask("zhou", "PATCH", "/api/v1/me", json={"language": "en"})
    response = await house.ask(
        "zhou",
        "PATCH",
        f"/api/v1/resources/{number}",
        json={"title": " "},
        headers={"Accept-Language": "zh"},
    )
    assert (await response.json())["errors"]["title"] == "Fill this in"


@pytest.mark.parametrize("cursor", ["!", "", "MA", "LTE=", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "5Zu9"])
async def test_a_cursor_that_is_not_ours_is_refused(house: House, cursor: str) -> None:
    response = await house.ask("zhou", "GET", "/api/v1/resources", params={"cursor": cursor})
    assert response.status in {200, 422}


async def test_pages_of_a_list_neither_repeat_nor_leave_out(house: House) -> None:
    made = [await house.publish("zhou", ["school:1"]) for _ in range(5)]
    seen: list[int] = []
    cursor = None
    while True:
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = await house.json("tang", "GET", "/api/v1/resources", params=params)
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        await house.publish("zhou", ["school:1"])
    assert [number for number in seen if number in made] == made[::-1]
    assert len(seen) == len(set(seen))


async def test_what_is_not_json_is_answered_in_words(house: House) -> None:
    response = await house.ask("zhou", "POST", "/api/v1/me/tokens", data=b"{not json")
    assert response.status in {400, 403}
    deep = json.dumps("x") and "[" * 100_000
    response = await house.ask("zhou", "POST", "/api/v1/me/tokens", data=deep)
    assert response.status in {400, 403}
