"""Trainings take no room, and all whom they are for are told of them: who leads one gives nothing
else at the time, and nobody books them without end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.booking.test_class import post
from tests.services.classes.plan import arrange, booked, day_ahead, form
from tests.services.house import House
from tongke.classes.models import LiveClass
from tongke.classes.plan import trainings

MOST = 3
TRAINING = {"purpose": "training", "mode": "broadcast", "room": "", "seat": ""}
REFUSED = "你今天已经约了 3 次研修，一天最多约 3 次。请明天再约，或者请同事来约"


@pytest.fixture(autouse=True)
async def plan(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.ground.database.write(arrange, house)
    monkeypatch.setattr(trainings, "MOST_A_DAY", MOST)


def training(house: House, days: int, **more: Any) -> dict[str, Any]:
    day = day_ahead(days).isoformat()
    return form(house, **{**TRAINING, "audience": "agreement:1", "day": day, **more})


async def all_of_a_day(house: House) -> list[int]:
    return [await booked(house, **training(house, 3 + each)) for each in range(MOST)]


@pytest.mark.parametrize("other", [{}, {**TRAINING, "audience": "agreement:1"}])
async def test_who_leads_a_training_gives_nothing_else_at_the_time(
    house: House, other: dict[str, str]
) -> None:
    await booked(house, **training(house, 3))
    text = await post(house, "zhou", "/classes/new", 409, **form(house, **other))
    assert "zhou已有《有理数的加法》" in text
    # Nor does who has a lesson lead one; a colleague does.
    tang = str(house.ids["tang"])
    await booked(house, **form(house, day=day_ahead(4).isoformat(), teacher=tang))
    await post(house, "zhou", "/classes/new", 409, **training(house, 4, teacher=tang))
    await booked(house, **training(house, 4))


async def test_one_more_than_the_most_of_a_day_is_refused_with_what_to_do(house: House) -> None:
    await all_of_a_day(house)
    text = await post(house, "zhou", "/classes/new", 422, **training(house, 10))
    assert REFUSED in text and 'value="有理数的加法"' in text, "what was typed is there"
    # A lesson is no training, and another's are hers.
    await booked(house, **form(house, day=day_ahead(11).isoformat()))
    tang = training(house, 12, teacher=str(house.ids["tang"]))
    await booked(house, "tang", **tang)


async def test_all_weeks_of_one_are_one(house: House) -> None:
    await booked(house, **training(house, 3, repeat="every"))
    await booked(house, **training(house, 4))


async def test_called_off_it_counts(house: House) -> None:
    numbers = await all_of_a_day(house)
    await post(house, "zhou", f"/classes/{numbers[0]}/cancel", because="停电")
    await post(house, "zhou", "/classes/new", 422, **training(house, 10))


async def test_the_next_day_there_are_more(house: House) -> None:
    numbers = await all_of_a_day(house)

    def yesterday(session: Session) -> None:
        session.get_one(LiveClass, numbers[0]).created_at -= timedelta(days=1)

    await house.ground.database.write(yesterday)
    await booked(house, **training(house, 10))


async def test_a_lesson_does_not_become_one_too_many(house: House) -> None:
    lesson = await booked(house, **form(house, day=day_ahead(20).isoformat()))
    numbers = await all_of_a_day(house)
    text = await post(house, "zhou", f"/classes/{lesson}/edit", 422, **training(house, 20))
    assert REFUSED in text
    # One that is a training is changed as before.
    await post(house, "zhou", f"/classes/{numbers[0]}/edit", **training(house, 3, title="听评课"))
