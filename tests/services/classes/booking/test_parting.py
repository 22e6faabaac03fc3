"""A pairing ends: the other school is out of what is booked or runs, and is told; what has ended
stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp import WSMsgType
from sqlalchemy.orm import Session

from services.live.access.closing import Close
from tests.services.classes.booking.test_booking import notices, rows
from tests.services.classes.booking.test_class import post
from tests.services.classes.booking.test_more_materials import drawn, held
from tests.services.classes.plan import arrange, booked, page
from tests.services.house import AGREEMENT, House, person
from tests.services.live.signalling.test_socket import entered
from tests.waiting import LIMIT_S
from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.plan import parting
from tongke.classes.running import devices, lifecycle
from tongke.errors import NotFound
from tongke.library.models import ResourceToken
from tongke.people.models import Agreement


async def end(house: House) -> None:
    await house.ground.database.write(
        lambda s: parting.end_agreement(s, person(s, house, "province"), AGREEMENT)
    )


@pytest.fixture
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


@pytest.mark.usefixtures("plan")
async def test_of_a_series_the_partner_sees_none_and_each_is_told_once(house: House) -> None:
    number = await booked(house, repeat="every", **{"teacher-2": str(house.ids["xiang"])})
    await house.ground.database.write(_over, number)
    await end(house)
    following = (await rows(house))[1]["id"]
    for name in ("long", "xiang"):
        assert [each["id"] for each in await rows(house, name)] == [number], "what has ended stays"
    for name in ("long", "xiang", "othercounty"):
        await page(house, name, f"/classes/{following}", 404)
    assert await page(house, "zhou", f"/classes/{following}")
    told = await notices(house)
    for name in ("long", "xiang", "zhou", "head"):
        assert told.count((name, "changed")) == 1, name


def _over(session: Session, class_id: int) -> None:
    live = session.get_one(LiveClass, class_id)
    live.state, live.started_at, live.ended_at = "ended", clock.now(), clock.now()


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize("seat", ["", "2"])
async def test_what_the_partner_had_lent_is_out_as_well(house: House, seat: str) -> None:
    lent, open_to_all, own = [
        await drawn(house, *audience, author=author)
        for author, audience in (
            ("xiang", ["agreement:1"]), ("xiang", ["agreement:1", "school:1"]),
            ("zhou", ["agreement:1"]),
        )
    ]  # fmt: skip
    await house.ground.database.write(_give, open_to_all)
    taken = "\n".join(f"/resources/{number}" for number in (own, lent, open_to_all))
    number = await booked(house, name="tang", seat=seat, material_more=taken)
    before = await notices(house)
    assert await held(house, number) == [own, lent, open_to_all]
    await end(house)
    assert await held(house, number) == [own, open_to_all]
    told = [each for each in await notices(house) if each not in before]
    assert {("zhou", "changed"), ("tang", "changed")} <= set(told)
    assert (("long", "changed") in told) == bool(seat), "it was none of its business"
    decks = (await house.json("zhou", "GET", f"/live/{number}/decks"))["decks"]
    assert [deck["deck"] for deck in decks] == [str(own), str(open_to_all)]
    for name in ("zhou", "tang"):
        assert "对方学校的课件已从课里去掉" in await page(house, name, "/notices")
    assert await house.ground.database.read(parting.parted) == []


def _give(session: Session, number: int) -> None:
    """To everybody, as an officer let it out."""
    session.add(ResourceToken(resource_id=number, token="everyone"))


@pytest.mark.usefixtures("plan")
async def test_who_is_paired_no_more_confirms_nothing_and_may_still_decline(house: House) -> None:
    """Between the last day and the sweeper's round."""
    number = await booked(house)

    def run_out(session: Session) -> None:
        session.get_one(Agreement, AGREEMENT).ends_on = clock.today() - timedelta(days=1)

    await house.ground.database.write(run_out)
    path = f"/classes/{number}/seats/2"
    assert "两校的结对已经结束" in await post(house, "long", f"{path}/confirm", 409)
    await post(house, "long", f"{path}/decline")


@pytest.mark.usefixtures("plan")
async def test_another_agreement_of_the_two_schools_keeps_them_together(house: House) -> None:
    number = await booked(house)

    def renew(session: Session) -> None:
        session.add(
            Agreement(
                level="province", lead_school_id=2, supported_school_id=1,
                starts_on=clock.today(), ends_on=clock.today(),
            )
        )  # fmt: skip

    await house.ground.database.write(renew)
    await end(house)
    await page(house, "long", f"/classes/{number}")


async def test_in_a_class_that_runs_the_rooms_line_ends_and_its_phones_are_out(
    house: House, running: int
) -> None:
    def join(session: Session, place: int | None) -> str:
        code = session.get_one(LiveClass, running).phone_code or ""
        return devices.join(session, code, place, "14")[1]

    there = await house.ground.database.write(join, 2)
    beside_lead = await house.ground.database.write(join, None)
    room, _ = await entered(house, running, "room")
    await end(house)
    while (await room.receive(timeout=LIMIT_S)).type is WSMsgType.TEXT:
        pass
    assert room.close_code == Close.NO_CLASS
    assert (await house.ask("xiang", "GET", f"/live/{running}/admission")).status == 403
    with pytest.raises(NotFound):
        await house.ground.database.read(devices.device_in, there, running)
    assert await house.ground.database.read(devices.device_in, beside_lead, running)


async def test_who_was_in_a_class_that_has_ended_still_sees_that_it_was(
    house: House, running: int
) -> None:
    await house.ground.database.write(lifecycle.end, running)
    await end(house)
    assert (await house.ask("xiang", "GET", f"/live/{running}/admission")).status == 204
