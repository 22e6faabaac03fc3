"""Phones that somebody made up hold no place for good: one that is used takes it, and the lead
changes the code."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession
from sqlalchemy import update
from sqlalchemy.orm import Session

from services.live.access import phone_access
from services.live.access.closing import Close
from tests.databases import POSTGRESQL, SQLITE
from tests.services.classes.classroom.test_phones import (
    QUESTION,
    code_of,
    joined,
    lead_does,
    line,
    refused,
)
from tests.services.house import House
from tests.services.live.signalling.test_socket import ask
from tongke import clock
from tongke.classes.models import Device
from tongke.classes.running import devices

# Who has answered is read inside the log's JSON.
DATABASES = [SQLITE, POSTGRESQL]


async def time_goes_by(house: House) -> None:
    """All have come in a while ago."""

    def age(session: Session) -> None:
        session.execute(update(Device).values(created_at=clock.now() - timedelta(minutes=6)))

    await house.ground.database.write(age)


async def forget_lines(house: House) -> None:
    """No phone has been on a line for minutes, or in a test before this one."""
    for number in range(1, 20):
        await house.ground.bus.delete(phone_access._seen(number))


async def comes_in(house: House, phones: ClientSession, code: str) -> int:
    """How it ends when one more phone wants to come in."""
    url = house.client.make_url(f"/q/{code}")
    answer = await phones.post(url, data={"room": "2", "name": "40"}, allow_redirects=False)
    return answer.status


async def answers(phone: Any, hello: dict[str, Any]) -> None:
    shown_ms = hello["state"]["quiz"]["opened_ms"]
    told = await ask(phone, "answer", quiz="q1", given=["B"], shown_ms=shown_ms)
    assert told == {"done": 7}


async def test_in_a_full_class_a_phone_that_is_not_used_makes_way(
    house: House, running: int, phones: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MOST_DEVICES", 2)
    await forget_lines(house)
    code = await code_of(house, running)
    used, made_up = [await joined(house, phones, code, name=str(n)) for n in (1, 2)]
    await line(house, phones, running, used)
    assert await comes_in(house, phones, code) == 409, "both may be on the way to their page"
    await time_goes_by(house)
    assert await comes_in(house, phones, code) == 303
    assert await refused(house, phones, running, made_up) == Close.NO_CLASS
    assert await comes_in(house, phones, code) == 409, "one is used and the other has just come"
    await line(house, phones, running, used)


async def test_a_phone_that_has_answered_keeps_its_place(
    house: House, running: int, phones: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MOST_DEVICES", 1)
    code = await code_of(house, running)
    secret = await joined(house, phones, code)
    await lead_does(house, running, "begin")
    await lead_does(house, running, "open_quiz", quiz="q1", question=QUESTION)
    phone, hello = await line(house, phones, running, secret)
    await answers(phone, hello)
    await phone.close()
    await time_goes_by(house)
    await forget_lines(house)
    assert await comes_in(house, phones, code) == 409
    _, hello = await line(house, phones, running, secret)
    assert hello["state"]["answer"] == ["B"]


async def test_the_lead_changes_the_code_and_phones_in_use_stay(
    house: House, running: int, phones: ClientSession
) -> None:
    await forget_lines(house)
    code = await code_of(house, running)
    used, answered, made_up = [
        await joined(house, phones, code, name=str(number)) for number in (1, 2, 3)
    ]
    await lead_does(house, running, "begin")
    await lead_does(house, running, "open_quiz", quiz="q1", question=QUESTION)
    gone, hello = await line(house, phones, running, answered)
    await answers(gone, hello)
    await gone.close()
    await forget_lines(house)
    phone, hello = await line(house, phones, running, used)
    told = await house.json("zhou", "POST", f"/api/v1/classes/{running}/phone-code")
    assert told["code"] == await code_of(house, running) != code
    await answers(phone, hello)
    await line(house, phones, running, answered)
    assert await refused(house, phones, running, made_up) == Close.NO_CLASS
    # Who comes by the old one is a stranger, but for the phones that were in by it.
    old = house.client.make_url(f"/q/{code}")
    assert (await phones.get(old)).status == 404
    mine = {"Cookie": f"tongke-phone-page={used}"}
    for more in ("", "?seat"):
        back = await phones.get(f"{old}{more}", headers=mine, allow_redirects=False)
        assert (back.status, back.headers["Location"]) == (303, f"/q/{told['code']}{more}")
    strange = {"Cookie": f"tongke-phone-page={made_up}"}
    assert (await phones.get(old, headers=strange)).status == 404
    # The screens show the new one when they next ask.
    led = await house.json("zhou", "GET", f"/api/v1/classes/{running}/lead")
    assert led["phone_code"] == told["code"]


async def test_a_class_that_does_not_run_has_no_code_to_change(
    house: House, running: int, phones: ClientSession
) -> None:
    path = f"/api/v1/classes/{running}"
    assert (await house.ask("xiang", "POST", f"{path}/phone-code")).status == 403
    await house.json("zhou", "POST", f"{path}/end")
    assert (await house.ask("zhou", "POST", f"{path}/phone-code")).status == 409
