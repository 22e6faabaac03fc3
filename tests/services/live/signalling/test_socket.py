"""A class's own line: who is who, what each learns, and what is kept whatever dies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSCloseCode, WSMsgType
from pytest_aiohttp.plugin import AiohttpClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.app import create_app
from services.live.access.closing import Close
from services.live.signalling.classrooms import CLASSROOMS, whole_class
from services.live.signalling.pace import MOST_LINES
from tests.services.house import House, session_cookie
from tests.services.live.kept_rows import kept_rows
from tests.waiting import LIMIT_S
from tongke import bootstrap, clock
from tongke.classes.models import Seat
from tongke.classes.vocabulary import SeatState
from tongke.people.models import Account, Room
from tongke.storage.retrying import DatabaseAway

Told = dict[str, Any]


async def entered(house: House, class_id: int, name: str) -> tuple[ClientWebSocketResponse, Told]:
    """Somebody's line, and what they were told first."""
    headers = {} if name == "room" else house.bearer(name)
    if name == "room":
        (cookie,) = (await session_cookie(house, name)).items()
        headers = {"Cookie": "=".join(cookie), "Sec-Fetch-Site": "same-origin"}
    socket = await house.client.ws_connect(f"/live/{class_id}/socket", headers=headers)
    return socket, (await socket.receive_json(timeout=LIMIT_S))["hello"]


async def until(socket: ClientWebSocketResponse, found: Callable[[Told], bool]) -> Told:
    while not found(told := await socket.receive_json(timeout=LIMIT_S)):
        pass
    return dict(told)


def event_of(kind: str) -> Callable[[Told], bool]:
    return lambda told: told.get("event", {}).get("kind") == kind


async def ask(socket: ClientWebSocketResponse, command: str, **more: Any) -> Told:
    await socket.send_json({"command": command, "ref": 7, **more})
    return await until(socket, lambda told: 7 in (told.get("done"), told.get("refused")))


async def test_everybody_is_who_they_are(house: House, running: int) -> None:
    for name, role in (
        ("zhou", "lead"), ("room", "room"), ("xiang", "teacher"), ("county", "observer"),
    ):  # fmt: skip
        socket, hello = await entered(house, running, name)
        assert hello["role"] == role
        assert hello["seat"] == ("2" if role in {"room", "teacher"} else "")
        await socket.close()
    refused = await house.client.ws_connect(f"/live/{running}/socket", headers=house.bearer("long"))
    await refused.receive()
    assert refused.close_code == Close.NO_CLASS


async def test_a_hand_a_call_and_a_slide_reach_whom_they_concern(
    house: House, running: int
) -> None:
    lead, _ = await entered(house, running, "zhou")
    room, hello = await entered(house, running, "room")
    assert hello["state"]["phase"] == "waiting"
    assert await ask(lead, "begin") == {"done": 7}
    await until(room, event_of("begin"))
    assert await ask(room, "raise_hand", room="2", count=2) == {"done": 7}
    raised = await until(lead, event_of("raise_hand"))
    assert raised["event"]["count"] == 2
    assert await ask(lead, "call_up", room="2") == {"done": 7}
    await until(room, event_of("call_up"))
    media_ms = round(time.time() * 1000)
    page = {"deck": "d1", "number": 4}
    assert await ask(lead, "slide", page=page, media_ms=media_ms) == {"done": 7}
    shown = await until(room, event_of("slide"))
    assert shown["event"]["media_ms"] == media_ms
    refused = await ask(room, "end")
    assert refused["code"] == "not-yours-in-class"
    assert (await ask(room, "no_such_thing"))["code"] == "invalid"


async def test_a_time_that_was_said_by_a_clock_that_is_not_set_is_not_believed(
    house: House, running: int
) -> None:
    lead, _ = await entered(house, running, "zhou")
    room, _ = await entered(house, running, "room")
    now_ms = time.time() * 1000
    await ask(lead, "begin", media_ms=4200)
    begun = await until(room, lambda told: told.get("event", {}).get("kind") == "begin")
    assert begun["event"]["media_ms"] == pytest.approx(now_ms, abs=60_000)


async def test_who_comes_back_finds_the_seat_and_the_state(house: House, running: int) -> None:
    lead, _ = await entered(house, running, "zhou")
    await ask(lead, "begin")
    room, _ = await entered(house, running, "room")
    await ask(room, "raise_hand", room="2", count=3)
    await ask(lead, "slide", page={"deck": "d1", "number": 9})
    room._response.connection.transport.abort()  # type: ignore[union-attr]
    await until(lead, event_of("leave"))
    _again, hello = await entered(house, running, "room")
    (mine,) = [each for each in hello["state"]["rooms"] if each["id"] == "2"]
    assert mine["hand"] == 3
    assert hello["state"]["stage"]["page"]["number"] == 9


