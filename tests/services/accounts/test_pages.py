"""The pages of accounts work by plain forms: what is typed wrong is said, what is done is done."""

from __future__ import annotations

import re

import pytest
from aiohttp import ClientResponse

from tests.services.accounts.door import OTHER_PASSWORD, PASSWORD, Door

CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")
DRAWN = re.compile(r'name="drawn" value="(\d+)"')
TOKEN = re.compile(r"\btk_[\w-]{43}")


async def enter(
    door: Door, name: str, password: str = PASSWORD, next_: str = "/"
) -> ClientResponse:
    """Sign in by the page's form, and take the CSRF token from a page."""
    username = door.usernames.get(name, name)
    response = await door.post("/sign-in", username=username, password=password, next=next_)
    if response.status == 303:
        page = await (await door.send("GET", "/settings")).text()
        found = re.search(r'name="csrf_token" value="(\w+)"', page)
        assert found
        door.csrf = found[1]
    return response


async def page(door: Door, path: str) -> str:
    response = await door.send("GET", path)
    assert response.status == 200
    return await response.text()


async def test_who_is_not_signed_in_is_led_to_the_door_and_back(door: Door) -> None:
    response = await door.send("GET", "/settings?a=1")
    assert response.status == 303
    assert response.headers["Location"] == "/sign-in?next=%2Fsettings%3Fa%3D1"
    shown = await page(door, response.headers["Location"])
    assert 'name="next" value="/settings?a=1"' in shown
    entered = await enter(door, "zhou", next_="/settings?a=1")
    assert entered.headers["Location"] == "/settings?a=1"
    again = await door.send("GET", "/sign-in?next=/library")
    assert (again.status, again.headers["Location"]) == (303, "/library")


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example/", "/\\evil", ""])
async def test_the_door_leads_to_no_other_site(door: Door, elsewhere: str) -> None:
    assert (await enter(door, "zhou", next_=elsewhere)).headers["Location"] == "/"


async def test_a_wrong_password_keeps_the_name_and_says_what_to_do(door: Door) -> None:
    response = await enter(door, "zhou", "不是这个密码")
    shown = await response.text()
    assert response.status == 401
    assert "用户名或密码不对" in shown and "重设单" in shown
    assert f'value="{door.usernames["zhou"]}"' in shown and "不是这个密码" not in shown


async def test_signing_out_needs_the_forms_token(door: Door) -> None:
    await enter(door, "zhou")
    kept, door.csrf = door.csrf, ""
    assert (await door.post("/sign-out")).status == 403
    door.csrf = kept
    response = await door.post("/sign-out")
    assert response.headers["Location"] == "/sign-in?done=signed-out"
    assert "已退出登录" in await page(door, "/sign-in?done=signed-out")
    assert (await door.send("GET", "/settings")).status == 303


async def test_a_slip_from_the_administrator_to_the_new_password(door: Door) -> None:
    await enter(door, "head")
    shown = await door.post(f"/people/{door.house.ids['zhou']}/slip")
    code = CODE.search(await shown.text())
    assert shown.status == 200 and code
    # The slip goes on paper: it carries the address that is to be typed.
    assert re.search(r"http://127\.0\.0\.1:\d+/slip", await shown.text())
    assert code[0] not in await page(door, "/people")
    door.forget()
    differing = await door.post("/slip", code=code[0], password=OTHER_PASSWORD, again="别的")
    assert differing.status == 422 and "两次输入的不一样" in await differing.text()
    weak = await door.post("/slip", code=code[0], password="12345678", again="12345678")
    assert weak.status == 422 and "太常见" in await weak.text()
    used = await door.post("/slip", code=code[0], password=OTHER_PASSWORD, again=OTHER_PASSWORD)
    assert used.status == 303
    assert await page(door, "/settings")
    twice = await door.post("/slip", code=code[0], password=OTHER_PASSWORD, again=OTHER_PASSWORD)
    assert twice.status == 422 and "这张重设单不能用了" in await twice.text()


