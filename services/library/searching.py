"""A search for a viewer: asked of the index, shown from the database.

The index knows who may see what as of its last update, the database as of now; what is shown has
passed both. Facets name only what the viewer may know of: an agreement that is not the viewer's
is neither listed nor to be filtered by.

While the index is away, the library goes on without searching: it has what is newest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from search import query as query_language
from search.index import FACETS, Hit, Page, Sort
from search.query import Query
from services.http.call import Call
from services.library.recognition import VOCABULARY
from tongke.library import queries
from tongke.library.models import Resource
from tongke.library.queries import ResourceFilter
from tongke.people import audience
from tongke.people.audience import Viewer
from tongke.people.models import Agreement

Filters = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Wanted:
    """What is searched for. `literal` recognises no grades and subjects in the words."""

    text: str = ""
    filters: Filters | None = None
    sort: Sort = Sort.RELEVANCE
    limit: int = 20
    cursor: str | None = None
    literal: bool = False


@dataclass(frozen=True)
class Found:
    """What was found: hits with their resources, in order. Facet values are their own names, but
    for agreements, which are numbers."""

    query: Query
    page: Page
    hits: tuple[tuple[Hit, Resource], ...]
    relaxed: tuple[tuple[Hit, Resource], ...]
    facets: Mapping[str, Mapping[str, int]]
    agreements: Mapping[str, str]


async def find(call: Call, wanted: Wanted) -> Found:
    """Search as this viewer."""
    viewer = call.viewer
    parsed = query_language.parse(wanted.text, VOCABULARY, literal=wanted.literal)
    page = await call.ground.index.search(
        parsed,
        viewer.tokens,
        filters=_allowed(wanted.filters or {}, viewer),
        counted={"agreement": list(audience.agreements_of(viewer.tokens))},
        sort=wanted.sort,
        limit=wanted.limit,
        cursor=wanted.cursor,
    )
    return await call.read(_look_up, viewer, parsed, page)


@dataclass(frozen=True)
class Newest:
    """What is shown while the index is away: `total` counts all that can be watched or read."""

    resources: tuple[Resource, ...]
    total: int


def newest(session: Session, viewer: Viewer, limit: int) -> Newest:
    """The newest that this viewer may see, from the database."""
    wanted = ResourceFilter(viewable=True)
    rows = queries.list_resources(session, viewer, wanted, limit=limit)
    return Newest(tuple(rows), queries.count_resources(session, viewer, wanted))


def _allowed(filters: Filters, viewer: Viewer) -> dict[str, tuple[str, ...]]:
    kept = {name: values for name, values in filters.items() if values}
    if "agreement" in kept:
        mine = tuple(v for v in kept["agreement"] if audience.agreement(v) in viewer.tokens)
        # Asked only for what is not this viewer's: nothing has that value.
        kept["agreement"] = mine or ("0",)
    return kept


def _look_up(session: Session, viewer: Viewer, parsed: Query, page: Page) -> Found:
    relaxed = page.relaxed.hits if page.relaxed else ()
    ids = [hit.id for hit in (*page.hits, *relaxed)]
    resources = {row.id: row for row in queries.visible_by_ids(session, viewer, ids)}
    facets = {name: dict(page.facets.get(name, {})) for name in FACETS}
    return Found(
        query=parsed,
        page=page,
        hits=_paired(page.hits, resources),
        relaxed=_paired(relaxed, resources),
        facets=facets,
        agreements=agreement_names(session, facets["agreement"]),
    )


def _paired(
    hits: tuple[Hit, ...], resources: Mapping[int, Resource]
) -> tuple[tuple[Hit, Resource], ...]:
    return tuple((hit, resources[hit.id]) for hit in hits if hit.id in resources)


def agreement_names(session: Session, numbers: Iterable[str]) -> dict[str, str]:
    """What agreements are called: by their two schools."""
    wanted = [int(number) for number in numbers if number.isdigit()]
    rows = session.scalars(select(Agreement).where(Agreement.id.in_(wanted)))
    return {str(row.id): f"{row.lead_school.name} — {row.supported_school.name}" for row in rows}
