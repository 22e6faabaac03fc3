"""The calendar at its private address: for who has it, until it is renewed."""

from __future__ import annotations

import html
import re
from pathlib import PurePosixPath

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.plan import arrange, booked, day_ahead, form, page, send
from tests.services.house import House
from tongke import clock
from tongke.classes.times.week import Week
from tongke.people import sign_in
from tongke.people.models import Account


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def asks(house: House, name: str, path: str = "/timetable") -> tuple[str, dict[str, str]]:
    """The form of a page that makes an address: where it goes, and what it sends."""
    shown = await page(house, name, path)
    (action, fields) = re.findall(r'action="(/timetable/calendar[^"]*)">(.*?)</form>', shown)[0]
    sent = re.findall(r'name="(once|replaces)" value="([^"]*)"', fields)
    return html.unescape(action), {name: html.unescape(value) for name, value in sent}


def address_in(text: str) -> str:
    """The path of an address, as a page shows it."""
    found = re.search(r"http://[^<]+(/calendar/[\w-]{43}\.ics)", text)
    assert found, text
    return found[1]


async def made(house: House, name: str) -> str:
    """The path of a new address."""
    action, sent = await asks(house, name)
    answer = await send(house, name, action, **sent)
    assert answer.status == 200
    return address_in(await answer.text())


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


async def test_its_answer_stays_in_the_week_and_can_be_reloaded(house: House) -> None:
    week = str(Week.of(day_ahead(20)))
    action, sent = await asks(house, "zhou", f"/timetable?week={week}&mine=1")
    first, again = [await send(house, "zhou", action, **sent) for _ in range(2)]
    shown = await first.text()
    assert f'name="week" value="{week}"' in shown and 'name="mine" value="1" checked' in shown
    path = address_in(shown)
    assert address_in(await again.text()) == path
    assert (await feed(house, path))[0] == 200
    # It is the first that the page says, and a telephone's camera reads it.
    assert shown.index(path) < shown.index('class="week-filter"')
    assert f'href="webcal://127.0.0.1:{house.client.port}{path}"' in shown
    assert "data:image/svg+xml" in shown
    # Who goes to that address by hand sees the week.
    answer = await house.ask("zhou", "GET", action)
    assert answer.headers["Location"] == action.replace("/calendar", "")


async def test_a_page_of_before_does_not_bring_its_address_back(house: House) -> None:
    action, sent = await asks(house, "zhou")
    old = address_in(await (await send(house, "zhou", action, **sent)).text())
    new = await made(house, "zhou")
    answer = await send(house, "zhou", action, **sent)
    assert answer.status == 409 and "已经换过了" in await answer.text()
    assert (await feed(house, old))[0] == 404
    assert (await feed(house, new))[0] == 200


async def test_an_address_is_made_of_no_fewer_bits_than_ours(house: House) -> None:
    action, sent = await asks(house, "zhou")
    assert (await send(house, "zhou", action, **{**sent, "once": "1"})).status == 422
    # What one sends makes nobody else's address.
    theirs = address_in(await (await send(house, "zhou", action, **sent)).text())
    hers = address_in(await (await send(house, "tang", action, **sent)).text())
    assert theirs != hers


async def test_a_lesson_that_her_school_declined_is_off_for_who_was_to_sit_in(
    house: House,
) -> None:
    number = await booked(
        house, seat=["2", "4"], **{"teacher-2": str(house.ids["xiang"]), "teacher-4": ""}
    )
    paths = {name: await made(house, name) for name in ("xiang", "zhou")}
    _, before, _ = await feed(house, paths["xiang"])
    assert "STATUS:TENTATIVE" in before and "VALARM" in before
    await house.ask("long", "POST", f"/classes/{number}/seats/2/decline")
    _, after, _ = await feed(house, paths["xiang"])
    assert "STATUS:CANCELLED" in after and "VALARM" not in after
    assert int(_sequence(after)) > int(_sequence(before))
    # For who gives it the other room is still asked.
    assert "STATUS:TENTATIVE" in (await feed(house, paths["zhou"]))[1]


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
