"""What one telephone does to the others: it guesses codes, never stops, comes in too often."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from aiohttp import ClientSession, WSCloseCode, WSMsgType

from services.live.access import code_turns, phone_access
from services.live.signalling.pace import DEVICE_LINES, DEVICE_PACE_S, DEVICE_PING_PACE_S
from tests.services.classes.classroom.test_phones import code_of, cookie, joined, line, refused
from tests.services.house import House, session_cookie
from tests.services.live.signalling.test_socket import until
from tests.waiting import LIMIT_S, until_true
from tongke.classes.models import Device
from tongke.classes.running import devices
from tongke.people.throttle import LocalCounters


@pytest.mark.parametrize(
    ("said", "pace_s"),
    [
        ({"lag": {}}, DEVICE_PACE_S),
        ({"talk": {}}, DEVICE_PACE_S),
        ({"ping": 1}, DEVICE_PING_PACE_S),
    ],
)
async def test_whatever_a_phone_says_all_the_time_it_is_heard_at_a_pupils_pace(
    house: House, running: int, phones: ClientSession, said: dict[str, Any], pace_s: float
) -> None:
    secret = await joined(house, phones, await code_of(house, running))
    phone, _ = await line(house, phones, running, secret)
    asked = time.monotonic()
    for _ in range(5):
        await phone.send_json(said)
    for _ in range(5):
        await until(phone, lambda told: "refused" in told or "pong" in told)
    assert time.monotonic() - asked > 0.9 * 4 * pace_s


async def test_over_more_lines_a_phone_is_no_faster_and_so_many_it_may_have(
    house: House, running: int, phones: ClientSession
) -> None:
    secret = await joined(house, phones, await code_of(house, running))
    lines = [(await line(house, phones, running, secret))[0] for _ in range(DEVICE_LINES)]
    asked = time.monotonic()
    for phone in lines:
        await phone.send_json({"lag": {}})
    for phone in lines:
        await until(phone, lambda told: "refused" in told)
    assert time.monotonic() - asked > 0.9 * (DEVICE_LINES - 1) * DEVICE_PACE_S
    assert await refused(house, phones, running, secret) == WSCloseCode.TRY_AGAIN_LATER


@pytest.mark.parametrize("packed", [0, 15], ids=["plain", "deflate"])
async def test_a_phone_has_no_long_things_to_say(
    house: House, running: int, phones: ClientSession, packed: int
) -> None:
    secret = await joined(house, phones, await code_of(house, running))
    url, headers = house.client.make_url(f"/live/{running}/device"), cookie(secret)
    async with phones.ws_connect(url, headers=headers, compress=packed) as phone:
        await phone.receive_json(timeout=LIMIT_S)
        rooms = [{} for _ in range(21_000)]
        said = {"command": "show_answer", "quiz": "q", "result": {"rooms": rooms}}
        await phone.send_json(said)
        while (await phone.receive(timeout=LIMIT_S)).type is WSMsgType.TEXT:
            pass
        assert phone.close_code == WSCloseCode.MESSAGE_TOO_BIG


async def test_what_a_phone_may_not_ask_is_refused_unread(
    house: House, running: int, phones: ClientSession
) -> None:
    secret = await joined(house, phones, await code_of(house, running))
    phone, _ = await line(house, phones, running, secret)
    for said in (
        {"command": "prepare", "rooms": [{}] * 500},
        {"command": "open_quiz", "question": {"options": [0] * 500}},
        {"command": "show_answer", "result": {"rooms": [{}] * 500}},
    ):
        await phone.send_json({**said, "ref": 1})
        told = await until(phone, lambda told: "refused" in told)
        assert told["code"] == "not-yours-in-class"


async def test_who_guesses_codes_is_slowed(
    house: House, running: int, guessing: ClientSession
) -> None:
    code = await code_of(house, running)
    guesses = [f"{number:06}" for number in range(60)]
    statuses = []
    for guess in guesses:
        if guess != code:
            answer = await guessing.get(house.client.make_url(f"/q/{guess}"))
            statuses.append(answer.status)
    assert statuses[:20] == [404] * 20
    assert 429 in statuses


async def test_a_phone_that_is_in_the_class_is_not_shut_out_by_who_guesses(
    house: House, running: int, guessing: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One pupil behind the school's address, who has typed codes all the time: the lane is shut for
    its longest."""
    monkeypatch.setattr(phone_access, "FREE_FAILURES", -10)
    code = await code_of(house, running)
    page = house.client.make_url(f"/q/{code}")
    mine = {"Cookie": f"tongke-phone-page={await joined(house, guessing, code)}"}
    guess = "000000" if code != "000000" else "000001"
    assert (await guessing.get(house.client.make_url(f"/q/{guess}"))).status == 404
    assert (await guessing.get(page)).status == 429
    made_up = {"Cookie": "tongke-phone-page=made-up"}
    assert (await guessing.get(page, headers=made_up)).status == 429
    known = await guessing.get(page, headers=mine)
    assert known.status == 200 and 'id="phone"' in await known.text()
    moved = await guessing.post(
        page, data={"room": "lead", "name": "3"}, headers=mine, allow_redirects=False
    )
    assert moved.status == 303
    # What it types of others is a guess like any other.
    other = await guessing.get(house.client.make_url(f"/q/{guess}"), headers=mine)
    assert other.status == 429


