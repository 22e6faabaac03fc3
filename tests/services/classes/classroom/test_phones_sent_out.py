"""Phones of a room that the lead has sent out: they are out too, and go on once it is let in."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

from tests.services.classes.classroom.test_phones import QUESTION, code_of, joined, line
from tests.services.house import House
from tests.services.live.signalling.test_protocol import holds
from tests.services.live.signalling.test_socket import Told, ask, entered, event_of, until
from tests.waiting import LIMIT_S
from tongke.classes.models import Device
from tongke.classes.running import devices

OUT = {"phase": "running", "lesson": "broadcast", "admitted": False}


async def state_told(phone: ClientWebSocketResponse) -> Told:
    """What a phone is told next, which is the class as it may know it."""
    told = await phone.receive_json(timeout=LIMIT_S)
    holds("class line, service", told)
    state: Told = told["hello"]["state"]
    return state


async def in_lesson(house: House, class_id: int, phones: ClientSession) -> tuple[Any, Any, Any]:
    """The lead, a phone in the room, and one in the lead classroom, in a lesson that has begun."""
    code = await code_of(house, class_id)
    lead, _ = await entered(house, class_id, "zhou")
    secrets = [await joined(house, phones, code, place) for place in ("2", "lead")]
    theirs, here = [(await line(house, phones, class_id, each))[0] for each in secrets]
    await ask(lead, "begin")
    for phone in (theirs, here):
        await until(phone, event_of("begin"))
    return lead, theirs, here


async def test_their_question_goes_with_the_room_and_the_next_is_there_with_it_again(
    house: House, running: int, phones: ClientSession
) -> None:
    lead, theirs, here = await in_lesson(house, running, phones)
    await ask(lead, "open_quiz", quiz="q1", question=QUESTION)
    asked = await until(theirs, event_of("open_quiz"))
    await ask(lead, "remove", room="2")
    assert await state_told(theirs) == OUT
    given = {"given": ["B"], "shown_ms": asked["event"]["media_ms"]}
    assert (await ask(theirs, "answer", quiz="q1", **given))["code"] == "not-admitted"
    await ask(lead, "close_quiz", quiz="q1")
    await ask(lead, "open_quiz", quiz="q2", question=QUESTION)
    for kind in ("open_quiz", "close_quiz", "open_quiz"):
        await until(here, event_of(kind))
    await ask(lead, "admit", room="2")
    state = await state_told(theirs)
    assert (state["quiz"]["quiz"], state["answer"]) == ("q2", None)
    given["shown_ms"] = state["quiz"]["opened_ms"]
    assert await ask(theirs, "answer", quiz="q2", **given) == {"done": 7}
    await ask(lead, "show_answer", quiz="q2")
    await until(theirs, event_of("show_answer"))


async def test_they_hear_that_the_class_is_over(
    house: House, running: int, phones: ClientSession
) -> None:
    lead, theirs, _ = await in_lesson(house, running, phones)
    await ask(lead, "remove", room="2")
    assert await state_told(theirs) == OUT
    await ask(lead, "open_quiz", quiz="q1", question=QUESTION)
    await ask(lead, "end")
    assert event_of("end")(await theirs.receive_json(timeout=LIMIT_S))


async def test_who_comes_meanwhile_is_told_no_question(
    house: House, running: int, phones: ClientSession
) -> None:
    lead, _, _ = await in_lesson(house, running, phones)
    await ask(lead, "open_quiz", quiz="q1", question=QUESTION)
    await ask(lead, "remove", room="2")
    code = await code_of(house, running)
    theirs, hello = await line(house, phones, running, await joined(house, phones, code, "2"))
    assert hello["state"] == OUT
    _, hello = await line(house, phones, running, await joined(house, phones, code, "lead"))
    assert hello["state"]["quiz"]["quiz"] == "q1"
    await ask(lead, "admit", room="2")
    assert (await state_told(theirs))["quiz"]["quiz"] == "q1"


async def test_they_see_no_slide_meanwhile(
    house: House, running: int, phones: ClientSession
) -> None:
    lead, _, _ = await in_lesson(house, running, phones)
    question = {**QUESTION, "page": {"deck": "5", "number": 2}}
    await ask(lead, "open_quiz", quiz="q1", question=question)

    async def seen() -> dict[int | None, bool]:
        database = house.ground.database
        rows = await database.read(lambda session: session.query(Device).all())
        return {row.room_id: await database.read(devices.may_see, row, "5", 2) for row in rows}

    assert await seen() == {2: True, None: True}
    await ask(lead, "remove", room="2")
    assert await seen() == {2: False, None: True}
    await ask(lead, "admit", room="2")
    assert await seen() == {2: True, None: True}
