"""A class in which much was drawn and asked: what is made of it holds nobody else up."""

from __future__ import annotations

import threading
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy.orm import Session

from services.classes.after import api, attendance_sheet
from services.classes.after.api import Cues
from tests.services.classes.lessons import held
from tests.services.house import House
from tongke.classes import kept_log
from tongke.classes.models import ClassEvent
from tongke.live import cues, events
from tongke.live.bodies import Stroke
from tongke.live.events import Event
from tongke.live.vocabulary import Role, Who

LEAD = Who(Role.LEAD, "7")
POINTS = tuple((number / 1000, 0.25) for number in range(500))
STROKES = 30


def _draw(session: Session, class_id: int) -> None:
    for number in range(STROKES):
        drawn = Event(0, number, LEAD, Stroke(stroke=f"s{number}", points=POINTS))
        row: dict[str, Any] = drawn.to_dict()
        session.add(ClassEvent(class_id=class_id, seq=1000 + number, **row))


async def test_cues_are_read_and_written_beside_the_loop(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await held(house, running)
    await house.ground.database.write(_draw, running)
    reading: list[threading.Thread] = []
    writing: list[threading.Thread] = []

    def read(media_ms: int, kind: str, payload: Any) -> Event:
        reading.append(threading.current_thread())
        return events.event(media_ms, kind, payload)

    def told(payload: Any) -> Any:
        writing.append(threading.current_thread())
        return cues.openly(payload)

    monkeypatch.setattr(kept_log, "event", read)
    monkeypatch.setattr(api, "openly", told)
    answer = await house.ask("zhou", "GET", f"/api/v1/classes/{running}/cues")
    assert answer.headers["Cache-Control"] == "private, no-store"
    found = Cues.model_validate_json(await answer.read()).items
    drawn = [cue for cue in found if cue.kind == "stroke"]
    assert [cue.payload["stroke"] for cue in drawn] == [f"s{number}" for number in range(STROKES)]
    assert all(cue.payload["points"] == [[*point] for point in POINTS] for cue in drawn)
    assert len(reading) == len(writing) == len(found)
    assert threading.current_thread() not in {*reading, *writing}


async def test_a_workbook_is_made_beside_the_loop(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await held(house, running)
    making: list[threading.Thread] = []

    class Book(attendance_sheet.Workbook):  # type: ignore[misc]  # xlsxwriter says no types
        def __init__(self, *args: Any) -> None:
            making.append(threading.current_thread())
            super().__init__(*args)

    monkeypatch.setattr(attendance_sheet, "Workbook", Book)
    answer = await house.ask("zhou", "GET", f"/classes/{running}/attendance.xlsx")
    with ZipFile(BytesIO(await answer.read())) as book:
        assert "xl/worksheets/sheet1.xml" in book.namelist()
    assert len(making) == 1
    assert threading.current_thread() not in making