async def test_reloading_a_slip_makes_no_other(door: Door) -> None:
    await enter(door, "head")
    path = f"/people/{door.house.ids['zhou']}/slip"
    drawn = DRAWN.findall(await page(door, "/people"))[0]
    shown = await (await door.post(path, drawn=drawn)).text()
    again = await door.post(path, drawn=drawn)
    assert again.status == 409 and "刚才已经给过" in await again.text()
    following = await door.post(path, drawn=DRAWN.findall(shown)[0])
    assert following.status == 200 and CODE.search(await following.text())
    said = {"code": CODE.findall(shown)[0], "password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    assert (await door.post("/slip", **said)).status == 422


async def test_who_has_no_password_yet_is_told_from_who_is_away(door: Door) -> None:
    await enter(door, "head")
    made = await door.post("/people", name="李娜", username="li.na", role="teacher")
    assert (await made.text()).count("还没设密码") == 1
    await door.post(f"/people/{door.house.ids['zhou']}/disable")
    assert "没有登录记录" in await page(door, "/people?q=zhou")


async def test_a_colleague_is_added_with_a_slip(door: Door) -> None:
    await enter(door, "head")
    made = await door.post("/people", name="李娜", username="li.na", role="teacher")
    shown = await made.text()
    assert made.status == 200 and CODE.search(shown) and "给李娜的重设单" in shown
    taken = await door.post("/people", name="另一个人", username="LI.NA", role="staff")
    again = await taken.text()
    assert taken.status == 422
    assert "已经有人用了" in again and 'value="另一个人"' in again
    officer = await door.post("/people", name="王局", username="wang.ju", role="officer")
    assert officer.status == 422 and "请从列表里选一个角色" in await officer.text()


async def test_the_account_of_a_classroom_is_made_with_its_classroom(door: Door) -> None:
    """One that is of no classroom would lead nowhere."""
    await enter(door, "head")
    shown = await page(door, "/people")
    assert 'value="classroom"' not in shown and 'href="/rooms?school=1"' in shown
    made = await door.post("/people", name="七（2）班", username="ban.72", role="classroom")
    assert made.status == 422 and "请从列表里选一个角色" in await made.text()


async def test_a_colleague_who_left_is_disabled_and_can_come_back(door: Door) -> None:
    await enter(door, "head")
    path = f"/people/{door.house.ids['tang']}"
    gone = await door.post(f"{path}/disable")
    assert gone.headers["Location"] == "/people?done=account-disabled"
    assert "已停用" in await page(door, "/people")
    assert (await door.house.ask("tang", "GET", "/api/v1/me")).status == 401
    back = await door.post(f"{path}/enable")
    assert back.headers["Location"] == "/people?done=account-enabled"


async def test_whom_an_operator_disabled_the_school_cannot_enable_and_reads_why(
    door: Door,
) -> None:
    path = f"/people/{door.house.ids['tang']}"
    await enter(door, "operator")
    await door.post(f"{path}/disable", school="1")
    assert f'action="{path}/enable"' in await page(door, "/people?school=1")
    door.forget()
    await enter(door, "head")
    assert f'action="{path}/disable"' not in await page(door, "/people")
    assert f'action="{path}/enable"' not in await page(door, "/people")
    assert "由教育局或系统管理员停用，只有他们能恢复" in await page(door, "/people")
    refused = await door.post(f"{path}/enable")
    assert refused.status == 403
    assert "请教育局工作人员或系统管理员来恢复" in await refused.text()
    assert (await door.house.ask("tang", "GET", "/api/v1/me")).status == 401


async def test_an_operator_is_told_where_the_people_of_schools_are_added(door: Door) -> None:
    await enter(door, "operator")
    assert "去选学校" in await page(door, "/people")
    assert "去选学校" not in await page(door, "/people?school=2")


async def test_the_list_of_people_is_searched(door: Door) -> None:
    await enter(door, "head")
    shown = await page(door, f"/people?q={door.usernames['tang'].upper()}")
    assert door.usernames["tang"] in shown and door.usernames["zhou"] not in shown
    assert "没有叫这个名字的账号" in await page(door, "/people?q=没有这个人")


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("zhou", "/people", 403),
        ("zhou", "/people?school=1", 404),
        ("zhou", "/schools", 403),
        ("head", "/people?school=2", 404),
        ("head", "/people?school=99", 404),
        ("head", "/people?school=x", 404),
        ("county", "/people", 303),
        ("county", "/people?school=1", 200),
        ("county", "/people?school=2", 404),
        ("operator", "/people", 200),
        ("operator", "/people?school=2", 200),
        ("head", "/people?cursor=x", 422),
    ],
)
async def test_people_are_shown_to_who_looks_after_them(
    door: Door, who: str, path: str, status: int
) -> None:
    await enter(door, who)
    assert (await door.send("GET", path)).status == status