async def test_a_class_takes_no_more_phones_than_several_classrooms_have(
    house: House, running: int, phones: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MOST_DEVICES", 1)
    code = await code_of(house, running)
    await joined(house, phones, code)
    url = house.client.make_url(f"/q/{code}")
    answer = await phones.post(url, data={"room": "2", "name": "2"}, allow_redirects=False)
    assert answer.status == 409
    rows = await house.ground.database.read(lambda session: session.query(Device).count())
    assert rows == 1


async def test_who_guesses_at_a_school_keeps_nobody_out_of_the_class_that_is_held_there(
    house: House,
    running: int,
    guessing: ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(phone_access, "FREE_FAILURES", -10)
    monkeypatch.setattr(phone_access, "HERE_S", 0.05)
    code = await code_of(house, running)
    page = house.client.make_url(f"/q/{code}")
    guess = house.client.make_url("/q/000000" if code != "000000" else "/q/000001")
    assert (await guessing.get(guess)).status == 404
    assert (await guessing.get(page)).status == 429, "its class is held elsewhere"
    address = house.client.make_url(f"/live/{running}/socket")
    observer = await guessing.ws_connect(address, headers=house.bearer("county"))
    assert "hello" in await observer.receive_json()
    assert (await guessing.get(page)).status == 429, "who only watches is nowhere"
    (cookie,) = (await session_cookie(house, "room")).items()
    said = {"Cookie": "=".join(cookie), "Sec-Fetch-Site": "same-origin"}
    room = await guessing.ws_connect(address, headers=said)
    assert "hello" in await room.receive_json()
    assert (await guessing.get(page)).status == 200
    assert (await guessing.get(guess)).status == 429
    await room.close()
    await observer.close()


async def test_requests_that_are_sent_and_dropped_leave_nothing_behind(
    house: House, running: int, guessing: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_access, "FREE_FAILURES", -10)
    monkeypatch.setattr(phone_access, "HERE_S", 3600.0)
    monkeypatch.setattr(code_turns, "MOST_CODES", 2)
    code = await code_of(house, running)
    wrong = [f"{number:06}" for number in range(4) if f"{number:06}" != code]
    page = house.client.make_url
    assert (await guessing.get(page(f"/q/{wrong[0]}"))).status == 404
    asked = [asyncio.create_task(guessing.get(page(f"/q/{each}"))) for each in wrong[:2]]
    waiting = house.client.app[phone_access.CODES]._under_way
    await until_true(lambda: [len(codes) for codes in waiting.values()] == [2])
    assert (await guessing.get(page(f"/q/{wrong[2]}"))).status == 429
    for request in asked:
        request.cancel()
    await until_true(lambda: not waiting)


async def test_whoever_guesses_from_however_many_addresses_finds_all_of_them_shut(
    house: House,
    running: int,
    guessing: ClientSession,
    elsewhere: ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Of this service alone: the others of the run are on the same bus.
    monkeypatch.setattr(house.client.app[phone_access.THROTTLE], "_shared", LocalCounters())
    monkeypatch.setattr(phone_access, "ALL_FREE_FAILURES", -10)
    monkeypatch.setattr(phone_access, "HERE_S", 0.05)
    code = await code_of(house, running)
    page = house.client.make_url(f"/q/{code}")
    guess = house.client.make_url("/q/000000" if code != "000000" else "/q/000001")
    assert (await elsewhere.get(page)).status == 200
    assert (await guessing.get(guess)).status == 404
    assert (await elsewhere.get(page)).status == 429
    # Its own pupils come in.
    (cookie,) = (await session_cookie(house, "room")).items()
    said = {"Cookie": "=".join(cookie), "Sec-Fetch-Site": "same-origin"}
    room = await elsewhere.ws_connect(
        house.client.make_url(f"/live/{running}/socket"), headers=said
    )
    assert "hello" in await room.receive_json()
    assert (await elsewhere.get(page)).status == 200
    await room.close()


async def test_what_makes_no_phone_counts_for_nobody(
    house: House, running: int, guessing: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pupil who sends empty forms, or moves to and fro, keeps nobody out."""
    monkeypatch.setattr(phone_access, "MOST_JOINS", 2)
    code = await code_of(house, running)
    url = house.client.make_url(f"/q/{code}")
    for _ in range(3):
        assert (await guessing.post(url, data={"room": "2", "name": " "})).status == 422
    mine = {"Cookie": f"tongke-phone-page={await joined(house, guessing, code)}"}
    for room in ("lead", "2", "lead"):
        moved = await guessing.post(
            url, data={"room": room, "name": "3"}, headers=mine, allow_redirects=False
        )
        assert moved.status == 303
    await joined(house, guessing, code, name="15")
    more = await guessing.post(url, data={"room": "2", "name": "16"}, allow_redirects=False)
    assert more.status == 429
