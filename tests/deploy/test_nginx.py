"""The service behind a real nginx: rights of what it keeps, streams, addresses, limits."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, DummyCookieJar, WSMsgType, web
from click.testing import CliRunner

from tests.deploy.conftest import Serve
from tests.deploy.front import Front
from tests.servers import nginx as nginx_server
from tests.servers.process import short_folder
from tests.services.house import AGREEMENT, FILES, House, session_cookie
from tests.waiting import until_true
from tongke.cli import cli
from tongke.cli.certificates import issue
from tongke.cli.nginx.proxy import BadProxy, Proxy, render
from tongke.people.models import Agreement

SEGMENT = "a1-1/720p/1.m4s"
BODY = FILES["720p/1.m4s"]
MIB = 2**20


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


async def test_an_upload_is_not_written_to_nginxs_disk(
    house: House, browser: ClientSession, nginx: Front
) -> None:
    size, half = 50 * MIB, 25 * MIB
    teacher = {**house.bearer("zhou"), "Tus-Resumable": "1.0.0"}
    named = base64.b64encode("一节课.mp4".encode()).decode()
    begin = {**teacher, "Upload-Length": str(size), "Upload-Metadata": f"filename {named}"}
    async with browser.post("/api/v1/uploads", headers=begin) as created:
        assert created.status == 201
        place = created.headers["Location"]
    arrived = house.ground.settings.objects_dir

    async def body() -> AsyncIterator[bytes]:
        for _ in range(half // MIB):
            yield bytes(MIB)
        # What nginx buffered would not be with the service before the last byte was sent.
        await until_true(lambda: _bytes_in(arrived) >= half - MIB)
        assert nginx.kept("bodies") == []
        for _ in range((size - half) // MIB):
            yield bytes(MIB)

    put = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    headers = {**teacher, **put, "Content-Length": str(size)}
    async with browser.patch(place, headers=headers, data=body()) as done:
        assert (done.status, done.headers["Upload-Offset"]) == (204, str(size))
        assert "Tongke-Resource" in done.headers


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


async def test_no_answer_shows_a_version_or_a_header_twice(
    house: House, browser: ClientSession
) -> None:
    paths = ("/sign-in", "/healthz", "/static/nothing", f"/media/1/{SEGMENT}", "/%")
    for path in paths:
        async with browser.get(path) as response:
            assert response.headers.getall("Server") == ["nginx"]
            assert b"nginx/" not in await response.read()
            for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"):
                assert len(response.headers.getall(name, [])) <= 1


async def test_a_health_check_may_come_past_nginx_and_nothing_else(
    house: House, nginx: Front
) -> None:
    async with ClientSession(f"http://127.0.0.1:{nginx.upstream_port}") as beside:
        for path, status in {"/healthz": 200, "/readyz": 200, "/metrics": 200, "/": 400}.items():
            async with beside.get(path) as response:
                assert response.status == status, path


async def test_figures_are_not_for_who_comes_through_nginx(
    house: House, browser: ClientSession
) -> None:
    async with browser.get("/metrics") as response:
        assert response.status == 404


async def test_what_a_stranger_says_of_itself_is_not_passed_on(
    nginx: Front, serve: Serve, browser: ClientSession
) -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.json_response({name.lower(): value for name, value in request.headers.items()})

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", echo)
    await serve(app)
    claimed = {
        "X-Forwarded-For": "198.51.100.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Real-IP": "198.51.100.7",
        "Forwarded": "for=198.51.100.7",
    }
    lines = ("/live/1", "/live/7/socket", "/live/7/hls/source/live.m3u8")
    for path in ("/", "/sign-in", "/api/v1/uploads/x", "/api/v1/classes/7/end", *lines):
        async with browser.get(path, headers=claimed) as response:
            seen = await response.json()
        assert seen["x-forwarded-for"] == "127.0.0.1"
        assert seen["x-forwarded-proto"] == "http"
        assert seen["host"] == nginx.url.removeprefix("http://")
        assert seen.keys().isdisjoint({"x-forwarded-host", "x-real-ip", "forwarded"})


async def test_a_socket_passes(nginx: Front, serve: Serve, browser: ClientSession) -> None:
    async def answer(request: web.Request) -> web.WebSocketResponse:
        line = web.WebSocketResponse()
        await line.prepare(request)
        async for message in line:
            await line.send_str(message.data[::-1])
        return line

    app = web.Application()
    app.router.add_get("/live/1/socket", answer)
    await serve(app)
    async with browser.ws_connect("/live/1/socket") as line:
        await line.send_str("同课")
        message = await line.receive()
        assert (message.type, message.data) == (WSMsgType.TEXT, "课同")


async def test_who_is_slow_with_headers_is_cut(nginx: Front) -> None:
    host, port = nginx.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    await writer.drain()
    said = b""
    async with asyncio.timeout(60):
        with contextlib.suppress(ConnectionResetError):
            said = await reader.read()
    writer.close()
    assert b" 200 " not in said


@pytest.mark.parametrize(
    "path", ["/sign-in", "/slip", "/room/in", "/api/v1/session", "/api/v1/slips/use"]
)
async def test_a_flood_of_sign_ins_is_slowed_and_pages_are_not(
    nginx: Front, serve: Serve, browser: ClientSession, path: str
) -> None:
    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="page")

    app = web.Application()
    app.router.add_route("*", path, page)
    await serve(app)

    async def post() -> tuple[int, str]:
        # Without a body: nginx closes a line on which one is still coming when it refuses.
        async with browser.post(path) as response:
            return response.status, await response.text()

    answers = dict(await asyncio.gather(*(post() for _ in range(200))))
    assert "请等几秒钟再试" in answers[429]
    for _ in range(3):
        async with browser.get(path) as response:
            assert response.status == 200


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


def test_the_command_prints_what_was_asked_for() -> None:
    asked = ["--upstream", "web-1:8600", "--upstream", "web-2:8600", "--certificate", "/tls/a.pem"]
    printed = CliRunner().invoke(cli, ["nginx", *asked])
    assert printed.exit_code == 0
    assert printed.output.count("server web-1:8600") == 3
    assert printed.output.count("server web-2:8600") == 3
    assert "return 308 https://$host$request_uri;" in printed.output
    assert "ssl_certificate_key /tls/a.pem;" in printed.output
    assert printed.output.count("{") == printed.output.count("}")


def test_appliances_pass_where_the_service_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ["--upstream", "web-1:8600", "--upstream", "[fd00::2]:8600"]
    assert "stream {" not in CliRunner().invoke(cli, ["nginx", *asked]).output
    monkeypatch.setenv("TONGKE_RTMP_PORT", "1936")
    asked += ["--listen-rtmp", "10.0.0.1:1935", "--stream-module", "/m/ngx_stream_module.so"]
    printed = CliRunner().invoke(cli, ["nginx", *asked]).output
    for line in ("server web-1:1936 ", "server [fd00::2]:1936 ", "listen 10.0.0.1:1935;"):
        assert printed.count(line) == 1
    assert "load_module /m/ngx_stream_module.so;" in printed
    assert printed.count("{") == printed.count("}")


@pytest.mark.parametrize(
    ("public", "sent"),
    [
        ("https://tongke.example.cn", "https://tongke.example.cn"),
        ("https://tongke.example.cn:8443/", "https://tongke.example.cn:8443"),
        ("http://tongke.example.cn", "https://$host"),
        ("", "https://$host"),
    ],
)
def test_plain_http_is_sent_to_the_address_that_people_type(
    monkeypatch: pytest.MonkeyPatch, public: str, sent: str
) -> None:
    monkeypatch.setenv("TONGKE_PUBLIC_URL", public)
    printed = CliRunner().invoke(cli, ["nginx", "--certificate", "/tls/a.pem"])
    assert f"return 308 {sent}$request_uri;" in printed.output


def test_an_address_that_would_mean_something_else_is_refused() -> None:
    for public in ("https://x; return 200 y", "https://$http_x"):
        proxy = Proxy(("web:1",), Path("/state"), certificate=Path("/a"), public_url=public)
        with pytest.raises(BadProxy):
            render(proxy)


@pytest.mark.parametrize("name", ["web:1; return 200 x", "web 1", "", "web\n:1"])
def test_what_would_mean_something_else_is_refused(name: str) -> None:
    with pytest.raises(BadProxy):
        render(Proxy(upstreams=(name,), state=Path("/state")))
