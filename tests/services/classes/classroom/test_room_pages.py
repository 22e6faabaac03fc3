"""A classroom's screen: signed in once by a slip, told what to show, and nobody else's page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.services.house import House, person, session_cookie
from tongke import clock
from tongke.classes.models import ClassToken, LiveClass
from tongke.classes.plan import booking
from tongke.classes.plan.booking import Wanted
from tongke.classes.running import lifecycle
from tongke.classes.vocabulary import SeatState, State
from tongke.people import slips
from tongke.people.audience import EVERYONE
from tongke.people.models import LoginSession, Room
from tongke.people.secret import digest

YEAR_S = 365 * 86_400


async def slip_for(house: House, name: str) -> str:
    def make(session: Session) -> str:
        return slips.issue(session, house.ids["head"], house.ids[name])[1]

    return await house.ground.database.write(make)


async def now(house: House) -> Any:
    cookies = await session_cookie(house, "room")
    return await house.json("", "GET", "/api/v1/room", cookies=cookies)


async def change(house: House, class_id: int, **values: Any) -> None:
    def write(session: Session) -> None:
        live = session.get_one(LiveClass, class_id)
        for name, value in values.items():
            setattr(live, name, value)

    await house.ground.database.write(write)


async def test_a_device_signs_in_once_for_more_than_a_year(house: House, running: int) -> None:
    code = await slip_for(house, "room")
    prefilled = await house.ask("", "GET", f"/room/in?code={code}")
    assert code in await prefilled.text()
    entered = await house.ask("", "POST", "/room/in", data={"code": code.lower()})
    assert (entered.status, entered.headers["Location"]) == (303, "/room")
    assert int(entered.cookies["tongke"]["max-age"]) > YEAR_S
    page = await house.ask("", "GET", "/room")
    text = await page.text()
    assert page.status == 200
    assert "七（2）班" in text and "桐木溪中学" in text
    again = await house.ask("", "POST", "/room/in", data={"code": code})
    assert again.status == 422
    assert code in await again.text()


async def test_a_persons_slip_signs_no_screen_in(house: House) -> None:
    code = await slip_for(house, "zhou")
    answer = await house.ask("", "POST", "/room/in", data={"code": code})
    assert answer.status == 422
    # It is still good for what it was made for.
    said = {"code": code, "password": "一句好记的话 2026", "again": "一句好记的话 2026"}
    assert (await house.ask("", "POST", "/slip", data=said)).status == 303


async def test_a_screen_in_use_never_has_to_sign_in_again(house: House, running: int) -> None:
    """However it came in, and half a year before its session would end."""
    cookies = await session_cookie(house, "room")
    page = await house.ask("", "GET", "/room", cookies=cookies)
    assert int(page.cookies["tongke"]["max-age"]) > YEAR_S

    def expires(session: Session) -> list[Any]:
        held = select(LoginSession).where(LoginSession.account_id == house.ids["room"])
        return [each.expires_at for each in session.scalars(held)]

    (until,) = await house.ground.database.read(expires)
    assert until > clock.now() + timedelta(days=365)
    assert "tongke" not in (await house.ask("", "GET", "/room", cookies=cookies)).cookies


async def test_the_page_is_for_screens(house: House, running: int) -> None:
    nobody = await house.ask("", "GET", "/room")
    assert (nobody.status, nobody.headers["Location"]) == (303, "/room/in")
    for name in ("zhou", "head", "county", "operator"):
        page = await house.ask(name, "GET", "/room")
        assert page.status == 403
        assert "这一页是教室大屏用的" in await page.text()
        assert (await house.ask(name, "GET", "/api/v1/room")).status == 403


async def test_a_screen_is_told_its_running_class(house: House, running: int) -> None:
    told = await now(house)
    assert (told["name"], told["school"]) == ("七（2）班", "桐木溪中学")
    coming = told["next"]
    assert coming["id"] == running
    assert coming["may_join"] and coming["running"] and not coming["leads"]
    assert (coming["teacher"], coming["school"], coming["beside"]) == (
        "zhou",
        "橘洲路中学",
        "xiang",
    )
    assert coming["recording"] == {"rooms_seen": True, "rooms_heard": True, "also_for": []}
    assert coming["rooms"] == {"2": "桐木溪中学 七（2）班"}
    door = coming["phones"]
    assert len(door["code"]) == 6
    assert door["url"].endswith("/q") and door["qr"].startswith("data:image/svg+xml")
    await house.ground.database.write(lifecycle.end, running)
    assert (await now(house))["next"] is None


async def test_both_ends_are_told_of_a_recording_appliance(house: House, running: int) -> None:
    async def said() -> tuple[bool, bool]:
        lead = await house.json("zhou", "GET", f"/api/v1/classes/{running}/lead")
        return lead["appliance"], (await now(house))["next"]["appliance"]

    def give_key(session: Session) -> None:
        session.get_one(Room, 1).stream_key_hash = digest("sk_of-the-lead-room")

    house.ground.settings.rtmp_port = 1936
    assert await said() == (False, False)
    await house.ground.database.write(give_key)
    assert await said() == (True, True)
    house.ground.settings.rtmp_port = 0
    assert await said() == (False, False), "the service takes none"


async def test_whom_the_recording_is_for_is_said_beforehand(house: House, running: int) -> None:
    def invite(session: Session) -> None:
        session.add(ClassToken(class_id=running, token=EVERYONE))

    await house.ground.database.write(invite)
    assert (await now(house))["next"]["recording"]["also_for"] == ["所有人"]
    told = await house.json("zhou", "GET", f"/api/v1/classes/{running}/lead")
    assert told["recording"]["also_for"] == ["所有人"]


@pytest.mark.parametrize(
    ("minutes", "where", "may_join"),
    [(30, "too-early", False), (9, "doors-open", True), (-1, "should-run", True),
     (-20, "late", True)],
)  # fmt: skip
async def test_doors_open_ten_minutes_before(
    house: House, running: int, minutes: int, where: str, may_join: bool
) -> None:
    begins = clock.now() + timedelta(minutes=minutes)
    times = {"begins_at": begins, "ends_at": begins + timedelta(minutes=40)}
    await change(house, running, state=State.BOOKED, started_at=None, phone_code=None, **times)
    coming = (await now(house))["next"]
    assert (coming["moment"], coming["may_join"]) == (where, may_join)
    assert not coming["running"]


async def test_what_was_missed_declined_or_called_off_is_not_waited_for(
    house: House, running: int
) -> None:
    begins = clock.now() - timedelta(minutes=50)
    await change(house, running, state=State.BOOKED, started_at=None,
                 begins_at=begins, ends_at=begins + timedelta(minutes=40))  # fmt: skip
    assert (await now(house))["next"] is None
    await change(house, running, state=State.RUNNING, started_at=begins)
    assert (await now(house))["next"]["id"] == running, "it runs over"
    await house.ground.database.write(_decline, running)
    assert (await now(house))["next"] is None


async def test_what_its_room_was_only_asked_for_gives_way_to_its_own_schools_class(
    house: House, running: int
) -> None:
    """zhou's class has begun, and nobody of the room's school has said yes."""

    def book(session: Session) -> int:
        begins = clock.now() + timedelta(minutes=5)
        wanted = Wanted(
            title="本校的课", mode="broadcast", purpose="lesson", begins_at=begins,
            ends_at=begins + timedelta(minutes=40), teacher_id=house.ids["xiang"], school_id=2,
            room_id=2,
        )  # fmt: skip
        return booking.book(session, person(session, house, "xiang"), wanted).id

    assert (await now(house))["next"]["id"] == running
    own = await house.ground.database.write(book)
    assert (await now(house))["next"]["id"] == own
    later = clock.now() + timedelta(hours=3)
    await change(house, own, begins_at=later, ends_at=later + timedelta(minutes=40))
    assert (await now(house))["next"]["id"] == running, "that is not at the same time"


def _decline(session: Session, class_id: int) -> None:
    session.get_one(LiveClass, class_id).seats[0].state = SeatState.DECLINED


async def test_who_watches_has_a_page_of_their_own(house: House, running: int) -> None:
    for name, place in (("xiang", "七（2）班"), ("county", 'data-room=""'), ("head", "有理数")):
        page = await house.ask(name, "GET", f"/classes/{running}/watch")
        assert page.status == 200
        assert place in await page.text()
    lead = await house.ask("zhou", "GET", f"/classes/{running}/watch")
    assert lead.headers["Location"] == f"/classes/{running}/lead"
    cookies = await session_cookie(house, "room")
    screen = await house.ask("", "GET", f"/classes/{running}/watch", cookies=cookies)
    assert screen.headers["Location"] == "/room"
    assert (await house.ask("long", "GET", f"/classes/{running}/watch")).status == 404
    await house.ground.database.write(lifecycle.end, running)
    late = await house.ask("county", "GET", f"/classes/{running}/watch")
    assert late.headers["Location"] == f"/classes/{running}"
