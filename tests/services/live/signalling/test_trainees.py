"""Teachers at desks of their own in a training: who they are on its line, their hands, and that
they were there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import WSCloseCode, WSMsgType
from sqlalchemy.orm import Session

from services.live.access.closing import Close
from tests.services.classes.trainings import begin_training
from tests.services.house import House
from tests.services.live.kept_rows import kept_rows
from tests.services.live.signalling.test_protocol import Heard, holds
from tests.services.live.signalling.test_socket import ask, entered, event_of, until
from tests.waiting import LIMIT_S
from tongke import clock
from tongke.classes.models import LiveClass
from tongke.people.models import Account


@pytest.fixture
async def training(house: House) -> int:
    return await house.ground.database.write(begin_training, house)


def event_of_her(kind: str, house: House, name: str = "xiang") -> Any:
    number = str(house.ids[name])
    return lambda told: event_of(kind)(told) and told["event"]["trainee"] == number


async def comings(house: House, class_id: int) -> list[tuple[str, str]]:
    """Who came to it and went, as its log has it."""
    names = {str(number): name for name, number in house.ids.items()}
    rows = await house.ground.database.read(kept_rows, class_id)
    kinds = {"arrive", "depart"}
    return [(r.kind, names[r.payload["trainee"]]) for r in rows if r.kind in kinds]


async def test_who_is_of_a_training_and_who_watches_it_unseen(house: House, training: int) -> None:
    lead, _ = await entered(house, training, "zhou")
    for name, role in (
        ("tang", "trainee"), ("xiang", "trainee"), ("head", "observer"), ("county", "observer"),
    ):  # fmt: skip
        socket, hello = await entered(house, training, name)
        holds("class line, service", {"hello": hello})
        assert (hello["role"], hello["seat"]) == (role, "")
        mine = [each["name"] for each in hello["state"].get("trainees", [])]
        assert mine == ([name] if role == "trainee" else [])
        await socket.close()
        if role == "trainee":
            await until(lead, event_of_her("depart", house, name))
    assert await comings(house, training) == [
        ("arrive", "tang"), ("depart", "tang"), ("arrive", "xiang"), ("depart", "xiang"),
    ]  # fmt: skip
    refused = await house.client.ws_connect(
        f"/live/{training}/socket", headers=house.bearer("long")
    )
    await refused.receive()
    assert refused.close_code == Close.NO_CLASS


async def test_a_lesson_for_pupils_is_observed_as_ever(house: House, running: int) -> None:
    _, hello = await entered(house, running, "head")
    assert hello["role"] == "observer"
    assert await comings(house, running) == []


async def test_a_hand_reaches_the_lead_with_name_and_school_and_is_put_down(
    house: House, training: int
) -> None:
    heard = Heard(house, training)
    lead, she, observer = [await heard.line(name) for name in ("zhou", "xiang", "county")]
    number = str(house.ids["xiang"])
    assert (await ask(she, "hand_up", trainee=number))["code"] == "class-not-begun"
    await ask(lead, "begin")
    assert await ask(she, "hand_up", trainee=number) == {"done": 7}
    await until(lead, event_of_her("hand_up", house))
    _, hello = await entered(house, training, "zhou")
    holds("class line, service", {"hello": hello})
    (known,) = hello["state"]["trainees"]
    assert (known["id"], known["name"], known["school"]) == (number, "xiang", "桐木溪中学")
    assert known["present"] and known["hand_ms"] is not None
    refused = await ask(lead, "call_up", room=number)
    assert refused["code"] == "no-such-room"
    assert await ask(lead, "hand_down", trainee=number) == {"done": 7}
    await until(she, event_of("hand_down"))
    assert await ask(she, "note", id="n1", shown_ms=1, text="先听后评") == {"done": 7}
    await ask(lead, "roll_call")
    await until(observer, event_of("roll_call"))
    assert heard.kinds["county"].isdisjoint({"arrive", "depart", "hand_up", "hand_down"})
    again, _ = await entered(house, training, "xiang")
    forged = await ask(
        again, "arrive", trainee=number, connection="x", name="王校长", school="雁回路中学"
    )
    assert forged["code"] == "not-yours-in-class"


async def test_she_is_there_as_long_as_one_of_her_windows_is(house: House, training: int) -> None:
    heard = Heard(house, training)
    lead, first, second = [await heard.line(name) for name in ("zhou", "xiang", "xiang")]
    await second.close()
    # The one that is left is her connection now.
    for _ in range(3):
        await until(lead, event_of_her("arrive", house))
    assert ("depart", "xiang") not in await comings(house, training)
    await first.close()
    await until(lead, event_of_her("depart", house))


async def test_both_windows_closed_at_once_are_a_departure(house: House, training: int) -> None:
    lead, _ = await entered(house, training, "zhou")
    windows = [(await entered(house, training, "xiang"))[0] for _ in range(4)]
    await asyncio.gather(*(window.close() for window in windows))
    await until(lead, event_of_her("depart", house))
    _, hello = await entered(house, training, "zhou")
    assert [each["present"] for each in hello["state"]["trainees"]] == [False]


def shut(session: Session, house: House) -> None:
    session.get_one(Account, house.ids["xiang"]).disabled_at = clock.now()


async def closed(socket: Any) -> int | None:
    async with asyncio.timeout(LIMIT_S):
        while (await socket.receive()).type is WSMsgType.TEXT:
            pass
    code: int | None = socket.close_code
    return code


async def test_her_line_ends_with_her_right_and_she_is_there_no_more(
    house: House, training: int
) -> None:
    lead, _ = await entered(house, training, "zhou")
    she, _ = await entered(house, training, "xiang")
    await house.ground.database.write(shut, house)
    assert await closed(she) == Close.NO_CLASS
    await until(lead, event_of_her("depart", house))


async def test_no_other_window_keeps_her_there_whose_account_is_shut(
    house: House, training: int
) -> None:
    lead, _ = await entered(house, training, "zhou")
    first, _ = await entered(house, training, "xiang")
    second, _ = await entered(house, training, "xiang")
    await house.ground.database.write(shut, house)
    # The one that the log knows, while the service has not ended the other yet.
    await second.close()
    assert await closed(first) == Close.NO_CLASS
    await until(lead, event_of_her("depart", house))
    _, hello = await entered(house, training, "zhou")
    assert [each["present"] for each in hello["state"]["trainees"]] == [False]


async def test_who_begins_to_patrol_is_no_longer_of_the_class(house: House, training: int) -> None:
    """Made the head of her school: the line on which she was seen ends, and she observes."""
    she, _ = await entered(house, training, "tang")

    def promote(session: Session) -> None:
        session.get_one(Account, house.ids["tang"]).roles[0].name = "school_admin"

    await house.ground.database.write(promote)
    assert await closed(she) == WSCloseCode.SERVICE_RESTART
    _, hello = await entered(house, training, "tang")
    assert hello["role"] == "observer"


async def test_a_training_that_becomes_a_lesson_has_no_trainees(
    house: House, training: int
) -> None:
    she, _ = await entered(house, training, "xiang")

    def change(session: Session) -> None:
        session.get_one(LiveClass, training).purpose = "lesson"

    await house.ground.database.write(change)
    assert await closed(she) == WSCloseCode.SERVICE_RESTART
    _, hello = await entered(house, training, "xiang")
    assert hello["role"] == "observer"


async def test_she_learns_how_far_the_rooms_are_apart_and_no_more(
    house: House, training: int
) -> None:
    heard = Heard(house, training)
    _lead, she, _county = [await heard.line(name) for name in ("zhou", "xiang", "county")]
    told = await until(she, lambda told: "presence" in told)
    assert told == {"presence": {"spread_ms": None}}
