"""What another site, or a link that somebody sends, could make a browser do."""

from __future__ import annotations

import re

import pytest

from services.web.page import local_path
from tests.services.attacks.door import TUS, begin, enter
from tests.services.house import House, session_cookie
from tongke.people import sign_in

# Its form is checked part by part (`test_uploads`).
STREAMED = "/upload"


async def test_nothing_is_changed_by_a_request_from_another_site(house: House) -> None:
    await enter(house, "zhou")
    body = b'{"username": "zhou", "password": "x", "code": "x"}'
    foreign = {
        **begin(len(body)), "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream",
        "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example",
    }  # fmt: skip
    answers = {}
    for route in house.client.app.router.routes():
        assert route.resource is not None
        path = re.sub(r"\{id:[^}]*\}", "0" * 32, route.resource.canonical)
        path = re.sub(r"\{\w+\}", "1", path)
        if route.method not in {"GET", "HEAD", "OPTIONS"} and path != STREAMED:
            response = await house.client.request(
                route.method, path, headers=foreign, data=body, allow_redirects=False
            )
            answers[route.method, path] = response.status
    assert len(answers) > 30
    # What nobody routes there for is no route: tus without an upload, or on one.
    refused = {403, 404, 405}
    assert {key: status for key, status in answers.items() if status not in refused} == {}
    assert answers["POST", "/sign-in"] == answers["POST", "/api/v1/session"] == 403
    assert answers["PATCH", "/api/v1/resources/1"] == answers["POST", "/resources/1/delete"] == 403


@pytest.mark.parametrize("line", ["socket", "publish", "device"])
@pytest.mark.parametrize(
    "said", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}]
)
async def test_another_site_opens_no_line_to_a_class(
    house: House, line: str, said: dict[str, str]
) -> None:
    """A browser sends the cookie along with a socket, wherever the page is from."""
    cookies = await session_cookie(house, "zhou")
    answer = await house.ask("", "GET", f"/live/1/{line}", headers=said, cookies=cookies)
    assert (answer.status, (await answer.json())["code"]) == (403, "csrf")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "/\t\\evil.example", "/\n\\evil.example", "/\r\nSet-Cookie: a=b", "/\t/evil.example",
        "//evil.example", "/\\evil.example", "//[", "/a\\b", "", "library",
        "javascript:alert(1)", "https://evil.example",
    ],
)  # fmt: skip
async def test_no_link_of_ours_leads_away(house: House, elsewhere: str) -> None:
    assert local_path(elsewhere) == "/"
    response = await house.ask("zhou", "GET", "/sign-in", params={"next": elsewhere})
    assert (response.status, response.headers["Location"]) == (303, "/")


@pytest.mark.parametrize("here", ["/", "/library?q=%E6%95%B0&sort=newest", "/resources/7#page-3"])
def test_addresses_of_ours_are_kept(here: str) -> None:
    assert local_path(here) == here


@pytest.mark.parametrize(
    "undo",
    ["/resources/../people/7/disable?/restore", "/resources/1/delete#/restore", "//e/restore"],
)
async def test_a_link_cannot_make_undo_do_something_else(house: House, undo: str) -> None:
    await enter(house, "zhou")
    page = await house.client.get("/mine", params={"done": "deleted", "undo": undo})
    assert f'action="{undo[:12]}' not in await page.text()
    good = await house.client.get(
        "/mine", params={"done": "deleted", "undo": "/resources/1/restore"}
    )
    assert 'action="/resources/1/restore"' in await good.text()


async def test_a_token_makes_no_token(house: House) -> None:
    for path, body in (("/settings/tokens", {"data": {"name": "heir"}}),
                       ("/api/v1/me/tokens", {"json": {"name": "heir", "days": 9}})):  # fmt: skip
        response = await house.ask("zhou", "POST", path, **body)
        assert response.status == 403
    held = await house.ground.database.read(sign_in.api_tokens, house.ids["zhou"])
    assert [token.name for token in held] == ["test"]


async def test_a_head_that_means_delete_needs_the_token_of_the_page(house: House) -> None:
    csrf = await enter(house, "zhou")
    made = await house.client.post("/api/v1/uploads", headers={**begin(8), "X-CSRF-Token": csrf})
    address, override = made.headers["Location"], {**TUS, "X-HTTP-Method-Override": "DELETE"}
    assert (await house.client.head(address, headers=override)).status == 403
    assert (await house.client.head(address, headers=TUS)).status == 200
    meant = {**override, "X-CSRF-Token": csrf}
    assert (await house.client.head(address, headers=meant)).status == 204
