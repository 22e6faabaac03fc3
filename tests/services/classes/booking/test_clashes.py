"""What stands in the way of a change is said before it is sent, and is what the change is refused
for: of those that follow, with the day of the week that clashes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.web.formats import Formats
from services.web.i18n import translations
from tests.services.classes.booking.test_booking import rows
from tests.services.classes.booking.test_class import post
from tests.services.classes.plan import arrange, booked, day_ahead, form, said
from tests.services.house import House
from tongke import clock
from tongke.classes.plan_models import SchoolTimes


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


@pytest.fixture
async def weeks(house: House) -> list[int]:
    await booked(house, repeat="every")
    return [int(each["id"]) for each in await rows(house)]


async def asked(house: House, number: int, **more: Any) -> dict[str, Any]:
    """Moved to the third period, as the form asks."""
    body = {
        "when": {"day": day_ahead().isoformat(), "period": 3}, "room_ids": [1, 2],
        "teacher_ids": [house.ids["zhou"]], "but": number, **more,
    }  # fmt: skip
    found = await house.json("zhou", "POST", "/api/v1/classes/clashes", json=body)
    return dict(found)


async def taken(house: House, week: int, **more: Any) -> None:
    """Somebody has the partner's room in the third period of a week."""
    day = day_ahead(3 + 7 * week).isoformat()
    more = {"teacher": str(house.ids["tang"]), "room": "", "day": day, "period": "3", **more}
    await booked(house, "tang", **more)


async def test_a_later_week_that_clashes_is_named_where_it_is_to_be_changed_too(
    house: House, weeks: list[int]
) -> None:
    await taken(house, 2)
    told = await asked(house, weeks[0])
    assert (told["times"], told["lines"]) == (1, [])
    told = await asked(house, weeks[0], scope="following")
    clash = f"{said(day_ahead(17))} 10:00—10:40，桐木溪中学 七（2）班已有别的课"
    assert (told["times"], told["lines"]) == (6, [clash])
    values = {**form(house), "period": "3"}
    path = f"/classes/{weeks[0]}/edit"
    assert clash in await post(house, "zhou", path, 409, scope="following", **values)
    await post(house, "zhou", path, **values)


async def test_a_week_takes_the_rooms_and_teachers_that_it_has_itself(
    house: House, weeks: list[int]
) -> None:
    """The partner sends xiang to the second week alone; she has another class then."""
    xiang = str(house.ids["xiang"])
    await post(house, "long", f"/classes/{weeks[1]}/seats/2/confirm", teacher=xiang)
    await taken(house, 1, seat="4", **{"teacher-4": xiang})
    told = await asked(house, weeks[0], scope="following")
    assert told["lines"] == [f"{said(day_ahead(10))} 10:00—10:40，xiang已有别的课"]
    # Nor is what is taken out of all of them in the way.
    await taken(house, 2)
    told = await asked(house, weeks[0], scope="following", room_ids=[1])
    assert told["lines"] == [f"{said(day_ahead(10))} 10:00—10:40，xiang已有别的课"]


async def test_weeks_that_are_moved_together_are_not_in_their_own_way(
    house: House, weeks: list[int]
) -> None:

    def lengthen(session: Session) -> None:
        session.get_one(SchoolTimes, 1).last_day = day_ahead(60)

    await house.ground.database.write(lengthen)
    later = {"day": day_ahead(10).isoformat(), "period": 2}
    told = await asked(house, weeks[0], when=later)
    assert f"{said(day_ahead(10))} 08:50—09:30" in told["lines"][0]
    assert (await asked(house, weeks[0], when=later, scope="following"))["lines"] == []


async def test_a_week_that_would_fall_on_a_holiday_is_named(house: House, weeks: list[int]) -> None:
    free = day_ahead(11)

    def close(session: Session) -> None:
        session.get_one(SchoolTimes, 1).holidays = [free.isoformat()]

    await house.ground.database.write(close)
    when = {"day": (day_ahead() + timedelta(days=1)).isoformat(), "period": 2}
    told = await asked(house, weeks[0], when=when, scope="following")
    assert len(told["lines"]) == 1 and free.isoformat() in told["lines"][0]


async def test_a_week_that_would_fall_out_of_the_term_is_named(
    house: House, weeks: list[int]
) -> None:
    when = {"day": day_ahead(6).isoformat(), "period": 2}
    told = await asked(house, weeks[0], when=when, scope="following")
    assert len(told["lines"]) == 1 and day_ahead(41).isoformat() in told["lines"][0]
    values = {**form(house), "day": day_ahead(6).isoformat(), "scope": "following"}
    answer = await post(house, "zhou", f"/classes/{weeks[0]}/edit", 422, **values)
    assert told["lines"][0] in answer


async def test_it_says_how_often_and_from_when_to_when(house: House) -> None:
    formats = Formats("zh", translations("zh"), clock.now)
    first, last = (formats.plain_day(day_ahead(days)) for days in (3, 38))
    body: dict[str, Any] = {"when": {"day": day_ahead().isoformat(), "period": 3}}
    told = await house.json("zhou", "POST", "/api/v1/classes/clashes", json=body)
    assert (told["times"], told["days"]) == (1, first)
    body["when"]["repeat"] = "every"
    told = await house.json("zhou", "POST", "/api/v1/classes/clashes", json=body)
    assert (told["times"], told["days"]) == (6, f"{first}到{last}")
