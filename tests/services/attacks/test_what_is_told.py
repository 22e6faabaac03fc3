"""What is told to whom it is not for, and words that show as something else."""

from __future__ import annotations

import re
from html import unescape

from pytest_aiohttp.plugin import AiohttpClient

from services.app import behind_proxies, create_app
from tests.services.attacks.door import enter
from tests.services.house import House
from tongke.bootstrap import Ground


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
