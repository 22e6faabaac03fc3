"""Pupils' telephones: six digits, a place, a question and its answer; two hundred at once."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from sqlalchemy.orm import Session

from services.live.access import rights
from services.live.access.closing import Close
from tests.services.classes.trainings import begin_training
from tests.services.house import House
from tests.services.live.signalling.test_socket import ask, entered, event_of, until
from tests.waiting import LIMIT_S
from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.running import devices, lifecycle

QUESTION = {"kind": "single", "text": "7 + 5 =", "options": ["11", "12"], "right": ["B"]}
# All of a large school answer; the machine is small, and others work on it.
MANY = 200
MANY_LIMIT_S = 20.0


async def code_of(house: House, class_id: int) -> str:
    def read(session: Session) -> str:
        return session.get_one(LiveClass, class_id).phone_code or ""

    return await house.ground.database.read(read)


async def joined(
    house: House, phones: ClientSession, code: str, room: str = "2", name: str = "14"
) -> str:
    """A phone in the class; its secret."""
    answer = await phones.post(
        house.client.make_url(f"/q/{code}"),
        data={"room": room, "name": name},
        allow_redirects=False,
    )
    assert answer.status == 303, await answer.text()
    assert {answer.cookies[name]["path"] for name in answer.cookies} == {"/live", "/q"}
    assert all(answer.cookies[name]["httponly"] for name in answer.cookies)
    return answer.cookies["tongke-phone"].value


def cookie(secret: str) -> dict[str, str]:
    return {"Cookie": f"tongke-phone={secret}"}


async def line(
    house: House, phones: ClientSession, class_id: int, secret: str
) -> tuple[ClientWebSocketResponse, dict[str, Any]]:
    url = house.client.make_url(f"/live/{class_id}/device")
    socket = await phones.ws_connect(url, headers=cookie(secret))
    return socket, (await socket.receive_json(timeout=LIMIT_S))["hello"]


async def refused(house: House, phones: ClientSession, class_id: int, secret: str) -> int | None:
    url = house.client.make_url(f"/live/{class_id}/device")
    socket = await phones.ws_connect(url, headers=cookie(secret))
    await socket.receive()
    return socket.close_code


async def test_a_phone_answers_and_sees_what_was_right(
    house: House, running: int, phones: ClientSession
) -> None:
    secret = await joined(house, phones, await code_of(house, running))
    phone, hello = await line(house, phones, running, secret)
    assert (hello["role"], hello["seat"]) == ("device", "2")
    assert hello["state"]["quiz"] is None
    lead, _ = await entered(house, running, "zhou")
    await ask(lead, "begin")
    await ask(lead, "open_quiz", quiz="q1", question=QUESTION, seconds=60)
    asked = await until(phone, event_of("open_quiz"))
    assert "right" not in asked["event"]["question"]
    shown_ms = asked["event"]["media_ms"]
    assert await ask(phone, "answer", quiz="q1", given=["B"], shown_ms=shown_ms) == {"done": 7}
    # Others do as little as nothing in a class.
    assert (await ask(phone, "raise_hand", room="2"))["code"] == "not-yours-in-class"
    await ask(lead, "show_answer", quiz="q1")
    shown = await until(phone, event_of("show_answer"))
    assert shown["event"]["right"] == ["B"]
    assert shown["event"]["result"]["right"] == 1


async def test_a_phone_comes_back_to_its_answer(
    house: House, running: int, phones: ClientSession
) -> None:
    code = await code_of(house, running)
    secret = await joined(house, phones, code)
    lead, _ = await entered(house, running, "zhou")
    await ask(lead, "begin")
    await ask(lead, "open_quiz", quiz="q1", question=QUESTION)
    phone, hello = await line(house, phones, running, secret)
    shown_ms = hello["state"]["quiz"]["opened_ms"]
    await ask(phone, "answer", quiz="q1", given=["A"], shown_ms=shown_ms)
    await phone.close()
    _again, hello = await line(house, phones, running, secret)
    assert hello["state"]["answer"] == ["A"]
    page = house.client.make_url(f"/q/{code}")
    back = await phones.get(page, headers={"Cookie": f"tongke-phone-page={secret}"})
    assert 'id="phone"' in await back.text()
    # It moves to another seat, and is the same phone.
    moved = await phones.post(
        page,
        data={"room": "lead", "name": "3"},
        headers={"Cookie": f"tongke-phone-page={secret}"},
        allow_redirects=False,
    )
    assert moved.cookies["tongke-phone"].value == secret


async def lead_does(house: House, class_id: int, command: str, **more: Any) -> None:
    """On a line of its own, which nobody has to read meanwhile."""
    lead, _ = await entered(house, class_id, "zhou")
    assert await ask(lead, command, **more) == {"done": 7}
    await lead.close()


async def test_two_hundred_phones_behind_one_address_answer_at_once(
    house: House, running: int, phones: ClientSession
) -> None:
    code = await code_of(house, running)
    await lead_does(house, running, "begin")
    secrets = await asyncio.gather(
        *(joined(house, phones, code, "2" if n % 2 else "lead", str(n)) for n in range(MANY))
    )
    lines = await asyncio.gather(*(line(house, phones, running, secret) for secret in secrets))

    async def answer(number: int, phone: ClientWebSocketResponse) -> None:
        asked = await until(phone, event_of("open_quiz"))
        given = ["B"] if number % 4 else ["A"]
        told = await ask(
            phone, "answer", quiz="q1", given=given, shown_ms=asked["event"]["media_ms"] + number
        )
        assert told == {"done": 7}

    answering = [asyncio.create_task(answer(n, phone)) for n, (phone, _) in enumerate(lines)]
    opened = time.monotonic()
    await lead_does(house, running, "open_quiz", quiz="q1", question=QUESTION, seconds=60)
    await asyncio.gather(*answering)
    assert time.monotonic() - opened < MANY_LIMIT_S
    await lead_does(house, running, "show_answer", quiz="q1")
    _observer, hello = await entered(house, running, "county")
    result = hello["state"]["stage"]["quiz"]["result"]
    assert (result["answered"], result["right"]) == (MANY, MANY * 3 // 4)
    rooms = {each["room"]: (each["answered"], each["right"]) for each in result["rooms"]}
    assert rooms == {"1": (MANY // 2, MANY // 4), "2": (MANY // 2, MANY // 2)}
    assert result["fastest"][0]["taken_ms"] == 1
    await asyncio.gather(*(phone.close() for phone, _ in lines))


@pytest.mark.parametrize(
    ("typed", "code"), [("636 436", "636436"), (" 636436 ", "636436"), ("６３６　４３６", "636436")]
)
async def test_a_code_is_typed_as_the_screen_shows_it(
    house: House, phones: ClientSession, typed: str, code: str
) -> None:
    url = house.client.make_url("/q").with_query(code=typed)
    answer = await phones.get(url, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, f"/q/{code}")
    door = await (await phones.get(house.client.make_url("/q"))).text()
    field = door[door.index('<input class="phone-code"') :].partition(">")[0]
    assert not {"maxlength", "pattern", "required"} & {word.split("=")[0] for word in field.split()}


@pytest.mark.parametrize("typed", ["", "636 43", "6364360", "abc"])
async def test_what_is_no_code_is_said_in_the_page_and_stays_to_be_put_right(
    house: House, phones: ClientSession, typed: str
) -> None:
    answer = await phones.get(house.client.make_url("/q").with_query(code=typed))
    door = await answer.text()
    assert answer.status == 422
    assert "数字码是六位数字" in door and f'value="{typed}"' in door
    assert "novalidate" in door


async def test_a_code_holds_while_the_class_runs(
    house: House, running: int, phones: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights, "LOOK_S", 0.05)
    monkeypatch.setattr(rights, "ASKED_EVERY_S", 0.1)
    code = await code_of(house, running)
    assert len(code) == devices.CODE_DIGITS and code.isdigit()
    typed = await phones.get(
        house.client.make_url(f"/q?code={code[:3]}+{code[3:]}"), allow_redirects=False
    )
    assert typed.headers["Location"] == f"/q/{code}"
    places = await (await phones.get(house.client.make_url(f"/q/{code}"))).text()
    assert "七（2）班" in places and "橘洲路中学" in places
    secret = await joined(house, phones, code)
    await house.ground.database.write(lifecycle.end, running)
    assert await code_of(house, running) == ""
    gone = await phones.get(house.client.make_url(f"/q/{code}"))
    assert gone.status == 404
    assert "现在没有课用这个数字码" in await gone.text()
    # What was on its way may still come; later nothing does.
    phone, _hello = await line(house, phones, running, secret)
    await house.ground.database.write(_ended_long_ago, running)
    async with asyncio.timeout(LIMIT_S):
        while (await phone.receive()).type is WSMsgType.TEXT:
            pass
    assert phone.close_code == Close.OVER
    assert await refused(house, phones, running, secret) == Close.OVER


def _ended_long_ago(session: Session, class_id: int) -> None:
    session.get_one(LiveClass, class_id).ended_at = clock.now() - timedelta(minutes=11)


async def test_a_phone_is_of_one_class(house: House, running: int, phones: ClientSession) -> None:
    secret = await joined(house, phones, await code_of(house, running))
    assert await refused(house, phones, running + 1, secret) == Close.NO_CLASS
    assert await refused(house, phones, running, "made-up") == Close.NO_CLASS
    assert await refused(house, phones, running, "") == Close.NO_CLASS
    for path in (f"/live/{running}/program.m3u8", f"/live/{running}/decks"):
        answer = await phones.get(
            house.client.make_url(path), headers=cookie(secret), allow_redirects=False
        )
        assert answer.status in {303, 401}


async def test_a_phone_sees_the_slides_that_it_was_asked_about(
    house: House, running: int, phones: ClientSession
) -> None:
    secret = await joined(house, phones, await code_of(house, running))
    lead, _ = await entered(house, running, "zhou")
    await ask(lead, "begin")
    question = {**QUESTION, "page": {"deck": "5", "number": 2}}
    await ask(lead, "open_quiz", quiz="q1", question=question)
    asked = {
        number: await house.ground.database.read(devices.was_asked, running, "5", number)
        for number in (1, 2, 3)
    }
    assert asked == {1: False, 2: True, 3: False}
    slide = await phones.get(
        house.client.make_url(f"/live/{running}/slides/5/3"), headers=cookie(secret)
    )
    assert slide.status == 404


@pytest.mark.parametrize("said", [{"room": "9", "name": "1"}, {"room": "2", "name": " "}])
async def test_a_place_that_is_none_is_said_beside_its_field(
    house: House, running: int, phones: ClientSession, said: dict[str, str]
) -> None:
    url = house.client.make_url(f"/q/{await code_of(house, running)}")
    answer = await phones.post(url, data=said, allow_redirects=False)
    assert answer.status == 422
    assert "phone-wrong" in await answer.text()


async def test_another_sites_page_enters_nobody(
    house: House, running: int, phones: ClientSession
) -> None:
    secret = await joined(house, phones, await code_of(house, running))
    elsewhere = {**cookie(secret), "Sec-Fetch-Site": "cross-site"}
    answer = await phones.get(house.client.make_url(f"/live/{running}/device"), headers=elsewhere)
    assert answer.status == 403


async def test_in_a_training_a_teacher_gives_her_name_and_no_seat(
    house: House, phones: ClientSession
) -> None:
    training = await house.ground.database.write(begin_training, house)
    code = await code_of(house, training)
    told = await house.json("xiang", "GET", f"/api/v1/classes/{training}/watch")
    assert told["phones"]["code"] == code
    told = await house.json("county", "GET", f"/api/v1/classes/{training}/watch")
    assert told["phones"] is None, "who observes answers nothing"
    async with phones.get(house.client.make_url(f"/q/{code}")) as answer:
        door = await answer.text()
    assert "你的姓名" in door and "座号" not in door and "主讲教室" not in door
    here = await (await house.ask("xiang", "GET", f"/q/{code}")).text()
    assert 'name="name"' in here and 'value="xiang"' in here, "she is signed in there"
    assert 'value="xiang"' not in door
    secret = await joined(house, phones, code, "lead", "向雨禾")
    lead, _ = await entered(house, training, "zhou")
    await ask(lead, "begin")
    await ask(lead, "open_quiz", quiz="q1", question=QUESTION, seconds=60)
    phone, hello = await line(house, phones, training, secret)
    shown_ms = hello["state"]["quiz"]["opened_ms"]
    assert await ask(phone, "answer", quiz="q1", given=["B"], shown_ms=shown_ms) == {"done": 7}
