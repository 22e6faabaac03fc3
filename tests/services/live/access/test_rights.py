"""A line ends with the right to it, whatever fails while that is asked."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import WSMsgType
from sqlalchemy.orm import Session

from services.http.kept_rights import KEPT_RIGHTS
from services.live.access import rights
from services.live.access.closing import Close
from tests.services.house import House
from tests.services.live.signalling.away import Away
from tests.services.live.signalling.test_socket import ask, entered
from tests.waiting import until_true
from tongke import clock
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
    async with asyncio.timeout(10):
        while (await socket.receive()).type is WSMsgType.TEXT:
            pass
    assert socket.close_code == Close.NO_CLASS


async def test_a_room_that_is_sent_out_has_no_line_asked_about(house: House, running: int) -> None:
    """A script of a lead could otherwise have every line of every class ask the database."""
    kept = house.client.server.app[KEPT_RIGHTS]  # type: ignore[attr-defined]
    lead, _ = await entered(house, running, "zhou")
    async with house.ground.bus.subscribe(RIGHTS_CHANNEL) as words:
        assert isinstance(await anext(words), Connected)
        # What was said of those who came for this test has been heard after that.
        await house.ground.hints.drain()
        wide = kept.wide_epoch
        await house.ground.bus.publish(RIGHTS_CHANNEL, b"last")
        await until_true(lambda: kept.wide_epoch > wide)
        while await anext(words) != Message(RIGHTS_CHANNEL, b"last"):
            pass
        before, wide = kept.epoch, kept.wide_epoch
        for word in ("remove", "admit"):
            assert await ask(lead, word, room="2") == {"done": 7}
            assert await anext(words) == Message(RIGHTS_CHANNEL, f"class:{running}".encode())
    assert kept.epoch >= before + 2
    assert kept.wide_epoch == wide
