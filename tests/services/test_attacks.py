"""What a stranger may try at the door, and somebody with an account inside.

Who sees what by any route is `test_audience`; here are the tricks beside the routes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest
from aiohttp import FormData
from pytest_aiohttp.plugin import AiohttpClient

from services.app import behind_proxies, create_app
from services.upload import pages as upload_pages
from services.upload import space
from services.web.page import local_path
from tests.services.house import House, session_cookie
from tongke.bootstrap import Ground
from tongke.library import uploads
from tongke.people import sign_in
from tongke.storage.objects.errors import StoreFull

TUS = {"Tus-Resumable": "1.0.0"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def raw(house: House, request_line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    """Bytes as no client would send them; the status line of the answer."""
    server = house.client.server
    reader, writer = await asyncio.open_connection(server.host, server.port)
    lines = [request_line + b" HTTP/1.1", b"Host: localhost:%d" % (server.port or 0), *headers]
    lines += [b"Connection: close", b"Content-Length: %d" % len(body), b"", body]
    writer.write(b"\r\n".join(lines))
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer.split(b"\r\n", 1)[0]


async def enter(house: House, name: str) -> str:
    """Give the client a session of this person; its CSRF token."""
    cookie = await session_cookie(house, name)
    house.client.session.cookie_jar.update_cookies(cookie)
    page = await (await house.client.get("/settings")).text()
    found = re.search(r'name="csrf_token" value="(\w+)"', page)
    assert found
    return found[1]


def begin(length: int, **more: str) -> dict[str, str]:
    return {**TUS, "Upload-Length": str(length), "Upload-Metadata": "filename YS5tcDQ=", **more}


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
        (
            [b"Content-Type: application/x-www-form-urlencoded", b"Content-Encoding: gzip"],
            b"not gzip",
        ),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(
    house: House, headers: list[bytes], body: bytes
) -> None:
    status = await raw(house, b"POST /sign-in", *headers, body=body)
    assert status.split()[1] == b"400"


async def test_a_body_that_is_not_what_its_encoding_says_is_refused(house: House) -> None:
    token = b"Authorization: Bearer " + house.secrets["zhou"].encode()
    encoding = b"Content-Encoding: gzip"
    status = await raw(house, b"PATCH /api/v1/me", token, encoding, body=b"not gzip")
    assert status.split()[1] == b"400"


@pytest.mark.parametrize("path", [b"/static/" + b"a" * 3000, b"/static/..%2f..%2fapp.py"])
async def test_a_path_that_is_no_files_is_not_found(house: House, path: bytes) -> None:
    assert (await raw(house, b"GET " + path)).split()[1] == b"404"


# Their form is checked part by part, below.
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


async def test_a_rooms_device_sees_no_papers_and_no_people(house: House) -> None:
    number = await house.publish("xiang", ["school:2", "everyone"], title="内部制度")
    csrf = await enter(house, "room")

    async def ask(method: str, path: str) -> int:
        said = {"X-CSRF-Token": csrf}
        response = await house.client.request(method, path, headers=said, allow_redirects=False)
        return response.status

    hidden = [f"/resources/{number}", f"/media/{number}/a1-1/poster.jpg"]
    hidden += [f"/resources/{number}/download/{kind}" for kind in ("video", "original")]
    hidden += [f"/api/v1/resources/{number}{more}" for more in ("", "/media", "/jobs")]
    assert {path: await ask("GET", path) for path in hidden} == dict.fromkeys(hidden, 404)
    for path in ("/upload", "/people", "/schools", "/api/v1/accounts"):
        assert await ask("GET", path) == 403
    found = await (await house.client.get("/api/v1/search", params={"q": "内部制度"})).json()
    assert (found["total"], found["items"], found["facets"]["school"]) == (0, [], [])
    typed = await house.client.get("/api/v1/search/suggest", params={"q": "内部"})
    assert (await typed.json())["items"] == []
    assert "内部制度" not in await (await house.client.get("/library")).text()
    posted = await house.client.post(
        "/api/v1/me/tokens", json={"name": "a", "days": 1}, headers={"X-CSRF-Token": csrf}
    )
    assert posted.status == 403


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


async def test_a_form_of_endless_fields_is_cut(house: House) -> None:
    csrf = await enter(house, "zhou")
    form = FormData({"csrf_token": csrf})
    for number in range(upload_pages.MOST_PARTS):
        form.add_field("audience", f"school:{number}", content_type="text/plain")
    assert (await house.client.post("/upload", data=form)).status == 413


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


async def test_figures_are_for_this_machine_and_operators(house: House) -> None:
    assert (await house.ask("", "GET", "/metrics")).status == 200
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        passed_on = {header: "198.51.100.7"}
        assert (await house.ask("", "GET", "/metrics", headers=passed_on)).status == 404
        assert (await house.ask("zhou", "GET", "/metrics", headers=passed_on)).status == 404
        assert (await house.ask("operator", "GET", "/metrics", headers=passed_on)).status == 200


async def test_a_stranger_is_told_whether_it_is_ready_and_no_more(house: House) -> None:
    here = await house.ask("", "GET", "/readyz")
    assert set(await here.json()) == {"status", "parts"}
    elsewhere = await house.ask("", "GET", "/readyz", headers={"X-Forwarded-For": "198.51.100.7"})
    assert (elsewhere.status, await elsewhere.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize("number", ["0" * 20 + "9" * 30, "9" * 20, "0" * 20 + "9" * 5000])
async def test_a_number_that_is_none_is_not_found(house: House, number: str) -> None:
    for path in ("/resources/{}", "/api/v1/resources/{}", "/media/{}/master.m3u8"):
        assert (await house.ask("zhou", "GET", path.format(number))).status == 404
    assert (await house.ask("operator", "GET", f"/people?school={number}")).status == 404


async def test_an_address_may_name_what_no_list_holds(house: House) -> None:
    for name in ("grade", "kind", "stage", "subject", "year", "agreement", "school"):
        found = await house.ask("zhou", "GET", "/library", params={name: "<b>13</b>"})
        assert (found.status, "<b>13" in await found.text()) == (200, False)


async def test_a_proxy_is_believed_and_nobody_else(
    ground: Ground, aiohttp_client: AiohttpClient
) -> None:
    said = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
    app = create_app(ground)
    await behind_proxies(app, ["127.0.0.0/8"])
    trusting = await aiohttp_client(app)
    through = await trusting.get("/sign-in", headers=said)
    assert (through.status, through.headers["Strict-Transport-Security"]) == (
        200,
        "max-age=31536000",
    )
    forged = {**said, "X-Forwarded-For": "127.0.0.1, 198.51.100.7"}
    assert (await trusting.get("/sign-in", headers=forged)).status == 400
    wary = await aiohttp_client(create_app(ground))
    direct = await wary.get("/sign-in", headers=said)
    assert "Strict-Transport-Security" not in direct.headers


async def test_a_title_holds_nothing_that_cannot_be_seen(house: House) -> None:
    number = await house.publish("zhou", ["school:1"])
    typed = 'a\u202e4pm.\r\n"</script><script>alert(1)</script>'
    title = (
        await house.json("zhou", "PATCH", f"/api/v1/resources/{number}", json={"title": typed})
    )["title"]
    assert "\u202e" not in title
    for path in (f"/resources/{number}", "/", "/library", "/mine", f"/resources/{number}/edit"):
        response = await house.ask("zhou", "GET", path)
        assert response.status == 200
        assert "<script>alert" not in await response.text()
    copy = await house.ask("zhou", "GET", f"/resources/{number}/download/video")
    assert re.fullmatch(
        r"attachment; filename\*=UTF-8''[A-Za-z0-9_.~%-]+", copy.headers["Content-Disposition"]
    )


async def test_a_name_cannot_turn_what_stands_beside_it(house: House) -> None:
    for name in ("\u202e张三", "张\x00三", "张\u200b三"):
        response = await house.ask("zhou", "PATCH", "/api/v1/me", json={"name": name})
        # NUL is refused at the door: no database keeps it.
        assert response.status == (400 if "\x00" in name else 422)


async def test_returning_is_answered_though_it_is_out_of_sight_then(house: House) -> None:
    number = await house.publish("zhou", ["region:430102"])
    (waiting,) = (await house.json("county", "GET", "/api/v1/reviews"))["items"]
    address = f"/api/v1/reviews/{waiting['id']}"
    read = {"updated_at": waiting["resource"]["updated_at"]}
    said = {"decision": "return", "comment": "请补上教学目标", **read}
    assert (await house.json("county", "POST", address, json=said))["id"] == number
    assert (await house.ask("county", "GET", f"/api/v1/resources/{number}")).status == 404
    assert (await house.ask("county", "POST", address, json=said)).status == 409


async def test_a_word_of_an_officer_is_no_book(house: House) -> None:
    await house.publish("zhou", ["region:430102"])
    (waiting,) = (await house.json("county", "GET", "/api/v1/reviews"))["items"]
    csrf = await enter(house, "county")
    for what in ("return", "approve"):
        read = {"updated_at": waiting["resource"]["updated_at"]}
        long = {"csrf_token": csrf, "comment": "长" * 2001, **read}
        response = await house.client.post(f"/review/{waiting['id']}/{what}", data=long)
        assert response.status == (422 if what == "return" else 200)


async def test_an_officer_decides_upon_what_was_read(house: House) -> None:
    number = await house.publish("zhou", ["region:430102"])
    (waiting,) = (await house.json("county", "GET", "/api/v1/reviews"))["items"]
    read = {"updated_at": waiting["resource"]["updated_at"]}
    await house.json("zhou", "PATCH", f"/api/v1/resources/{number}", json={"title": "换了的题目"})
    address = f"/api/v1/reviews/{waiting['id']}"
    late = await house.ask("county", "POST", address, json={"decision": "approve", **read})
    assert (late.status, (await late.json())["title"]) == (409, "作者刚改过")
    csrf = await enter(house, "county")
    for what, kept in (("approve", ""), ("return", "请改两处")):
        form = {"csrf_token": csrf, "comment": kept, **read}
        answer = await house.client.post(f"/review/{waiting['id']}/{what}", data=form)
        text = await answer.text()
        assert answer.status == 409
        assert "作者刚改过" in text and "换了的题目" in text and kept in text
    (now,) = re.findall(r'name="updated_at" value="([^"]+)"', text)[:1]
    form = {"csrf_token": csrf, "updated_at": unescape(now)}
    answer = await house.client.post(f"/review/{waiting['id']}/approve", data=form)
    assert answer.status == 200
    assert (await house.json("county", "GET", "/api/v1/reviews"))["items"] == []


async def test_a_filter_tells_no_more_than_the_page(house: House) -> None:
    number = await house.publish("zhou", ["school:1"])

    async def listed(name: str, state: str) -> list[int]:
        page = await house.json(name, "GET", "/api/v1/resources", params={"state": state})
        return [item["id"] for item in page["items"]]

    own = (await house.json("zhou", "GET", f"/api/v1/resources/{number}"))["state"]
    assert own != "published"
    assert await listed("zhou", own) == await listed("head", own) == [number]
    assert (await house.json("tang", "GET", f"/api/v1/resources/{number}"))["state"] == "published"
    assert await listed("tang", own) == []
    assert await listed("tang", "published") == [number]
    assert await listed("zhou", "published") == []
