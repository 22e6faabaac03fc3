"""The calendar at its private address: for who has it, until it is renewed."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.plan import arrange, booked, form, page, send
from tests.services.house import House
from tongke import clock
from tongke.people import sign_in
from tongke.people.models import Account


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def made(house: House, name: str) -> str:
    """The path of a new address, as the page shows it, once."""
    answer = await send(house, name, "/timetable/calendar")
    found = re.search(r"http://[^<]+(/calendar/[\w-]{43}\.ics)", await answer.text())
    assert answer.status == 200 and found
    return found[1]


async def feed(house: House, path: str, **headers: str) -> tuple[int, str, str]:
    answer = await house.ask("", "GET", path, headers=headers)
    text = (await answer.text()).replace("\r\n ", "")
    return answer.status, text, answer.headers.get("ETag", "")


async def test_it_has_the_classes_that_concern_its_holder(house: House) -> None:
    number = await booked(house, **{"teacher-2": str(house.ids["xiang"])})
    path = await made(house, "xiang")
    status, text, _ = await feed(house, path)
    assert status == 200
    assert f"UID:class-{number}@" in text and "SUMMARY:有理数的加法" in text
    assert "STATUS:TENTATIVE" in text and "LOCATION:橘洲路中学 录播教室" in text
    _, others, _ = await feed(house, await made(house, "tang"))
    assert "VEVENT" not in others


async def test_a_client_that_has_it_is_told_that_nothing_is_new(house: House) -> None:
    number = await booked(house)
    path = await made(house, "zhou")
    _, first, tag = await feed(house, path)
    assert (await feed(house, path, **{"If-None-Match": tag}))[0] == 304
    await house.ask("zhou", "POST", f"/classes/{number}/cancel", data={"because": "外出"})
    status, text, _ = await feed(house, path, **{"If-None-Match": tag})
    assert status == 200 and "STATUS:CANCELLED" in text
    assert int(_sequence(text)) > int(_sequence(first))


def _sequence(text: str) -> str:
    return text.split("SEQUENCE:")[1].split("\r\n")[0]


async def test_a_new_address_ends_the_old_one_and_nobody_guesses(house: House) -> None:
    old = await made(house, "zhou")
    new = await made(house, "zhou")
    assert (await feed(house, old))[0] == 404
    assert (await feed(house, new))[0] == 200
    assert (await feed(house, "/calendar/x.ics"))[0] == 404
    # The address is not shown a second time, and an API token makes none.
    assert PurePosixPath(new).name not in await page(house, "zhou", "/timetable")
    assert (await house.ask("zhou", "POST", "/timetable/calendar")).status == 403


async def test_it_ends_with_its_holders_account(house: House) -> None:
    path = await made(house, "zhou")

    def disable(session: Session) -> None:
        session.get_one(Account, house.ids["zhou"]).disabled_at = clock.now()

    await house.ground.database.write(disable)
    assert (await feed(house, path))[0] == 404


async def test_it_ends_when_somebody_else_may_have_made_it(house: House) -> None:
    path = await made(house, "zhou")
    await house.ground.database.write(sign_in.end_everything, house.ids["zhou"])
    assert (await feed(house, path))[0] == 404


async def test_a_class_one_is_no_longer_in_is_gone_from_it(house: House) -> None:
    number = await booked(house, **{"teacher-2": str(house.ids["xiang"])})
    path = await made(house, "xiang")
    without = {**form(house), "seat": ""}
    assert (await house.ask("zhou", "POST", f"/classes/{number}/edit", data=without)).status == 303
    assert "VEVENT" not in (await feed(house, path))[1]
