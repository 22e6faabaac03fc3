"""An agreement is registered by the region of its level, and ends at once."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from tests.people.worlds import Town, viewer
from tongke.errors import Forbidden, Invalid, NotFound
from tongke.people import agreements
from tongke.people.audience import Level
from tongke.people.models import Agreement, School
from tongke.people.queries import viewer_of

FIRST, LAST = date(2026, 9, 1), date(2029, 8, 31)


def add(
    session: Session,
    town: Town,
    who: str,
    level: Level,
    supported: str = "里耶",
    ends_on: date = LAST,
) -> Agreement:
    return agreements.add_agreement(
        session,
        viewer(session, town[who]),
        level=level,
        lead_school_id=town.schools["育才"],
        supported_school_id=town.schools.get(supported, 999),
        starts_on=FIRST,
        ends_on=ends_on,
    )


def test_the_provinces_officer_registers_a_pair_of_two_cities(session: Session, town: Town) -> None:
    agreement = add(session, town, "province", Level.PROVINCE)
    for username in ("yucai.teacher", "liye.admin"):
        held = viewer_of(session, town[username], FIRST)
        assert held is not None and f"agreement:{agreement.id}" in held.tokens
    room = viewer_of(session, town["yucai.room"], FIRST)
    assert room is not None and room.tokens == frozenset()
    agreements.end_agreement(session, viewer(session, town["province"]), agreement.id)
    session.flush()
    ended = viewer_of(session, town["yucai.teacher"], FIRST)
    assert ended is not None and f"agreement:{agreement.id}" not in ended.tokens


@pytest.mark.parametrize("who", ["changsha", "furong", "longshan", "yucai.admin", "yucai.teacher"])
def test_nobody_else_registers_it(session: Session, town: Town, who: str) -> None:
    with pytest.raises(Forbidden):
        add(session, town, who, Level.PROVINCE)
    agreement = add(session, town, "root", Level.PROVINCE)
    with pytest.raises(Forbidden):
        agreements.end_agreement(session, viewer(session, town[who]), agreement.id)


def test_a_city_registers_within_the_city_and_nobody_above_does(
    session: Session, town: Town
) -> None:
    assert add(session, town, "changsha", Level.CITY, "麓山").level == "city"
    with pytest.raises(Forbidden):
        add(session, town, "province", Level.CITY, "麓山")
    for who in ("changsha", "root"):
        with pytest.raises(Invalid) as refused:
            add(session, town, who, Level.CITY, "里耶")
        assert refused.value.fields == {"level": agreements.NOT_AT_LEVEL}


def test_a_county_registers_within_the_county(session: Session, town: Town) -> None:
    neighbour = School(name="育英", region_code="430102")
    session.add(neighbour)
    session.flush()
    town.schools["育英"] = neighbour.id
    assert add(session, town, "furong", Level.COUNTY, "育英").level == "county"


@pytest.mark.parametrize(
    ("supported", "ends_on", "field"),
    [
        ("育才", LAST, "supported_school_id"),
        ("没有这所学校", LAST, "supported_school_id"),
        ("里耶", date(2026, 8, 31), "ends_on"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    session: Session, town: Town, supported: str, ends_on: date, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        add(session, town, "root", Level.PROVINCE, supported, ends_on)
    assert list(refused.value.fields) == [field]


def test_ending_what_is_not_there(session: Session, town: Town) -> None:
    with pytest.raises(NotFound):
        agreements.end_agreement(session, viewer(session, town["root"]), 999)
