"""The JSON of accounts, as programs and pages use it."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientResponse
from sqlalchemy import select

from services.accounts.cookies import DEVICES_COOKIE
from tests.services.accounts.door import OTHER_PASSWORD, PASSWORD, Door
from tests.services.house import House
from tongke.people.models import LoginSession
from tongke.people.throttle import ACCOUNT_FREE


async def code_of(response: ClientResponse) -> Any:
    return (await response.json())["code"]


async def test_signing_in_and_out(door: Door) -> None:
    assert await door.me() == 401
    response = await door.sign_in("head")
    said = await response.json()
    assert response.status == 200
    assert said["me"]["school"] == {"id": 1, "name": "橘洲路中学"}
    assert said["me"]["may"] == {"upload": True, "review": False, "people": True}
    assert "agreement:1" in said["me"]["audience"]
    assert await door.me() == 200
    assert (await door.send("DELETE", "/api/v1/session")).status == 204
    assert await door.me() == 401


@pytest.mark.parametrize(("second", "status"), [("head", 401), ("zhou", 200)])
async def test_who_signs_in_over_another_signs_that_one_out(
    door: Door, second: str, status: int
) -> None:
    """And not herself: her class may go on in another tab."""
    response = await door.sign_in("zhou")
    before = {"Cookie": f"tongke={response.cookies['tongke'].value}"}
    assert (await door.sign_in(second)).status == 200
    assert await door.me() == 200
    door.forget()
    assert (await door.send("GET", "/api/v1/me", headers=before)).status == status


async def test_the_cookies_are_out_of_reach_of_scripts(door: Door) -> None:
    response = await door.sign_in("zhou")
    given = {cookie.split("=")[0]: cookie for cookie in response.headers.getall("Set-Cookie")}
    assert set(given) == {"tongke", DEVICES_COOKIE}
    for cookie in given.values():
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


async def test_a_cookie_is_never_given_in_plain_text(door: Door) -> None:
    said = {"username": door.usernames["zhou"], "password": PASSWORD}
    response = await door.send(
        "POST", "/api/v1/session", json=said, headers={"Host": "tongke.example"}
    )
    assert (response.status, await code_of(response)) == (403, "https-needed")
    assert "Set-Cookie" not in response.headers


async def test_nothing_changes_without_the_csrf_token(door: Door) -> None:
    await door.sign_in("zhou")
    door.csrf = ""
    response = await door.send("PATCH", "/api/v1/me", json={"name": "别人"})
    assert (response.status, await code_of(response)) == (403, "csrf")


@pytest.mark.parametrize("path", ["/api/v1/session", "/api/v1/slips/use", "/sign-in", "/slip"])
@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_another_site_cannot_sign_somebody_in(
    door: Door, path: str, headers: dict[str, str]
) -> None:
    said = {"username": door.usernames["zhou"], "password": PASSWORD, "code": "0"}
    response = await door.send("POST", path, json=said, headers=headers)
    assert response.status == 403


@pytest.mark.parametrize(
    ("name", "password"), [("zhou", "不对不对不对"), ("zhou", ""), ("nobody", PASSWORD), ("", "")]
)
async def test_what_was_wrong_is_not_told(door: Door, name: str, password: str) -> None:
    response = await door.sign_in(name, password)
    assert (response.status, await code_of(response)) == (401, "sign-in-failed")


async def test_an_account_without_a_password_cannot_be_signed_in_to(house: House) -> None:
    said = {"username": "zhou", "password": ""}
    response = await house.client.post("/api/v1/session", json=said)
    assert (response.status, await code_of(response)) == (401, "sign-in-failed")


async def test_a_stranger_is_slowed_and_the_owners_browser_is_not(door: Door) -> None:
    await door.sign_in("zhou")
    await door.send("DELETE", "/api/v1/session")
    marks = {
        cookie.key: cookie.value
        for cookie in door.house.client.session.cookie_jar
        if cookie.key == DEVICES_COOKIE
    }
    door.forget()
    refused = None
    for _ in range(5 * ACCOUNT_FREE):
        response = await door.sign_in("zhou", "猜一个密码试试")
        if response.status == 429:
            refused = response
            break
    assert refused is not None
    assert 1 <= int(refused.headers["Retry-After"]) <= 30
    assert (await door.sign_in("zhou")).status == 429
    door.house.client.session.cookie_jar.update_cookies(marks, response.url)
    assert (await door.sign_in("zhou")).status == 200


async def test_a_new_password_ends_the_other_sign_ins(door: Door) -> None:
    await door.sign_in("zhou")
    door.forget()
    await door.sign_in("zhou")
    others = (await (await door.send("GET", "/api/v1/me/sessions")).json())["items"]
    assert [item["current"] for item in others] == [True, False]
    change = {"current": PASSWORD, "new": OTHER_PASSWORD}
    assert (await door.send("PUT", "/api/v1/me/password", json=change)).status == 204
    left = (await (await door.send("GET", "/api/v1/me/sessions")).json())["items"]
    assert [item["current"] for item in left] == [True]
    assert (await door.sign_in("zhou")).status == 401
    assert (await door.sign_in("zhou", OTHER_PASSWORD)).status == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"current": "不是这个密码", "new": OTHER_PASSWORD}, "current"),
        ({"current": PASSWORD, "new": "12345678"}, "new"),
        ({"current": PASSWORD, "new": "短"}, "new"),
    ],
)
async def test_a_password_is_changed_for_a_good_one_by_who_knows_the_old(
    door: Door, change: dict[str, str], field: str
) -> None:
    await door.sign_in("zhou")
    response = await door.send("PUT", "/api/v1/me/password", json=change)
    assert response.status == 422
    assert list((await response.json())["errors"]) == [field]


async def test_ending_sign_ins_one_by_one_and_all_others(door: Door) -> None:
    for _ in range(3):
        door.forget("tongke")
        await door.sign_in("zhou")
    items = (await (await door.send("GET", "/api/v1/me/sessions")).json())["items"]
    assert len(items) == 3
    path = f"/api/v1/me/sessions/{items[2]['id']}"
    assert (await door.send("DELETE", path)).status == 204
    assert (await door.send("DELETE", path)).status == 404
    assert (await door.send("DELETE", "/api/v1/me/sessions")).status == 204
    left = (await (await door.send("GET", "/api/v1/me/sessions")).json())["items"]
    assert [item["id"] for item in left] == [items[0]["id"]]


async def test_an_api_token_is_shown_once_and_works_until_revoked(door: Door) -> None:
    await door.sign_in("zhou")
    made = await door.send("POST", "/api/v1/me/tokens", json={"name": "录播机"})
    assert made.status == 201
    token = await made.json()
    listed = await (await door.send("GET", "/api/v1/me/tokens")).text()
    assert token["token"] not in listed and token["hint"] in listed
    door.forget()
    bearer = {"Authorization": f"Bearer {token['token']}"}
    client = door.house.client
    assert (await client.get("/api/v1/me", headers=bearer)).status == 200
    again = await client.post("/api/v1/me/tokens", json={"name": "再来一个"}, headers=bearer)
    assert again.status == 403
    path = f"/api/v1/me/tokens/{token['id']}"
    assert (await client.delete(path, headers=bearer)).status == 204
    assert (await client.get("/api/v1/me", headers=bearer)).status == 401


async def test_my_name_and_language(door: Door) -> None:
    await door.sign_in("zhou")
    changed = await door.send("PATCH", "/api/v1/me", json={"name": "周  敏", "language": "en"})
    said = await changed.json()
    assert (said["name"], said["language"]) == ("周 敏", "en")
    wrong = await door.send("PATCH", "/api/v1/me", json={"language": "fr"})
    assert wrong.status == 422


async def test_regions_and_schools_are_walked_in_pages(house: House) -> None:
    codes, path = [], "/api/v1/regions?limit=2"
    while path:
        page = await house.json("zhou", "GET", path)
        codes += [region["code"] for region in page["items"]]
        path = f"/api/v1/regions?limit=2&cursor={page['next']}" if page["next"] else ""
    assert codes == ["430000", "430100", "430102", "433100", "433101"]
    page = await house.json("zhou", "GET", "/api/v1/schools?region=430100")
    assert [school["name"] for school in page["items"]] == ["橘洲路中学", "雁回路中学"]
    assert page["items"][0]["region"]["name"] == "芙蓉区"
    assert (await house.ask("zhou", "GET", "/api/v1/regions?level=village")).status == 422
    assert (await house.ask("", "GET", "/api/v1/regions")).status == 401


async def test_accounts_are_listed_for_who_looks_after_them(house: House) -> None:
    async def listed(name: str) -> set[str]:
        page = await house.json(name, "GET", "/api/v1/accounts?limit=100")
        return {account["username"] for account in page["items"]}

    assert await listed("head") == {"zhou", "tang", "head"}
    assert await listed("county") == {"head"}
    assert await listed("operator") == set(house.ids)
    assert (await house.ask("zhou", "GET", "/api/v1/accounts")).status == 403


async def test_an_account_is_made_with_a_slip_that_opens_it_once(door: Door) -> None:
    wanted = {
        "username": "Li.Na",
        "name": "李娜",
        "role": {"name": "teacher", "school_id": 1},
    }
    await door.sign_in("head")
    made = await (await door.send("POST", "/api/v1/accounts", json=wanted)).json()
    assert made["account"]["username"] == "li.na"
    code = made["slip"]["code"]
    door.forget()
    weak = {"code": code, "password": "li.na123"}
    refused = await door.send("POST", "/api/v1/slips/use", json=weak)
    assert list((await refused.json())["errors"]) == ["password"]
    typed = {"code": code.lower().replace("-", " "), "password": OTHER_PASSWORD}
    used = await door.send("POST", "/api/v1/slips/use", json=typed)
    assert (await used.json())["me"]["username"] == "li.na"
    assert await door.me() == 200
    again = await door.send("POST", "/api/v1/slips/use", json=typed)
    assert (again.status, await code_of(again)) == (422, "slip-refused")
    assert (await door.sign_in("li.na", OTHER_PASSWORD)).status == 200


async def test_a_forgotten_password_is_reset_and_everything_else_ends(door: Door) -> None:
    house = door.house
    await door.sign_in("zhou")
    assert (await house.ask("zhou", "GET", "/api/v1/me")).status == 200
    door.forget()
    await door.sign_in("head")
    path = f"/api/v1/accounts/{house.ids['zhou']}/slip"
    slip = await (await door.send("POST", path)).json()
    assert (await house.ask("zhou", "GET", "/api/v1/me")).status == 200
    door.forget()
    said = {"code": slip["code"], "password": OTHER_PASSWORD}
    assert (await door.send("POST", "/api/v1/slips/use", json=said)).status == 200
    assert (await house.ask("zhou", "GET", "/api/v1/me")).status == 401
    kept = await house.ground.database.read(
        lambda session: session.scalars(
            select(LoginSession.id).where(LoginSession.account_id == house.ids["zhou"])
        ).all()
    )
    assert len(kept) == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("zhou", 404), ("long", 404), ("county", 404), ("othercounty", 404), ("", 401)],
)
async def test_nobody_else_writes_a_slip(door: Door, who: str, status: int) -> None:
    if who:
        await door.sign_in(who)
    response = await door.send("POST", f"/api/v1/accounts/{door.house.ids['tang']}/slip")
    assert response.status == status


async def test_a_token_gives_nobody_a_way_in(house: House) -> None:
    """It would outlive the token."""
    role = {"name": "teacher", "school_id": 1}
    number = house.ids["tang"]
    for method, path, body in (
        ("POST", "/api/v1/accounts", {"username": "li.na", "name": "李娜", "role": role}),
        ("PATCH", f"/api/v1/accounts/{number}", {"roles": [{**role, "name": "school_admin"}]}),
        ("POST", f"/api/v1/accounts/{number}/slip", {}),
    ):
        response = await house.ask("head", method, path, json=body)
        assert (response.status, await code_of(response)) == (403, "session-needed")
    for path in ("/people", *(f"/people/{number}/{do}" for do in ("slip", "disable", "enable"))):
        assert (await house.ask("head", "POST", path, data={})).status == 403


@pytest.mark.parametrize("number", [2**54, -1])
async def test_a_number_that_no_school_can_have_is_refused(door: Door, number: int) -> None:
    await door.sign_in("head")
    role = {"name": "teacher", "school_id": number}
    wanted = {"username": "li.na", "name": "李娜", "role": role}
    assert (await door.send("POST", "/api/v1/accounts", json=wanted)).status == 422
    assert (await door.send("GET", f"/api/v1/accounts?school_id={number}")).status == 422


async def test_an_account_is_renamed_disabled_and_given_another_role(door: Door) -> None:
    house = door.house
    await door.sign_in("head")
    path = f"/api/v1/accounts/{house.ids['tang']}"
    roles = [{"name": "staff", "school_id": 1}]

    async def change(**changes: Any) -> Any:
        return await (await door.send("PATCH", path, json=changes)).json()

    said = await change(name="唐老师", roles=roles)
    assert said["name"] == "唐老师"
    assert [(role["name"], role["school_id"]) for role in said["roles"]] == [("staff", 1)]
    assert (await change(disabled=True))["disabled"]
    assert (await house.ask("tang", "GET", "/api/v1/me")).status == 401
    assert not (await change(disabled=False))["disabled"]


async def test_a_change_is_whole_or_not_at_all(door: Door) -> None:
    house = door.house
    await door.sign_in("head")
    path = f"/api/v1/accounts/{house.ids['tang']}"
    officer = [{"name": "officer", "region_code": "430102"}]
    response = await door.send("PATCH", path, json={"name": "改了", "roles": officer})
    assert response.status == 403
    page = await house.json("head", "GET", f"/api/v1/accounts?q={door.usernames['tang']}")
    assert page["items"][0]["name"] == "tang"


@pytest.mark.parametrize("body", [{}, {"name": "改了"}, {"disabled": True}, {"roles": []}])
async def test_an_account_of_another_school_is_not_there(door: Door, body: dict[str, Any]) -> None:
    path = f"/api/v1/accounts/{door.house.ids['xiang']}"
    for who in ("head", "zhou", "county"):
        door.forget()
        await door.sign_in(who)
        assert (await door.send("PATCH", path, json=body)).status == 404
