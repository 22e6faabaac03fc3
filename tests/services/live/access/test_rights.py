"""A line ends with the right to it, whatever fails while that is asked, and however soon."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, web
from sqlalchemy.orm import Session

from services.http.identity import CSRF_HEADER, csrf_token
from services.http.kept_rights import KEPT_RIGHTS
from services.live.access import rights
from services.live.access.closing import Close
from services.live.carrying.carrier import Carrier
from services.live.signalling import socket as class_line
from tests.services.house import House, session_cookie
from tests.services.live.signalling.away import Away
from tests.services.live.signalling.test_socket import ask, entered
from tests.waiting import LIMIT_S, until_true
from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.running import devices, lifecycle
from tongke.classes.vocabulary import SeatState
from tongke.people import sign_in
from tongke.people.models import Account
from tongke.storage.bus.port import Connected, Message
from tongke.storage.retrying import DatabaseAway
from tongke.tasks import RIGHTS_CHANNEL

ERRORS = [DatabaseAway(), OSError("disk I/O error")]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_a_question_that_fails_is_asked_again(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Her account is disabled; the database fails at that moment, and comes back."""
    monkeypatch.setattr(rights, "LOOK_S", 0.05)
    monkeypatch.setattr(rights, "ASKED_AGAIN_S", 0.1)
    away = Away(house, monkeypatch, sign_in.token_of)
    socket, _ = await entered(house, running, "county")

    def shut(session: Session) -> None:
        session.get_one(Account, house.ids["county"]).disabled_at = clock.now()

    away.leave(error)
    await house.ground.database.write(shut)
    await until_true(lambda: away.refusals > 1)
    # Nobody is sent away because a database is.
    assert (await ask(socket, "begin"))["code"] == "not-yours-in-class"
    away.come_back()
    assert await end_of(socket) == Close.NO_CLASS


async def end_of(socket: ClientWebSocketResponse) -> int | None:
    """With which code a line is closed."""
    async with asyncio.timeout(LIMIT_S):
        while (await socket.receive()).type is WSMsgType.TEXT:
            pass
    return socket.close_code


async def test_a_room_that_is_sent_out_has_no_line_asked_about(house: House, running: int) -> None:
    """A script of a lead could otherwise have every line of every class ask the database."""
    kept = house.client.server.app[KEPT_RIGHTS]  # type: ignore[attr-defined]
    lead, _ = await entered(house, running, "zhou")
    async with house.ground.bus.subscribe(RIGHTS_CHANNEL) as words:
        assert isinstance(await anext(words), Connected)
        # What was said of those who came for this test has been heard after that.
        await house.ground.hints.drain()
        before = kept.epoch
        await house.ground.bus.publish(RIGHTS_CHANNEL, b"last")
        await until_true(lambda: kept.changed_since(before, ()))
        while await anext(words) != Message(RIGHTS_CHANNEL, b"last"):
            pass
        before = kept.epoch
        for word in ("remove", "admit"):
            assert await ask(lead, word, room="2") == {"done": 7}
            assert await anext(words) == Message(RIGHTS_CHANNEL, f"class:{running}".encode())
    assert kept.epoch >= before + 2
    assert not kept.changed_since(before, [f"lines/{running}"])


