"""What a class is given with: documents and slides, which its rooms see on the stage."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tongke.classes.models import LiveClass, Material
from tongke.errors import Invalid, Text
from tongke.library import queries
from tongke.library.models import Asset, Resource, ResourceToken
from tongke.library.queries import ResourceFilter, visible_to
from tongke.library.vocabulary import AssetRole, Kind, Medium
from tongke.people.audience import EVERYONE, Viewer, may_see
from tongke.people.queries import tokens_of_school

MOST: Final = 12
# A teacher's own that are offered at once; the others by their number.
OFFERED: Final = 30

TOO_MANY = Text("一节课最多带 {most} 份课件", "A class takes {most} materials at most")
NOT_THERE = Text(
    "没有找到这份课件，或者它不是文档：只有你能看到的文档和幻灯片才能带进课堂",
    "No such material: only documents and slides that you may see can be taken into a class",
)


TOO_FAR = Text(
    "别的学校的课件，只能给它原来可见范围里的人看：去掉这份课件，或者少请一些教室和观摩的人",
    "Another school's material is for whom it was given to: leave it out, or invite fewer rooms "
    "and observers",
)


def check(
    session: Session,
    viewer: Viewer,
    wanted: Sequence[int],
    invited: Collection[str],
    schools: Collection[int],
    kept: Collection[int] = (),
    shown_to: Collection[str] = (),
) -> None:
    """That somebody may take these into a class of rooms of these schools, for which others are
    invited. `kept` stand in it already, where `shown_to` were invited to see them.

    Raises:
        Invalid: too many; one that they may not see or that is no document; or another school's,
            for people whom that school has not given it to.
    """
    if len(wanted) > MOST:
        raise Invalid({"materials": TOO_MANY.format(most=MOST)})
    new = set(wanted) - set(kept)
    found = select(Resource.id).where(
        Resource.id.in_(new),
        Resource.medium == Medium.DOCUMENT,
        Resource.viewable_at.is_not(None),
        visible_to(viewer.tokens),
    )
    if new - set(session.scalars(found)):
        raise Invalid({"materials": NOT_THERE})
    for number, given in _of_others(session, viewer, wanted):
        opened_to = set(invited).difference(() if number in new else shown_to)
        too_far = EVERYONE not in given and not opened_to <= given
        if too_far or not all_see(session, schools, given):
            raise Invalid({"materials": TOO_FAR})


def all_see(session: Session, schools: Iterable[int], given: frozenset[str]) -> bool:
    """Whether the people of each of these schools see today what carries these tokens."""
    return all(may_see(tokens_of_school(session, school), given) for school in sorted(schools))


def given_to(session: Session, resource_id: int) -> frozenset[str]:
    """Whom a resource is for."""
    carried = select(ResourceToken.token).where(ResourceToken.resource_id == resource_id)
    return frozenset(session.scalars(carried))


def _of_others(
    session: Session, viewer: Viewer, numbers: Collection[int]
) -> Iterator[tuple[int, frozenset[str]]]:
    """Those that are another school's, each with whom that school has given it to."""
    theirs = session.scalars(
        select(Resource.id).where(
            Resource.id.in_(numbers),
            Resource.author_id != viewer.account_id,
            or_(Resource.school_id.is_(None), Resource.school_id.not_in(viewer.school_ids)),
        )
    )
    for number in theirs.all():
        yield number, given_to(session, number)


def put(live: LiveClass, wanted: Sequence[int]) -> None:
    """A class takes these, in this order, and no others."""
    held = {material.resource_id: material for material in live.materials}
    live.materials = [
        held.get(number) or Material(resource_id=number) for number in dict.fromkeys(wanted)
    ]
    for position, material in enumerate(live.materials):
        material.position = position


def of_class(session: Session, live: LiveClass) -> list[Resource]:
    """The materials of a class that are still there, in their order."""
    numbers = [material.resource_id for material in live.materials]
    found = select(Resource).where(Resource.id.in_(numbers), Resource.deleted_at.is_(None))
    rows = {row.id: row for row in session.scalars(found)}
    return [rows[number] for number in numbers if number in rows]


def without_pages(session: Session, numbers: Collection[int]) -> frozenset[int]:
    """Those of these that cannot be leafed through in a class (`running.decks`): what they say was
    taken out of them, and no pages were drawn, as of slides where no LibreOffice is."""
    drawn = select(Asset.resource_id).where(
        Asset.resource_id.in_(numbers), Asset.role == AssetRole.PAGE
    )
    return frozenset(numbers) - frozenset(session.scalars(drawn.distinct()))


def offered(session: Session, viewer: Viewer) -> list[Resource]:
    """Somebody's own documents and slides, the slides first, else the newest."""
    wanted = ResourceFilter(mine=True, viewable=True)
    mine = queries.list_resources(session, viewer, wanted, limit=4 * OFFERED)
    documents = [row for row in mine if row.medium == Medium.DOCUMENT]
    return sorted(documents, key=lambda row: row.kind != Kind.COURSEWARE)[:OFFERED]
