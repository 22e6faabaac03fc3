"""The library page: facets, results, sort; its address says all of it and can be shared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from search.index import FACETS, Hit, IndexUnavailable, Relaxation, Run, Sort
from services.http.call import Call
from services.library import audiences, cards
from services.library.searching import Found, Wanted, find, newest
from services.web import views
from services.web.page import Pages, show
from tongke.library.models import Resource
from tongke.people.audience import Viewer

pages = Pages()

# Two screens of results; more is a page on.
HITS = 12
# A facet longer than this is a list to search in, not to choose from.
MOST_OPTIONS = 12


class Address:
    """The query string of the page, and those of its neighbours."""

    def __init__(self, request: web.Request) -> None:
        given = request.query
        self.text = given.get("q", "")[:500]
        self.literal = given.get("literal") == "1"
        self.sort = Sort(given["sort"]) if given.get("sort") in set(Sort) else Sort.RELEVANCE
        self.cursor = given.get("cursor")
        self.filters = {
            name: tuple(value[:120] for value in given.getall(name, [])[:50] if value)
            for name in FACETS
        }

    def url(self, **changes: object) -> str:
        """This page with something changed; always from its first page unless told otherwise."""
        values: dict[str, object] = {
            "q": self.text,
            "literal": "1" if self.literal else "",
            "sort": "" if self.sort is Sort.RELEVANCE else self.sort.value,
            **self.filters,
            **changes,
        }
        pairs = [
            (name, value)
            for name, given in values.items()
            for value in (given if isinstance(given, tuple) else (given,))
            if value
        ]
        return f"/library?{urlencode(pairs)}" if pairs else "/library"


@pages.get("/library")
async def library(call: Call) -> web.StreamResponse:
    address = Address(call.request)
    wanted = Wanted(
        address.text, address.filters, address.sort, HITS, address.cursor, address.literal
    )
    try:
        found = await find(call, wanted)
    except IndexUnavailable:
        return await show(call, await call.read(_without_search, call.viewer, address))
    hits, relaxed, paired = await call.read(_hits, call.viewer, found)
    return await show(call, _view(address, found, hits, relaxed, paired))


def _without_search(session: Session, viewer: Viewer, address: Address) -> views.LibraryView:
    """What is newest, whatever was asked for; the page says so."""
    found = newest(session, viewer, HITS)
    drawn = cards.cards(session, viewer, found.resources)
    return views.LibraryView(
        query=address.text,
        visible_total=found.total,
        total=found.total,
        hits=tuple(views.Hit(card, (Run(card.title),)) for card in drawn),
        facets=(),
        sorts=(),
        search_away=True,
    )


def _hits(
    session: Session, viewer: Viewer, found: Found
) -> tuple[tuple[views.Hit, ...], tuple[views.Hit, ...], frozenset[str]]:
    first = _hit_views(session, viewer, found.hits)
    second = _hit_views(session, viewer, found.relaxed)
    partners = frozenset(school.name for school in audiences.partners(session, viewer))
    return first, second, partners


def _hit_views(
    session: Session, viewer: Viewer, hits: Iterable[tuple[Hit, Resource]]
) -> tuple[views.Hit, ...]:
    hits = list(hits)
    drawn = cards.cards(session, viewer, [row for _, row in hits])
    return tuple(
        views.Hit(
            card,
            hit.title,
            hit.snippet,
        )
        for (hit, _), card in zip(hits, drawn, strict=True)
    )


def _view(
    address: Address,
    found: Found,
    hits: tuple[views.Hit, ...],
    relaxed: tuple[views.Hit, ...],
    partners: frozenset[str],
) -> views.LibraryView:
    page = found.page
    return views.LibraryView(
        query=address.text,
        visible_total=page.visible,
        total=page.total,
        hits=hits,
        facets=_facets(address, found, partners),
        sorts=_sorts(address, found),
        chips=tuple(
            views.Chip(chip.facet, chip.value, _without(address, chip.spelling))
            for chip in page.chips
        ),
        words=_words(found),
        literal_url=address.url(literal="1") if page.chips else None,
        relaxed=relaxed,
        by_sound=page.relaxed is not None and page.relaxed.reason is not Relaxation.SOME_WORDS,
        first_url=address.url() if address.cursor else None,
        next_url=address.url(cursor=page.cursor) if page.cursor else None,
        hidden=_hidden(address),
    )


def _sorts(address: Address, found: Found) -> tuple[views.Choice, ...]:
    """Nothing is relevant to no words: the newest come first then, and are called so."""
    browsing = found.query.is_browsing
    offered = [sort for sort in Sort if not (browsing and sort is Sort.RELEVANCE)]
    chosen = address.sort if address.sort in offered else Sort.NEWEST
    return tuple(
        views.Choice(sort.value, address.url(sort=sort.value), sort is chosen) for sort in offered
    )


def _words(found: Found) -> tuple[str, ...]:
    """The words that are looked for, beside what was recognised."""
    return tuple(word.typed for word in found.query.words)


def _hidden(address: Address) -> dict[str, str]:
    hidden = {} if address.sort is Sort.RELEVANCE else {"sort": address.sort.value}
    return hidden | ({"literal": "1"} if address.literal else {})


def _without(address: Address, spelling: str) -> str:
    """The same search with one spelling taken word for word."""
    return address.url(q=address.text.replace(spelling, f' "{spelling}" ', 1).strip())


def _facets(address: Address, found: Found, partners: frozenset[str]) -> tuple[views.Facet, ...]:
    drawn = []
    for name in FACETS:
        chosen = address.filters[name]
        counts = dict(found.facets.get(name, {}))
        for value in chosen:
            counts.setdefault(value, 0)
        if not counts or (len(counts) == 1 and not chosen and name in {"year", "stage"}):
            continue
        drawn.append(views.Facet(name, _options(name, counts, chosen, found.agreements, partners)))
    return tuple(drawn)


def _options(
    name: str,
    counts: Mapping[str, int],
    chosen: tuple[str, ...],
    agreements: Mapping[str, str],
    partners: frozenset[str],
) -> tuple[views.FacetOption, ...]:
    order = sorted(counts, key=lambda value: (value not in chosen, -counts[value], value))
    return tuple(
        views.FacetOption(
            value=value,
            label=_label(name, value, agreements),
            count=counts[value],
            selected=value in chosen,
            paired=name == "school" and value in partners,
        )
        for value in order[:MOST_OPTIONS]
    )


def _label(name: str, value: str, agreements: Mapping[str, str]) -> str:
    """The value itself: the page knows what the closed lists are called."""
    return agreements.get(value, value) if name == "agreement" else value
