"""A school's classrooms and times, for its administrator and nobody else."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.services.classes.plan import arrange, page, send
from tests.services.house import House
from tongke import clock
from tongke.classes.plan_models import SchoolTimes
from tongke.classes.school import appliances
from tongke.people.models import Account, Room
from tongke.people.secret import digest
from tongke.people.slips import account_of

CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")
DRAWN = re.compile(r'name="drawn" value="(\d+)"')


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def room_named(house: House, name: str) -> Room:
    found = select(Room).where(Room.name == name)
    return await house.ground.database.read(lambda session: session.scalars(found).one())


async def test_only_the_schools_administrator_has_them(house: House) -> None:
    for path in ("/rooms", "/school/times", "/school/recording"):
        for name in ("zhou", "county", "operator"):
            assert (await house.ask(name, "GET", path)).status == 403
        assert (await house.ask("head", "GET", f"{path}?school=2")).status == 404
    shown = await page(house, "head", "/rooms")
    assert "录播教室" in shown and "七（3）班" not in shown
    for verb in ("rename", "slip", "key", "key/revoke"):
        answer = await send(house, "head", f"/rooms/2/{verb}", name="我们的")
        assert answer.status == 404, verb


async def test_a_room_is_added_with_the_account_of_its_device(house: House) -> None:
    answer = await send(house, "head", "/rooms", name="多媒体教室二")
    assert answer.status == 303
    room = await room_named(house, "多媒体教室二")

    def device(session: Session) -> tuple[str, list[str]]:
        account = session.get_one(Account, room.account_id)
        return account.name, [role.name for role in account.roles]

    assert await house.ground.database.read(device) == ("多媒体教室二", ["classroom"])
    again = await send(house, "head", "/rooms", name=" 多媒体教室二 ")
    assert again.status == 422 and "本校已有这间教室" in await again.text()
    assert (await send(house, "head", f"/rooms/{room.id}/rename", name="科学教室")).status == 303
    renamed = await room_named(house, "科学教室")
    assert await house.ground.database.read(device) == ("科学教室", ["classroom"])
    assert renamed.id == room.id


async def test_a_sign_in_code_is_shown_once_and_is_its_devices(house: House) -> None:
    # One that was added before devices had accounts gets its account now.
    answer = await send(house, "head", "/rooms/1/slip", drawn="0")
    text = await answer.text()
    code = CODE.search(text)
    assert answer.status == 200 and code
    assert "/room/in" in text and 'src="data:image/svg+xml' in text
    account = await house.ground.database.read(account_of, code[0])
    assert account.id == (await room_named(house, "录播教室")).account_id
    assert code[0] not in await page(house, "head", "/rooms")
    # Reloading the answer makes no second slip, which would void the first.
    again = await send(house, "head", "/rooms/1/slip", drawn="0")
    told = await again.text()
    assert again.status == 409
    assert "已经给过登录码" in told and "重设单" not in told
    # Another is given from where that is said.
    drawn = DRAWN.search(told)
    assert drawn
    assert (await send(house, "head", "/rooms/1/slip", drawn=drawn[1])).status == 200


async def test_a_device_that_was_disabled_is_shown_so_and_given_no_code(house: House) -> None:
    await send(house, "head", "/rooms/1/slip", drawn="0")
    account_id = (await room_named(house, "录播教室")).account_id
    assert (await send(house, "head", f"/people/{account_id}/disable")).status == 303
    shown = await page(house, "head", "/rooms")
    assert "/rooms/1/slip" not in shown
    (leads,) = re.findall(r'href="(/people\?[^"]+)"', shown)
    assert f"/people/{account_id}/enable" in await page(house, "head", unescape(leads))
    refused = await send(house, "head", "/rooms/1/slip")
    assert refused.status == 409 and "恢复使用" in await refused.text()
    assert (await send(house, "head", f"/people/{account_id}/enable")).status == 303
    # Its screen was signed out with it: a code is given where codes are given.
    people = await page(house, "head", "/people")
    assert f"/people/{account_id}/slip" not in people and '"/rooms?school=1">给登录码' in people
    assert (await send(house, "head", "/rooms/1/slip")).status == 200


async def test_a_code_that_does_not_work_is_called_a_code(house: House) -> None:
    """What stands at the room's screen is read by somebody who knows of no slips."""
    answer = await house.ask("", "POST", "/room/in", data={"code": "AAAA-BBBB-CCCC"})
    shown = await answer.text()
    assert answer.status == 422
    assert "这个登录码不对或用过了" in shown and "“教室”页" in shown and "重设单" not in shown


async def test_a_stream_key_is_shown_once_kept_as_its_digest_and_revoked(house: House) -> None:
    answer = await send(house, "head", "/rooms/1/key")
    text = await answer.text()
    key = re.search(r"sk_[\w-]{43}", text)
    assert answer.status == 200 and key
    assert "rtmp://" not in text and "TONGKE_RTMP_PORT" in text, "the service takes none"
    room = await room_named(house, "录播教室")
    assert (room.stream_key_hash, room.stream_key_hint) == (digest(key[0]), key[0][-4:])
    shown = await page(house, "head", "/rooms")
    assert key[0] not in shown and f"…{key[0][-4:]}" in shown
    assert (await send(house, "head", "/rooms/1/key/revoke")).status == 303
    assert (await room_named(house, "录播教室")).stream_key_hash is None


