"""What nginx itself says: to a person instead of the service, and into its log."""

from __future__ import annotations

import asyncio
import re

import pytest
from aiohttp import ClientSession, web

from tests.deploy.conftest import Serve
from tests.deploy.front import Front
from tests.services.house import AGREEMENT, House, session_cookie
from tests.waiting import LIMIT_S, until_true

SEGMENT = "/media/1/a1-1/720p/1.m4s"
NUMBER = re.compile(r"编号 ([A-Za-z0-9-]+)")
# Time, number, address, request, status, bytes, seconds, cache.
LINE = re.compile(
    r'(\S+[+-]\d\d:\d\d) ([A-Za-z0-9-]{8,64}) (\S+) "(\S+) (\S+)" (\d+) (\d+) ([\d.]+) cache=(\S+)'
)
# Each is a secret, or opens something: neither may stand in a log.
SECRETS = ("/calendar/k3-of-a-feed.ics", "/q/482913")


@pytest.fixture
async def shown(serve: Serve) -> None:
    """A web process that answers everything, and says by which number it was asked."""

    async def page(request: web.Request) -> web.Response:
        number = request.headers["X-Request-Id"]
        return web.Response(text=number, headers={"X-Request-Id": number})

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", page)
    await serve(app)


@pytest.mark.parametrize("path", ["/", SEGMENT])
async def test_without_a_web_process_a_person_reads_what_to_do(
    browser: ClientSession, path: str
) -> None:
    async with browser.get(path) as response:
        assert response.status == 503
        assert response.headers["Retry-After"] == "5"
        text = await response.text()
    assert "请等几秒钟再刷新" in text
    assert NUMBER.findall(text) == [response.headers["X-Request-Id"]]


async def test_what_is_too_large_is_said_with_where_it_should_go(nginx: Front, shown: None) -> None:
    host, port = nginx.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    # It is refused by its header: nginx does not wait for the body.
    length = 3 * 2**20
    writer.write(f"POST /library HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
    async with asyncio.timeout(LIMIT_S):
        said = (await reader.readuntil(b"</html>")).decode()
    writer.close()
    assert said.startswith("HTTP/1.1 413 ")
    assert "上传页" in said


async def test_cookies_beyond_measure_are_said_with_the_cure(
    browser: ClientSession, shown: None
) -> None:
    async with browser.get("/", headers={"Cookie": "x=" + "y" * 40_000}) as response:
        assert response.status == 400
        assert "清除浏览器里本站的 Cookie" in await response.text()


async def test_what_is_nginxs_own_is_the_services_page_of_what_is_not_there(
    browser: ClientSession, shown: None
) -> None:
    async with browser.get("/admission") as response:
        assert "nginx" not in await response.text()


async def test_one_number_goes_with_a_request_all_the_way(
    browser: ClientSession, shown: None
) -> None:
    async with browser.get("/library") as response:
        assert await response.text() == response.headers["X-Request-Id"]
    given = "a-number-of-the-client"
    async with browser.get("/library", headers={"X-Request-Id": given}) as response:
        assert await response.text() == given
        assert response.headers.getall("X-Request-Id") == [given]
    async with browser.get("/", headers={"X-Request-Id": "no number; at all"}) as response:
        assert re.fullmatch(r"[0-9a-f]{32}", await response.text())


async def test_what_is_kept_is_handed_out_with_the_number_of_who_asks(
    house: House, browser: ClientSession
) -> None:
    number = await house.publish("zhou", [f"agreement:{AGREEMENT}"])
    cookies = await session_cookie(house, "xiang")
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    numbers = set()
    for _ in range(3):
        path = f"/media/{number}/a1-1/720p/1.m4s"
        async with browser.get(path, headers=headers) as response:
            assert response.status == 200
            numbers.update(response.headers.getall("X-Request-Id"))
    assert len(numbers) == 3


async def test_the_log_has_time_and_number_and_no_secret(
    nginx: Front, browser: ClientSession, shown: None
) -> None:
    before = len(_log(nginx))
    asked = {}
    for path in ("/library", *SECRETS):
        async with browser.get(path) as response:
            assert response.status == 200
            asked[response.headers["X-Request-Id"]] = path
    await until_true(lambda: all(number in _log(nginx)[before:] for number in asked))
    said = _log(nginx)[before:]
    lines = {found[2]: found for found in LINE.finditer(said) if found[2] in asked}
    assert [lines[number][5] for number in asked] == ["/library", "/calendar/-", "/q/-"]
    assert all(secret.rsplit("/", 1)[1] not in said for secret in SECRETS)


async def test_trouble_is_told_without_secrets_too(nginx: Front, browser: ClientSession) -> None:
    """There is no web process: nginx says so of each request, with all of its address."""
    before = len(_log(nginx))
    for path in (*SECRETS, "/library-of-nobody"):
        async with browser.get(path) as response:
            assert response.status == 503
    await until_true(lambda: "library-of-nobody" in _log(nginx)[before:])
    said = _log(nginx)[before:]
    assert all(secret.rsplit("/", 1)[1] not in said for secret in SECRETS)


def _log(nginx: Front) -> str:
    return nginx.running.server.log.read_text(errors="replace")
