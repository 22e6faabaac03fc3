"""Regions and their schools, for the officers above them and for operators."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.http.call import Call
from services.http.language import Language, say
from services.web.page import Pages, organisation, show
from services.web.views import RegionGroup, SchoolRow, SchoolsView
from tongke import clock
from tongke.errors import Forbidden, Text
from tongke.library.models import Resource
from tongke.library.queries import visible_to
from tongke.people import queries
from tongke.people.audience import RoleName, Viewer
from tongke.people.models import Region, Role, School

pages = Pages()

# A city's schools on one page; a province's are found by their names.
MOST_SCHOOLS = 500
EVERY_SCHOOL = Text("全部学校", "Every school")


@pages.get("/schools")
async def schools_page(call: Call) -> web.StreamResponse:
    if not call.viewer.has(RoleName.OFFICER, RoleName.SYSTEM_ADMIN):
        raise Forbidden
    words = call.request.query.get("q", "").strip()[:200]
    return await show(call, await call.read(_view, call.viewer, call.language, words))


def _view(session: Session, viewer: Viewer, language: Language, words: str) -> SchoolsView:
    everywhere = viewer.has(RoleName.SYSTEM_ADMIN)
    within = None if everywhere else viewer.reviews
    schools = _schools(session, within, words)
    return SchoolsView(
        title=say(EVERY_SCHOOL, language) if everywhere else organisation(session, viewer),
        regions=_groups(session, viewer, schools),
        school_total=len(schools),
        query=words,
    )


def _schools(session: Session, within: frozenset[str] | None, words: str) -> list[School]:
    found = select(School).order_by(School.region_code, School.id).limit(MOST_SCHOOLS)
    if within is not None:
        found = found.where(School.region_code.in_(within))
    if words:
        found = found.where(School.name.icontains(words, autoescape=True))
    return list(session.scalars(found))


def _groups(session: Session, viewer: Viewer, schools: Sequence[School]) -> tuple[RegionGroup, ...]:
    rows = _rows(session, viewer, schools)
    by_region = defaultdict[str, list[SchoolRow]](list)
    for school in schools:
        by_region[school.region_code].append(rows[school.id])
    tree = queries.region_tree(session)
    regions = {region.code: region for region in session.scalars(select(Region))}
    return tuple(
        RegionGroup(
            code,
            regions[code].name,
            regions[code].level,
            tuple(regions[above].name for above in reversed(tree.line(code)[1:])),
            tuple(held),
        )
        for code, held in by_region.items()
    )


def _rows(session: Session, viewer: Viewer, schools: Sequence[School]) -> dict[int, SchoolRow]:
    ids = [school.id for school in schools]
    people, resources = _people(session, ids), _resources(session, viewer, ids)
    partners = _partners(session, ids)
    return {
        school.id: SchoolRow(
            school.id,
            school.name,
            people.get(school.id, 0),
            resources.get(school.id, 0),
            f"/library?{urlencode({'school': school.name})}",
            tuple(partners[school.id]),
        )
        for school in schools
    }


def _people(session: Session, ids: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        select(Role.school_id, func.count(Role.account_id.distinct()))
        .where(Role.school_id.in_(ids))
        .group_by(Role.school_id)
    )
    return {school_id: count for school_id, count in rows if school_id is not None}


def _resources(session: Session, viewer: Viewer, ids: Sequence[int]) -> dict[int, int]:
    """Of what this viewer may see, and of nothing else: a count tells as much as a title."""
    rows = session.execute(
        select(Resource.school_id, func.count())
        .where(Resource.school_id.in_(ids), visible_to(viewer.tokens))
        .group_by(Resource.school_id)
    )
    return {school_id: count for school_id, count in rows if school_id is not None}


def _partners(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    """The names of the schools that these are paired with today."""
    today, found = clock.today(), defaultdict[int, list[str]](list)
    pairings = [p for p in queries.pairings_of(session, ids) if p.holds_on(today)]
    schools = {school for pairing in pairings for school in pairing.school_ids}
    named = session.execute(select(School.id, School.name).where(School.id.in_(schools)))
    names = dict(named.all())
    for pairing in pairings:
        for school_id in pairing.school_ids:
            found[school_id] += [names[other] for other in pairing.school_ids - {school_id}]
    return found
