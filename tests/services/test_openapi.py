"""The API keeps what its document says: checked by an outside tool, and by our own rules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis

from services.app import api_document
from services.http.problem_codes import problem_codes
from services.web.api_words import GROUPS, SUMMARIES
from tests.services.house import House
from tongke.people.errors import AccountDisabled


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of the document."""
    paths: Any = api_document()["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def schema_of(reference: str) -> dict[str, Any]:
    components: Any = api_document()["components"]
    found: dict[str, Any] = components["schemas"][reference.rsplit("/", 1)[-1]]
    return found


def named_in(schema: Any) -> Iterator[str]:
    """Every schema that one leads to."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"]
            yield from named_in(schema_of(schema["$ref"]))
        for value in schema.values():
            yield from named_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from named_in(value)


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


def test_an_outside_tool_takes_the_document_for_openapi_3_1() -> None:
    schemathesis.openapi.from_dict(api_document()).validate()


def test_operations_have_names_of_their_own_and_are_said_in_chinese() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert sorted(names) == sorted(SUMMARIES)
    assert {operation["tags"][0] for _, _, operation in operations()} == set(GROUPS)


async def test_every_parameter_of_an_address_and_every_refusal_is_documented() -> None:
    components: Any = api_document()["components"]
    for method, path, operation in operations():
        named = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)", path)), (method, path)
        refusals = {s: r for s, r in operation["responses"].items() if s >= "4"}
        assert {"401", "default"} <= set(refusals), (method, path)
        for refusal in refusals.values():
            assert refusal["$ref"].rsplit("/", 1)[-1] in components["responses"]
        changes = method in {"POST", "PUT", "PATCH", "DELETE"}
        secured = operation.get("security", [])
        assert (any("csrf" in way for way in secured) or secured == [{}]) is changes, (method, path)


def test_no_body_takes_fields_that_it_does_not_know() -> None:
    taken = {
        reference
        for _, _, operation in operations()
        for content in operation.get("requestBody", {"content": {}})["content"].values()
        for reference in named_in(content["schema"])
        if "properties" in schema_of(reference)
    }
    assert len(taken) > 15
    lax = {name for name in taken if schema_of(name).get("additionalProperties") is not False}
    assert lax == set()


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PATCH", "/api/v1/me", {"nmae": "周"}, "nmae"),
        ("PATCH", "/api/v1/resources/{number}", {"titel": "一"}, "titel"),
        (
            "POST",
            "/api/v1/classes/clashes",
            {"when": {"day": "2026-12-01", "perod": 1}},
            "when.perod",
        ),
    ],
)
async def test_a_misspelt_field_is_named(
    house: House, method: str, path: str, body: dict[str, object], field: str
) -> None:
    number = await house.publish("zhou", ["school:1"])
    response = await house.ask("zhou", method, path.format(number=number), json=body)
    assert response.status == 422
    assert (await response.json())["errors"] == {field: "没有这一栏"}


async def test_what_answers_to_get_answers_to_head(house: House) -> None:
    """RFC 9110, 9.1: both methods must be supported."""
    routes = {
        (route.method, route.resource.canonical)
        for route in house.client.server.app.router.routes()  # type: ignore[attr-defined]
        if route.resource
    }
    deaf = {path for method, path in routes if method == "GET" and ("HEAD", path) not in routes}
    assert deaf == set()
    for path, status in (("/api/v1/me", 200), ("/api/v1/resources/999999", 404), ("/mine", 200)):
        whole = await house.ask("zhou", "GET", path)
        head = await house.ask("zhou", "HEAD", path)
        assert (head.status, await head.read()) == (status, b"")
        assert head.content_type == whole.content_type


async def test_every_code_of_an_error_stands_where_its_type_leads(house: House) -> None:
    text = await (await house.ask("", "GET", "/api/docs")).text()
    assert len(problem_codes()) > 60
    for each in problem_codes():
        assert f'id="error-{each["code"]}"' in text
    told = await (await house.ask("zhou", "GET", "/api/v1/resources/999999")).json()
    assert told["type"] == "/api/docs#error-not-found"
    assert AccountDisabled.code in {each["code"] for each in problem_codes()}
    # What only the command line says is nobody's here.
    assert "port-taken" not in {each["code"] for each in problem_codes()}


async def test_the_page_names_each_model_that_it_leads_to(house: House) -> None:
    text = await (await house.ask("", "GET", "/api/docs")).text()
    leads = set(re.findall(r'href="#([^"]+)"', text))
    assert len(leads) > 40
    assert {name for name in leads if f'id="{name}"' not in text} == set()


async def test_who_shows_nothing_is_told_how_to(house: House) -> None:
    """RFC 9110, 15.5.2."""
    for path in ("/api/v1/me", "/api/v1/uploads", "/media/1/master.m3u8", "/live/1/decks"):
        response = await house.ask("", "GET", path)
        assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert response.content_type == "application/problem+json"


async def test_every_answer_has_the_id_of_its_request(house: House) -> None:
    number = await house.publish("zhou", ["school:1"])
    asked = {"X-Request-Id": "county-platform-1"}
    for path, status in (
        ("/api/v1/me", 200),
        ("/api/v1/nothing", 404),
        ("/library", 200),
        ("/static/logo.svg", 200),
        # Streams, which have begun before anybody could add to them.
        (f"/media/{number}/a1-1/720p/1.m4s", 200),
        (f"/resources/{number}/download/video", 200),
        ("/live/1/program.m3u8", 404),
    ):
        response = await house.ask("zhou", "GET", path, headers=asked)
        assert response.status == status, path
        assert response.headers["X-Request-Id"] == asked["X-Request-Id"], path
    other = await house.ask("zhou", "GET", "/api/v1/me", headers={"X-Request-Id": "not an id"})
    assert re.fullmatch(r"[0-9a-f]{16}", other.headers["X-Request-Id"])


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