async def test_an_officer_sees_the_administrators_of_a_school_and_no_teacher(door: Door) -> None:
    await enter(door, "county")
    shown = await page(door, "/people?school=1")
    assert door.usernames["head"] in shown and door.usernames["zhou"] not in shown


async def test_an_officer_sees_the_schools_within_reach(door: Door) -> None:
    await enter(door, "city")
    shown = await page(door, "/schools")
    assert "橘洲路中学" in shown and "雁回路中学" in shown and "芙蓉区" in shown
    # The partner is named, though it lies elsewhere.
    assert shown.count("桐木溪中学") == 1
    assert "橘洲路中学" not in await page(door, "/schools?q=雁回")


async def test_a_schools_count_is_of_what_this_officer_may_see(door: Door) -> None:
    await door.house.publish("zhou", ["school:1"])
    await door.house.publish("zhou", ["agreement:1"])
    await enter(door, "city")
    shown = await page(door, "/schools?q=橘洲路")
    count = re.search(r"/library\?school=[^>]+>(\d+)<", shown)
    assert count and count[1] == "0"


async def test_my_tokens_and_sign_ins(door: Door) -> None:
    await enter(door, "zhou")
    made = await door.post("/settings/tokens", name="录播机")
    token = TOKEN.search(await made.text())
    assert token
    shown = await page(door, "/settings")
    assert "录播机" in shown and token[0] not in shown
    revoke = re.findall(r"/settings/tokens/\d+/revoke", shown)[0]
    assert (await door.post(revoke)).headers["Location"] == "/settings?done=token-revoked"
    nameless = await door.post("/settings/tokens", name=" ")
    assert nameless.status == 422
    door.forget("tongke")
    await enter(door, "zhou")
    ends = re.findall(r"/settings/sessions/\d+/revoke", await page(door, "/settings"))
    assert len(ends) == 1
    assert (await door.post(ends[0])).headers["Location"] == "/settings?done=session-ended"
    assert "/settings/sessions/" not in await page(door, "/settings")


async def test_my_password(door: Door) -> None:
    await enter(door, "zhou")
    fields = {"current": PASSWORD, "new": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    wrong = await door.post("/settings/password", **{**fields, "current": "不是这个密码"})
    assert wrong.status == 422 and "现在的密码不对" in await wrong.text()
    differing = await door.post("/settings/password", **{**fields, "again": "别的"})
    assert differing.status == 422


async def test_a_changed_password_is_the_password(door: Door) -> None:
    await enter(door, "tang")
    fields = {"current": PASSWORD, "new": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    changed = await door.post("/settings/password", **fields)
    assert changed.headers["Location"] == "/settings?done=password-changed"
    door.forget()
    assert (await enter(door, "tang", OTHER_PASSWORD)).status == 303


async def test_the_language_stays_with_the_account_and_with_the_browser(door: Door) -> None:
    before = await door.post("/language", lang="en", next="/sign-in")
    assert before.headers["Location"] == "/sign-in"
    assert '<html lang="en">' in await page(door, "/sign-in")
    await enter(door, "zhou")
    await door.post("/language", lang="zh", next="/settings")
    door.forget("lang")
    assert '<html lang="zh-CN">' in await page(door, "/settings")


async def test_a_rooms_screen_cannot_change_its_password(door: Door) -> None:
    await enter(door, "room")
    fields = {"current": PASSWORD, "new": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    response = await door.post("/settings/password", **fields)
    assert response.status == 403 and "教室的账号" in await response.text()
    shown = await page(door, "/settings")
    assert "在哪里登录着" in shown
    assert "改密码" not in shown and "生成令牌" not in shown, "pupils look at it"