async def test_a_key_is_drawn_once_for_each_page(house: House) -> None:
    """Reloading the answer would void the key that has been typed into the appliance by then."""
    hint = (await draw(house, replaces=""))[-4:]
    again = await send(house, "head", "/rooms/1/key", replaces="")
    told = await again.text()
    assert again.status == 409 and "已经给过推流密钥" in told and "sk_" not in told
    assert (await room_named(house, "录播教室")).stream_key_hint == hint
    # Another is drawn from where that is said.
    assert f'name="replaces" value="{hint}"' in told
    assert (await draw(house, replaces=hint))[-4:] != hint


async def draw(house: House, *, replaces: str) -> str:
    answer = await send(house, "head", "/rooms/1/key", replaces=replaces)
    text = await answer.text()
    assert answer.status == 200, text
    found = re.search(r'data-copy-text="(sk_[\w-]{43})"', text)
    assert found, "it can be copied"
    return found[1]


async def test_what_an_appliance_has_shown_stands_with_its_room(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who sets one up sees whether its key is right, before there is a class."""
    house.ground.settings.rtmp_port = 1936
    key = digest(await draw(house, replaces=""))
    assert "现在没有推流" in await page(house, "head", "/rooms")
    await appliances.turned_away(house.ground.bus, key)
    assert "密钥是对的，当时这间教室没有课" in await page(house, "head", "/rooms")
    await appliances.pushes(house.ground.bus, key)
    assert "正在推流" in await page(house, "head", "/rooms")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=5))
    shown = await page(house, "head", "/rooms")
    at = now.astimezone(clock.CHINA)
    assert "正在推流" not in shown and re.search(rf"上次推流 \S+ {at:%H:%M}", shown)
    # A new key has shown nothing yet.
    await draw(house, replaces=(await room_named(house, "录播教室")).stream_key_hint)
    assert "现在没有推流" in await page(house, "head", "/rooms")


async def test_with_a_stream_key_stands_where_the_service_takes_it(house: House) -> None:
    house.ground.settings.rtmp_port = 1936
    shown = await (await send(house, "head", "/rooms/1/key")).text()
    assert "rtmp://127.0.0.1:1936/live" in shown


@pytest.mark.parametrize("path", ["/rooms", "/rooms/1/slip", "/rooms/1/key", "/rooms/1/key/revoke"])
async def test_what_lets_somebody_in_is_not_made_with_a_token(house: House, path: str) -> None:
    assert (await house.ask("head", "POST", path, data={"name": "教室"})).status == 403


TIMES = {
    "begins-1": "08:10", "ends-1": "08:50", "begins-3": "10:10", "ends-3": "10:50",
    "first_day": "2026-09-01", "last_day": "2027-01-20",
    "holidays": "2026-10-01 — 2026-10-07", "make_up": "2026-10-10 补 2026-10-07",
}  # fmt: skip


async def test_bell_times_and_calendar_are_kept_as_they_were_typed(house: House) -> None:
    answer = await house.ask("head", "POST", "/school/times", data=TIMES)
    assert answer.status == 303, await answer.text()
    kept = await house.ground.database.read(lambda session: session.get_one(SchoolTimes, 1))
    assert kept.periods == [[1, "08:10", "08:50"], [3, "10:10", "10:50"]]
    assert len(kept.holidays) == 7 and kept.make_up == {"2026-10-10": "2026-10-07"}
    shown = await page(house, "head", "/school/times")
    for value in ("08:10", "10:50", "2026-10-01 — 2026-10-07", "2026-10-10 补 2026-10-07"):
        assert value in shown


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"first_day": ""}, "请选一天"),
        ({"last_day": "2026-08-01"}, "学期的最后一天不能早于第一天"),
        ({"ends-1": ""}, "第1节写上几点到几点"),
        ({"ends-1": "08:00"}, "第1节有误"),
        ({"begins-3": "08:20"}, "第3节有误"),
        ({"holidays": "国庆"}, "看不懂这一行：国庆"),
    ],
)
async def test_times_that_cannot_be_are_said_and_kept_in_the_form(
    house: House, more: dict[str, str], words: str
) -> None:
    answer = await house.ask("head", "POST", "/school/times", data={**TIMES, **more})
    text = await answer.text()
    assert answer.status == 422
    assert words in text and 'value="10:50"' in text


async def test_times_over_json_are_of_the_schools_own_people(house: House) -> None:
    path = "/api/v1/schools/1/times"
    told = await house.json("zhou", "GET", path)
    assert [each["number"] for each in told["periods"]] == [1, 2, 3]
    assert (await house.ask("xiang", "GET", path)).status == 404
    assert (await house.ask("zhou", "PUT", path, json=told)).status == 403
    told["holidays"], told["make_up"] = ["2026-10-01"], {"2026-10-10": "2026-10-01"}
    kept = await house.json("head", "PUT", path, json=told)
    assert kept == told == await house.json("tang", "GET", path)
    told["periods"][1]["begins"] = "08:00"
    assert (await house.ask("head", "PUT", path, json=told)).status == 422
