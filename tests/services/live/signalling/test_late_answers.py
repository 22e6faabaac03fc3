"""Answers that arrive when the result was shown already."""

from __future__ import annotations

import pytest

from services.live.signalling import late_answers
from services.live.signalling.classroom import lesson_clock_ms
from tests.services.house import House
from tests.services.live.kept_rows import kept_rows
from tests.services.live.signalling.test_socket import ask, entered, event_of, until
from tongke.live import decide


async def test_the_result_is_shown_anew_a_little_later(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_answers, "LOOKED_EVERY_S", 0.05)
    monkeypatch.setattr(decide, "GATHERED_MS", 100)
    lead, _ = await entered(house, running, "zhou")
    room, _ = await entered(house, running, "room")
    await ask(lead, "begin")
    question = {"kind": "short", "text": "2 + 1 = ?", "right": ["3"]}
    await ask(lead, "open_quiz", quiz="q1", question=question)
    seen = round(lesson_clock_ms())
    await ask(lead, "show_answer", quiz="q1")
    assert "done" in await ask(room, "answer", quiz="q1", given=["3"], shown_ms=seen)
    shown = await until(room, event_of("show_answer"))
    while shown["event"]["by"]["role"] == "lead":
        shown = await until(room, event_of("show_answer"))
    assert shown["event"]["by"]["role"] == "server"
    assert (shown["event"]["result"]["answered"], shown["event"]["result"]["right"]) == (1, 1)
    await ask(lead, "end")
    log = await house.ground.database.read(kept_rows, running)
    kinds = [row.kind for row in log if row.kind in {"answer", "show_answer"}]
    assert kinds == ["show_answer", "answer", "show_answer"]