async def test_observers_are_not_seen(house: House, running: int) -> None:
    room, hello = await entered(house, running, "room")
    observer, _ = await entered(house, running, "county")
    lead, _ = await entered(house, running, "zhou")
    await ask(lead, "begin")
    assert await ask(observer, "note", id="n1", shown_ms=1, text="导入自然") == {"done": 7}
    await ask(lead, "roll_call")
    seen = []
    await until(room, lambda told: bool(seen.append(told)) or event_of("roll_call")(told))
    assert "observer" not in str(seen)
    assert "导入自然" not in str(seen)
    _late, hello = await entered(house, running, "room")
    assert "导入自然" not in str(hello)


async def test_another_process_carries_the_class_on(
    house: House, running: int, aiohttp_client: AiohttpClient
) -> None:
    """Two web processes on one database: each hears what the other has decided, and what both
    decide at once is in one order."""
    second = bootstrap.build(house.ground.settings)
    other = House(second, await aiohttp_client(create_app(second)), house.ids, house.secrets)
    lead, _ = await entered(house, running, "zhou")
    room, _ = await entered(other, running, "room")
    await ask(lead, "begin")
    await until(room, event_of("begin"))
    for _ in range(5):
        await asyncio.gather(ask(lead, "roll_call"), ask(room, "head_count", room="2", heads=31))
    log = await second.database.read(kept_rows, running)
    assert [row.seq for row in log] == list(range(1, len(log) + 1))
    assert sum(row.kind == "roll_call" for row in log) == 5
    await house.client.close()
    _, hello = await entered(other, running, "zhou")
    assert hello["state"]["phase"] == "running"
    await other.client.close()
    await second.close()


async def test_a_database_away_for_a_moment_ends_no_following(
    house: House, running: int, aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = bootstrap.build(house.ground.settings)
    other = House(second, await aiohttp_client(create_app(second)), house.ids, house.secrets)
    lead, _ = await entered(house, running, "zhou")
    room, _ = await entered(other, running, "room")
    live = await second.database.read(whole_class, running)
    found = await other.client.server.app[CLASSROOMS].open(live)  # type: ignore[attr-defined]

    async def away() -> None:
        monkeypatch.undo()
        raise DatabaseAway

    monkeypatch.setattr(found, "catch_up", away)
    await ask(lead, "begin")
    await until(room, event_of("begin"))
    await ask(lead, "roll_call")
    await until(room, event_of("roll_call"))
    await other.client.close()
    await second.close()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param("[" * 100_000, id="without end"),
        pytest.param("[1]", id="no object"),
        # Python reads and writes these, a browser does not.
        pytest.param('{"ping": NaN}', id="NaN"),
        pytest.param('{"talk": {"to": "lead", "data": {"x": -Infinity}}}', id="Infinity"),
        # It would only be sent back.
        pytest.param('{"ping": [0, 0]}', id="a list for a number"),
        pytest.param('{"ping": "%s"}' % ("x" * 9_000), id="longer than anybody's note"),
        # No database keeps it.
        pytest.param('{"command": "message", "text": "a\\u0000b"}', id="NUL"),
    ],
)
async def test_nonsense_ends_the_line(house: House, running: int, sent: str) -> None:
    socket, _ = await entered(house, running, "county")
    await socket.send_str(sent)
    while (await socket.receive(timeout=LIMIT_S)).type is WSMsgType.TEXT:
        pass
    assert socket.close_code in {Close.DAMAGED, 1009}


async def test_the_clock_is_told(house: House, running: int) -> None:
    socket, _ = await entered(house, running, "county")
    before = time.time() * 1000
    await socket.send_json({"ping": 3})
    told = await until(socket, lambda told: "pong" in told)
    assert told["pong"] == 3
    assert before <= told["at"] <= time.time() * 1000


async def test_a_line_ends_with_the_right_to_it(house: House, running: int) -> None:
    """Her account is disabled: within seconds she is told nothing more."""
    socket, _ = await entered(house, running, "county")

    def shut(session: Session) -> None:
        session.get_one(Account, house.ids["county"]).disabled_at = clock.now()

    await house.ground.database.write(shut)
    async with asyncio.timeout(LIMIT_S):
        while (await socket.receive()).type is WSMsgType.TEXT:
            pass
    assert socket.close_code == Close.NO_CLASS


