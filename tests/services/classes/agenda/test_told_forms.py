"""A notice of a form of a lesson names the form and whom it is from, over JSON as on the page."""

from __future__ import annotations

from typing import Any

from tests.services.classes.observing.test_observe import sent
from tests.services.classes.plan import hold_alone
from tests.services.house import House


async def newest(house: House, name: str) -> dict[str, Any]:
    return dict((await house.json(name, "GET", "/api/v1/notices"))["items"][0])


async def test_whose_form_it_is_and_who_answered_it(house: House, running: int) -> None:
    number = await sent(house, running, "county")
    told = await newest(house, "zhou")
    assert (told["kind"], told["form_id"], told["by"]) == ("observed", number, "county")
    await house.ask("zhou", "POST", f"/observations/{number}/reply", data={"reply": "下次多等"})
    told = await newest(house, "county")
    assert (told["kind"], told["form_id"], told["by"]) == ("answered", number, "zhou")


async def test_of_a_class_that_is_not_for_them_any_more_neither_is_said(
    house: House, running: int
) -> None:
    number = await sent(house, running, "othercounty")
    await house.ask("zhou", "POST", f"/observations/{number}/reply", data={"reply": "下次多等"})
    await hold_alone(house, running)
    told = await newest(house, "othercounty")
    assert (told["kind"], told["form_id"], told["by"]) == ("answered", None, "")
