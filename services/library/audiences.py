"""Audiences in words: what an author may choose from, and what a token is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from services.http.language import Language
from services.web.i18n import translations
from services.web.views import AudienceChoice
from tongke import clock
from tongke.people import audience
from tongke.people.audience import EVERYONE, RoleName, Viewer
from tongke.people.models import Account, Agreement, Region, Role, School
from tongke.people.queries import home_school, region_tree

# How the name of an education bureau ends, and no person's.
_OFFICE = re.compile(r"教.*[局厅委]$")


def choices(
    session: Session, viewer: Viewer, language: Language, school: School | None = None
) -> tuple[AudienceChoice, ...]:
    """What this author may publish to, from the narrowest; and who decides, where one must.
    `school`: for which of the author's own; None: for the first."""
    gettext = translations(language).gettext
    school = school or home_school(session, viewer)
    found = [AudienceChoice(audience.user(viewer.account_id), gettext("只有我"))]
    if school is None:
        return tuple(found)
    found.append(AudienceChoice(audience.school(school.id), gettext("本校")))
    found += [
        AudienceChoice(audience.agreement(row.id), _partner(row, viewer).name)
        for row in _agreements(session, viewer)
    ]
    line = region_tree(session).line(school.region_code)
    names = regions(session, line)
    decide = {} if school.trusted else bureaus(session, line, language)
    for code in line:
        found.append(AudienceChoice(audience.region(code), names[code], decide.get(code)))
    if line:
        found.append(AudienceChoice(EVERYONE, gettext("所有人"), decide.get(line[-1])))
    return tuple(found)


def labels(session: Session, tokens: Sequence[str], language: Language) -> tuple[str, ...]:
    """What these tokens are called, in their order."""
    gettext = translations(language).gettext
    parts = [token.partition(":")[::2] for token in tokens]
    names = regions(session, [value for kind, value in parts if kind == "region"])
    found = []
    for kind, value in parts:
        if kind == "region":
            found.append(names.get(value, value))
        elif kind == EVERYONE:
            found.append(gettext("所有人"))
        elif kind == "admin":
            school = session.get(School, int(value))
            found.append(gettext("%(school)s的管理员") % {"school": school.name if school else ""})
        else:
            found.append(_name(session, kind, int(value)))
    return tuple(found)


def regions(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Names of regions by their codes."""
    query = select(Region.code, Region.name).where(Region.code.in_(list(codes)))
    return dict(session.execute(query).all())


def bureaus(session: Session, codes: Iterable[str], language: Language) -> dict[str, str]:
    """Who decides in these regions, by their codes, as an office and never as a person.

    A bureau is 教育局 here, 教育和体育局 there and 教育厅 in a province, so that its name is taken
    from its own account; where officers sign in under their own names, it is said in words that
    are right anywhere.
    """
    names = regions(session, codes)
    query = (
        select(Role.region_code, Account.name)
        .join(Role.account)
        .where(
            Role.name == RoleName.OFFICER,
            Role.region_code.in_(names),
            Account.disabled_at.is_(None),
        )
        .order_by(Account.id.desc())
    )
    signed = {code: name for code, name in session.execute(query).all() if _OFFICE.search(name)}
    gettext = translations(language).gettext
    office = gettext("%(region)s教育部门")
    return {code: signed.get(code) or office % {"region": name} for code, name in names.items()}


def _name(session: Session, kind: str, number: int) -> str:
    if kind == "agreement":
        agreement = session.get(Agreement, number)
        if agreement is None:
            return ""
        return f"{agreement.lead_school.name} — {agreement.supported_school.name}"
    row = session.get(School, number) if kind == "school" else session.get(Account, number)
    return row.name if row else ""


def _agreements(session: Session, viewer: Viewer) -> list[Agreement]:
    mine = list(viewer.school_ids)
    if not mine:
        return []
    query = (
        select(Agreement)
        .options(joinedload(Agreement.lead_school), joinedload(Agreement.supported_school))
        .where(or_(Agreement.lead_school_id.in_(mine), Agreement.supported_school_id.in_(mine)))
    )
    today = clock.today()
    return [row for row in session.scalars(query.order_by(Agreement.id)) if row.holds_on(today)]


def _partner(row: Agreement, viewer: Viewer) -> School:
    """The side that is not the viewer's own; of two own schools, the other one."""
    sides = (row.supported_school, row.lead_school)
    others = [school for school in sides if school.id not in viewer.school_ids]
    return (others or [s for s in sides if s.id != viewer.home_school_id] or list(sides))[0]


def partners(session: Session, viewer: Viewer) -> list[School]:
    """The schools that this viewer's schools are paired with today."""
    mine = viewer.school_ids
    found = {
        school.id: school
        for row in _agreements(session, viewer)
        for school in (row.lead_school, row.supported_school)
        if school.id not in mine
    }
    return list(found.values())
