"""Media behind a real nginx: kept once for everybody, and handed out by each person's rights."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, DummyCookieJar, web
from yarl import URL

from tests.deploy.conftest import Serve
from tests.deploy.front import Front
from tests.servers import nginx as nginx_server
from tests.servers.process import short_folder
from tests.services.house import AGREEMENT, FILES, House, session_cookie
from tongke.cli.certificates import issue
from tongke.people.models import Agreement

SEGMENT = "a1-1/720p/1.m4s"
BODY = FILES["720p/1.m4s"]


def media(number: int) -> str:
    return f"/media/{number}/{SEGMENT}"


def as_cookie(cookies: dict[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


@pytest.fixture
async def shared(house: House, browser: ClientSession, nginx: Front) -> tuple[int, dict[str, str]]:
    """A lesson shared with the partner school that nginx has kept a segment of, and the partner."""
    number = await house.publish("zhou", [f"agreement:{AGREEMENT}"])
    partner = as_cookie(await session_cookie(house, "xiang"))
    async with browser.get(media(number), headers=partner) as response:
        assert (response.status, await response.read()) == (200, BODY)
    return number, partner


async def test_what_is_kept_is_handed_out_by_each_persons_rights(
    house: House, browser: ClientSession, nginx: Front, shared: tuple[int, dict[str, str]]
) -> None:
    number, partner = shared
    await house.ground.objects.delete(f"resources/{number}/{SEGMENT}")
    async with browser.get(media(number), headers=partner) as kept:
        assert (kept.status, await kept.read()) == (200, BODY)
    stranger = as_cookie(await session_cookie(house, "long"))
    async with browser.get(media(number), headers=stranger) as refused:
        assert (refused.status, (await refused.json())["code"]) == (404, "not-found")
    async with browser.get(media(number)) as nobody:
        assert (nobody.status, (await nobody.json())["code"]) == (401, "not-signed-in")
    token = house.bearer("xiang")
    async with browser.get(media(number), headers=token) as by_token:
        assert by_token.status == 200
    async with browser.get(media(number), headers=house.bearer("long")) as by_token:
        assert by_token.status == 404


async def test_two_people_in_the_same_second_are_told_apart(
    house: House, browser: ClientSession, shared: tuple[int, dict[str, str]]
) -> None:
    number, partner = shared
    stranger = as_cookie(await session_cookie(house, "long"))

    async def ask(headers: dict[str, str]) -> int:
        async with browser.get(media(number), headers=headers) as response:
            return response.status

    found = await asyncio.gather(*(ask(who) for who in [partner, stranger] * 20))
    assert found == [200, 404] * 20


async def test_rights_that_end_end_in_the_next_second(
    house: House, browser: ClientSession, serve: Serve, shared: tuple[int, dict[str, str]]
) -> None:
    number, partner = shared

    def end(session) -> None:  # type: ignore[no-untyped-def]
        session.get_one(Agreement, AGREEMENT).active = False

    async def ask() -> tuple[float, int]:
        began = time.time()
        async with browser.get(media(number), headers=partner) as response:
            return began, response.status

    await house.ground.database.write(end)
    await house.ground.hints.drain()
    ended = time.time()
    answers = [await ask()]
    while answers[-1][1] == 200:
        answers.append(await ask())
    granted = [int(began) for began, status in answers if status == 200]
    # The second in which the right ended, and the one whose first question was already under way.
    assert set(granted) <= {int(ended), int(ended) + 1}
    assert answers[-1][1] == 404


async def test_a_range_comes_out_of_what_is_kept(
    house: House, browser: ClientSession, shared: tuple[int, dict[str, str]]
) -> None:
    number, partner = shared
    await house.ground.objects.delete(f"resources/{number}/{SEGMENT}")
    asked = {**partner, "Range": "bytes=10-19"}
    async with browser.get(media(number), headers=asked) as part:
        assert (part.status, await part.read()) == (206, BODY[10:20])
        assert part.headers["Content-Range"] == f"bytes 10-19/{len(BODY)}"
        assert part.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert len(part.headers.getall("Content-Security-Policy")) == 1
        etag = part.headers["ETag"]
    async with browser.get(media(number), headers={**partner, "If-None-Match": etag}) as same:
        assert same.status == 304


async def test_a_playlist_that_grows_is_not_kept(
    house: House, browser: ClientSession, nginx: Front, shared: tuple[int, dict[str, str]]
) -> None:
    number, partner = shared
    path = f"/media/{number}/a1-1/720p.m3u8"
    async with browser.get(path, headers=partner) as first:
        assert await first.text() == "#EXTM3U\n"

    async def longer() -> AsyncIterator[bytes]:
        yield b"#EXTM3U\n#EXT-X-ENDLIST\n"

    await house.ground.objects.put(f"resources/{number}/a1-1/720p.m3u8", longer(), "test/test")
    async with browser.get(path, headers=partner) as second:
        assert "ENDLIST" in await second.text()


async def test_over_tls_the_secure_cookie_opens_media_and_plain_http_is_sent_there(
    house: House, nginx: Front
) -> None:
    folder = short_folder("nginx-tls")
    issued = issue(folder / "tls", ["localhost"])
    web_process = (f"127.0.0.1:{nginx.upstream_port}",)
    safe = nginx_server.start(folder, web_process, tls=(issued.certificate, issued.key))
    try:
        number = await house.publish("zhou", [f"agreement:{AGREEMENT}"])
        secrets = {name: await session_cookie(house, name) for name in ("xiang", "long")}
        async with ClientSession(safe.url, cookie_jar=DummyCookieJar()) as client:

            async def ask(name: str, cookie: str) -> int:
                headers = {"Cookie": f"{cookie}={secrets[name]['tongke']}"}
                async with client.get(media(number), headers=headers, ssl=False) as response:
                    return response.status

            for _ in range(5):
                assert await ask("xiang", "__Host-tongke") == 200
                assert await ask("long", "__Host-tongke") == 404
                assert await ask("xiang", "tongke") == 401
            async with client.get("/sign-in", ssl=False) as page:
                assert "Strict-Transport-Security" in page.headers
            plain = await client.get(f"{safe.plain_url}/library?q=1", allow_redirects=False)
            assert plain.status == 308
            assert plain.headers["Location"] == "https://127.0.0.1/library?q=1"
            assert (await client.get(f"{safe.plain_url}/healthz")).status == 200
    finally:
        safe.server.kill()
        shutil.rmtree(folder)


async def test_of_a_request_only_whose_it_is_goes_into_the_question(
    serve: Serve, browser: ClientSession
) -> None:
    """What an answer is not kept under cannot decide it either."""
    asked: list[set[str]] = []

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("/admission"):
            asked.append({name.title() for name in request.headers})
            return web.Response(status=204)
        return web.Response(body=b"segment")

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    await serve(app)
    told = {"Cookie": "tongke=a", "X-Mine": "1", "Accept-Language": "en"}
    async with browser.get("/media/9/a1-1/720p/1.m4s", headers=told) as response:
        assert await response.read() == b"segment"
    (names,) = asked
    assert names == {"Host", "Cookie", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id"}


async def test_a_name_that_ends_with_a_line_break_is_the_services_to_refuse(
    browser: ClientSession, shared: tuple[int, dict[str, str]]
) -> None:
    """Where it is handed on decoded, it would break the request to the service in two."""
    number, partner = shared
    async with browser.get(URL(media(number) + "%0a", encoded=True), headers=partner) as refused:
        assert (refused.status, (await refused.json())["code"]) == (404, "not-found")