def first(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    step_of: tuple[Any, str],
    change: Callable[[], Awaitable[None]],
) -> None:
    """A right changes, and all has been heard of it, just before the service takes a step for the
    next time. No line is asked about but for a change of rights."""
    kept = house.client.server.app[KEPT_RIGHTS]  # type: ignore[attr-defined]
    owner, name = step_of
    monkeypatch.setattr(rights, "LOOK_S", 0.05)
    monkeypatch.setattr(rights, "ASKED_EVERY_S", 100 * LIMIT_S)
    step = getattr(owner, name)

    async def take(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(owner, name, step)
        await change()
        # The bus brings the word of it as well, and would put right what was missed before.
        await house.ground.hints.drain()
        await house.ground.bus.publish(RIGHTS_CHANNEL, b"last:0")
        await until_true(lambda: "last:0" in kept._epochs)
        return await step(*given, **more)

    monkeypatch.setattr(owner, name, take)


async def signed_in(
    house: House, name: str
) -> tuple[dict[str, str], Callable[[], Awaitable[None]]]:
    """The headers of somebody's session, and how it is ended."""
    ((cookie, secret),) = (await session_cookie(house, name)).items()
    headers = {"Cookie": f"{cookie}={secret}", "Sec-Fetch-Site": "same-origin"}

    async def sign_out() -> None:
        more = {**headers, CSRF_HEADER: csrf_token(secret)}
        answer = await house.client.delete("/api/v1/session", headers=more)
        assert answer.status == 204

    return headers, sign_out


async def test_a_line_that_is_opened_while_its_session_ends_ends_too(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, sign_out = await signed_in(house, "xiang")
    first(house, monkeypatch, (class_line, "come"), sign_out)
    socket = await house.client.ws_connect(f"/live/{running}/socket", headers=headers)
    assert await end_of(socket) == Close.NO_CLASS


async def test_a_phone_that_comes_while_its_class_shuts_is_sent_away(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was on its way may come until a while after the end."""

    def code_of(session: Session) -> str:
        return session.get_one(LiveClass, running).phone_code or ""

    def shut(session: Session) -> None:
        session.get_one(LiveClass, running).ended_at = clock.now() - timedelta(minutes=11)

    code = await house.ground.database.read(code_of)
    _, secret = await house.ground.database.write(devices.join, code, 2, "14")
    await house.ground.database.write(lifecycle.end, running)
    first(house, monkeypatch, (class_line, "come"), partial(house.ground.database.write, shut))
    headers = {"Cookie": f"tongke-phone={secret}"}
    socket = await house.client.ws_connect(f"/live/{running}/device", headers=headers)
    assert await end_of(socket) == Close.OVER


@pytest.mark.parametrize(
    "step_of",
    [(web.WebSocketResponse, "prepare"), (Carrier, "broadcast")],
    ids=["before-the-class", "after-it"],
)
async def test_who_begins_to_publish_while_the_session_ends_publishes_no_more(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch, step_of: tuple[type, str]
) -> None:
    """She signs out before it is asked whether she holds the class, or after."""
    headers, sign_out = await signed_in(house, "zhou")
    first(house, monkeypatch, step_of, sign_out)
    socket = await house.client.ws_connect(f"/live/{running}/publish", headers=headers)
    assert await end_of(socket) == Close.NOT_YOURS


async def test_a_teacher_whose_pupils_stay_away_is_not_in_the_class(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As their room is not. She sees that there is one, and may think better of it."""
    monkeypatch.setattr(rights, "LOOK_S", 0.05)
    socket, _ = await entered(house, running, "xiang")

    def set_to(state: SeatState) -> Callable[[Session], None]:
        def write(session: Session) -> None:
            session.get_one(LiveClass, running).seats[0].state = state

        return write

    cookies = await session_cookie(house, "xiang")

    async def asked(path: str) -> tuple[int, str | None]:
        answer = await house.ask("", "GET", path.format(id=running), cookies=cookies)
        return answer.status, answer.headers.get("Location")

    assert await asked("/live/{id}/admission") == (204, None)
    await house.ground.database.write(set_to(SeatState.DECLINED))
    assert await end_of(socket) == Close.NO_CLASS
    assert await asked("/live/{id}/admission") == (403, None)
    assert await asked("/classes/{id}/watch") == (303, f"/classes/{running}")
    assert await asked("/classes/{id}") == (200, None)
    await house.ground.database.write(set_to(SeatState.CONFIRMED))
    assert await asked("/live/{id}/admission") == (204, None)
    await entered(house, running, "xiang")
