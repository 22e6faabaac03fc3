"""Pairings as plain records: who may register one, and how it ends.

An agreement is registered by the region of its level: a county's between schools of that county,
a city's within the city, a province's within the province (mission.md, clause 1).
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from tongke.errors import Forbidden, Invalid, NotFound, Text
from tongke.people.audience import Level, RoleName, Viewer
from tongke.people.models import Agreement, Region, School
from tongke.people.queries import region_tree

NO_SCHOOL = Text("没有这所学校", "There is no such school")
SAME_SCHOOL = Text("结对双方不能是同一所学校", "A school cannot be paired with itself")
BAD_TERM = Text("结束日期不能早于开始日期", "It cannot end before it begins")
NOT_AT_LEVEL = Text(
    "两所学校不在同一个这一级的地区", "The two schools share no region of this level"
)


def add_agreement(
    session: Session,
    actor: Viewer,
    *,
    level: Level,
    lead_school_id: int,
    supported_school_id: int,
    starts_on: date,
    ends_on: date,
) -> Agreement:
    """Register an agreement that holds from `starts_on` to `ends_on`, both days included.

    Raises Invalid with its fields, or Forbidden.
    """
    if lead_school_id == supported_school_id:
        raise Invalid({"supported_school_id": SAME_SCHOOL})
    if ends_on < starts_on:
        raise Invalid({"ends_on": BAD_TERM})
    schools = (
        _school(session, "lead_school_id", lead_school_id),
        _school(session, "supported_school_id", supported_school_id),
    )
    code = _registering_region(session, level, schools)
    if code is None:
        raise Invalid({"level": NOT_AT_LEVEL})
    _must_register(actor, code)
    agreement = Agreement(
        level=level,
        lead_school_id=lead_school_id,
        supported_school_id=supported_school_id,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    session.add(agreement)
    session.flush()
    return agreement


def end_agreement(session: Session, actor: Viewer, agreement_id: int) -> Agreement:
    """End an agreement now; its people lose what was shared under it at once. What follows for
    booked classes is `classes.plan.parting`, which calls this."""
    agreement = session.get(Agreement, agreement_id)
    if agreement is None:
        raise NotFound
    schools = agreement.lead_school, agreement.supported_school
    code = _registering_region(session, Level(agreement.level), schools)
    _must_register(actor, code)
    agreement.active = False
    return agreement


def _school(session: Session, field: str, school_id: int) -> School:
    school = session.get(School, school_id)
    if school is None:
        raise Invalid({field: NO_SCHOOL})
    return school


def _registering_region(
    session: Session, level: Level, schools: tuple[School, School]
) -> str | None:
    """The region of this level in which both schools lie, if there is one."""
    tree = region_tree(session)
    lead, supported = (tree.line(school.region_code) for school in schools)
    for code in lead:
        region = session.get(Region, code)
        if region is not None and region.level == level and code in supported:
            return code
    return None


def _must_register(actor: Viewer, code: str | None) -> None:
    """An officer of that very region registers it; one above looks on."""
    officers = {role.region_code for role in actor.roles if role.name is RoleName.OFFICER}
    if not (actor.has(RoleName.SYSTEM_ADMIN) or (code is not None and code in officers)):
        raise Forbidden