async def test_who_has_become_somebody_else_comes_again_as_that(house: House, running: int) -> None:
    """An observer who is named the teacher beside a room during the class."""
    socket, hello = await entered(house, running, "county")
    assert hello["role"] == "observer"

    def name_her(session: Session) -> None:
        seat = session.scalars(select(Seat).where(Seat.class_id == running)).one()
        seat.teacher_id = house.ids["county"]

    await house.ground.database.write(name_her)
    async with asyncio.timeout(LIMIT_S):
        while (await socket.receive()).type is WSMsgType.TEXT:
            pass
    assert socket.close_code == WSCloseCode.SERVICE_RESTART
    _, hello = await entered(house, running, "county")
    assert (hello["role"], hello["seat"]) == ("teacher", "2")


async def test_lines_opened_at_once_are_no_more_than_anybody_may_have(
    house: House, running: int
) -> None:
    """Of the lead: that each of her lines has come is written down first, which takes a moment."""
    path, headers = f"/live/{running}/socket", house.bearer("zhou")
    opened = [house.client.ws_connect(path, headers=headers) for _ in range(MOST_LINES + 6)]
    sockets = await asyncio.gather(*opened)
    first = await asyncio.gather(*(socket.receive(timeout=LIMIT_S) for socket in sockets))
    refused = [each for each in first if each.type is WSMsgType.CLOSE]
    assert [each.data for each in refused] == [WSCloseCode.TRY_AGAIN_LATER] * 6
    # A place that is given up is free again.
    left = next(s for s, each in zip(sockets, first, strict=True) if each.type is WSMsgType.TEXT)
    await left.close()
    await entered(house, running, "zhou")


async def test_a_refusal_says_what_to_do(house: House, running: int) -> None:
    room, _ = await entered(house, running, "room")
    refused = await ask(room, "begin")
    assert refused["message"] == "课堂里你不能做这一步"
    assert refused["remedy"] == "请主讲老师来做"
    lead, _ = await entered(house, running, "zhou")
    await ask(lead, "begin")
    assert (await ask(lead, "call_up", room="99"))["remedy"] == "照名单上的教室再选一次"


async def test_a_room_that_was_sent_out_stays_out_when_another_is_added(
    house: House, running: int
) -> None:
    """Whoever then opens a line has the class prepared anew."""
    lead, _ = await entered(house, running, "zhou")
    assert await ask(lead, "remove", room="2") == {"done": 7}

    def add(session: Session) -> None:
        session.add(Room(id=4, school_id=1, name="八（1）班"))
        session.flush()
        session.add(Seat(class_id=running, room_id=4, state=SeatState.CONFIRMED))

    await house.ground.database.write(add)
    _observer, hello = await entered(house, running, "county")
    admitted = {each["id"]: each["admitted"] for each in hello["state"]["rooms"]}
    assert admitted == {"2": False, "4": True}


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN"])
async def test_a_number_that_is_none_is_damaged_and_told_to_nobody(
    house: House, running: int, number: str
) -> None:
    lead, _ = await entered(house, running, "zhou")
    room, _ = await entered(house, running, "room")
    await ask(lead, "begin")
    await ask(lead, "call_up", room="2")
    await room.send_str(f'{{"talk": {{"to": "lead", "data": {{"x": {number}}}}}}}')
    while (await room.receive(timeout=LIMIT_S)).type is WSMsgType.TEXT:
        pass
    assert room.close_code == Close.DAMAGED
    await lead.send_json({"command": "roll_call", "ref": 9})
    while (told := await lead.receive_json(timeout=LIMIT_S)).get("done") != 9:
        assert "talk" not in told


async def test_a_room_that_is_sent_out_hears_of_the_end_alone(house: House, running: int) -> None:
    lead, _ = await entered(house, running, "zhou")
    room, _ = await entered(house, running, "room")
    for command, more in (("begin", {}), ("remove", {"room": "2"}), ("roll_call", {}), ("end", {})):
        assert "done" in await ask(lead, command, **more)
    kinds = list[str]()
    async with asyncio.timeout(LIMIT_S):
        while "end" not in kinds:
            kinds += [(await room.receive_json()).get("event", {}).get("kind", "")]
    kinds = [kind for kind in kinds if kind]
    assert kinds[kinds.index("remove") :] == ["remove", "end"]
