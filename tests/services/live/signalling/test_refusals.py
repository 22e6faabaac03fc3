"""What a command comes to that could not be done: an answer, and the line goes on."""

from __future__ import annotations

import pytest

from services.live.signalling import classroom
from tests.services.house import House
from tests.services.live.signalling.away import Away
from tests.services.live.signalling.test_socket import ask, entered, event_of, until
from tongke.storage.retrying import DatabaseBusy


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DatabaseBusy(), "database-busy"),
        # What a driver says of a disk that fails.
        (OSError("disk I/O error"), "internal"),
    ],
)
async def test_what_the_database_could_not_write_is_refused_and_may_be_asked_again(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    lead, _ = await entered(house, running, "zhou")
    room, _ = await entered(house, running, "room")
    away = Away(house, monkeypatch, classroom._add)
    away.leave(error)
    refused = await ask(lead, "begin")
    assert (refused["refused"], refused["code"]) == (7, code)
    assert refused["message"] and refused["remedy"]
    away.come_back()
    assert await ask(lead, "begin") == {"done": 7}
    await until(room, event_of("begin"))
