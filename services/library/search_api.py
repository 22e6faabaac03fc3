"""Search and suggestions over JSON."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from search.index import FACETS, Run, Sort, Suggestion
from services.http.api import Api
from services.http.call import Call
from services.http.paging import MAX_LIMIT
from services.library.api import shown
from services.library.recognition import VOCABULARY
from services.library.schemas import ResourceOut
from services.library.searching import Wanted, find

api = Api("search")

Values = Annotated[list[Annotated[str, Field(max_length=120)]], Field(max_length=50)]


class SearchQuery(BaseModel):
    """Words and filters. Values of one facet are alternatives; facets must all be met."""

    q: Annotated[str, Field(max_length=500)] = ""
    literal: bool = False
    sort: Sort = Sort.RELEVANCE
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 20
    cursor: Annotated[str, Field(max_length=2000)] | None = None
    kind: Values = []
    stage: Values = []
    grade: Values = []
    subject: Values = []
    edition: Values = []
    unit: Values = []
    school: Values = []
    agreement: Values = []
    year: Values = []


class RunOut(BaseModel):
    """A piece of plain text; `marked` where it is what was searched for."""

    text: str
    marked: bool


class HitOut(BaseModel):
    resource: ResourceOut
    title: list[RunOut]
    snippet: list[RunOut]


class ChipOut(BaseModel):
    """What was recognised in the words: it lifts, it does not filter."""

    facet: str
    value: str
    spelling: str


class FacetValueOut(BaseModel):
    value: str
    label: str
    count: int


class SearchOut(BaseModel):
    """`relaxed` is a second list, of what nearly fits, when the first is short."""

    total: int
    items: list[HitOut]
    relaxed_reason: str | None
    relaxed: list[HitOut]
    chips: list[ChipOut]
    facets: dict[str, list[FacetValueOut]]
    next: str | None


class SuggestQuery(BaseModel):
    q: Annotated[str, Field(max_length=100)] = ""
    limit: Annotated[int, Field(ge=1, le=20)] = 8


class SuggestionOut(BaseModel):
    text: str
    kind: str
    url: str
    runs: list[RunOut]


class Suggestions(BaseModel):
    items: list[SuggestionOut]


@api.get("/search", "Find resources")
async def search(call: Call, query: SearchQuery) -> SearchOut:
    filters = {name: tuple(getattr(query, name)) for name in FACETS}
    wanted = Wanted(query.q, filters, query.sort, query.limit, query.cursor, query.literal)
    found = await find(call, wanted)
    rows = [row for _, row in (*found.hits, *found.relaxed)]
    views = await call.read(shown, call.viewer, call.language, rows)
    items = [
        HitOut(resource=view, title=_runs(hit.title), snippet=_runs(hit.snippet))
        for (hit, _), view in zip((*found.hits, *found.relaxed), views, strict=True)
    ]
    page = found.page
    return SearchOut(
        total=page.total,
        items=items[: len(found.hits)],
        relaxed_reason=page.relaxed.reason if page.relaxed else None,
        relaxed=items[len(found.hits) :],
        chips=[
            ChipOut(facet=chip.facet, value=chip.value, spelling=chip.spelling)
            for chip in page.chips
        ],
        facets={
            facet: [
                FacetValueOut(
                    value=value,
                    label=found.agreements[value] if facet == "agreement" else value,
                    count=count,
                )
                for value, count in values.items()
            ]
            for facet, values in found.facets.items()
        },
        next=page.cursor,
    )


@api.get("/search/suggest", "Complete what is being typed")
async def suggest(call: Call, query: SuggestQuery) -> Suggestions:
    found = await call.ground.index.suggest(
        query.q, call.viewer.tokens, limit=query.limit, vocabulary=VOCABULARY
    )
    return Suggestions(
        # An agreement is a number, which nobody types.
        items=[_suggestion(item) for item in found if item.facet != "agreement"]
    )


def _suggestion(item: Suggestion) -> SuggestionOut:
    facet, value = item.facet, item.value
    wanted = {facet: value} if facet and value else {"q": f'"{item.text}"'}
    return SuggestionOut(
        text=item.text,
        kind=facet or "title",
        url=f"/library?{urlencode(wanted)}",
        runs=_runs(item.runs),
    )


def _runs(runs: tuple[Run, ...]) -> list[RunOut]:
    return [RunOut(text=run.text, marked=run.marked) for run in runs]
