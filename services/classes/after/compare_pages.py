"""Two recordings of one lesson side by side (同课异构), on one time line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from typing import Final

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.api import parse_id
from services.http.call import Call
from services.library import lesson_marks
from services.library.schemas import asset_url
from services.web.page import Pages, show
from services.web.views.compare import CompareView, Recorded, Side
from tongke.classes.after import recorded
from tongke.errors import Conflict, Text
from tongke.library import queries
from tongke.library.models import Resource
from tongke.library.queries import ResourceFilter
from tongke.library.vocabulary import Kind, Medium
from tongke.people.audience import Viewer

pages = Pages()

BOTH: Final = 2
MOST_CHOICES: Final = 200
RECORDINGS: Final = ResourceFilter(kind=Kind.LESSON_RECORDING, viewable=True)


class NoPicture(Conflict):
    code = "no-picture-to-compare"
    message = Text("“{title}”不是录像，不能对比", "“{title}” is no recording with a picture")
    remedy = Text("请另选一节课堂实录", "Choose another lesson recording")


@pages.get("/compare")
async def compare(call: Call) -> web.StreamResponse:
    """Until both are chosen, the page asks for them."""
    asked = [parse_id(n) for name in ("a", "b") if (n := call.request.query.get(name, ""))]
    view = await call.read(_view, call.viewer, asked)
    return await show(call, view, status=HTTPStatus.CONFLICT if view.is_twice else HTTPStatus.OK)


def _view(session: Session, viewer: Viewer, asked: list[int]) -> CompareView:
    is_twice = len(asked) == BOTH and len(set(asked)) < BOTH
    rows = [_recording(session, viewer, number) for number in dict.fromkeys(asked)]
    sides = tuple(_side(session, viewer, row) for row in rows)
    choices = () if len(sides) == BOTH else _choices(session, viewer, rows)
    return CompareView(sides, choices, is_twice)


def _recording(session: Session, viewer: Viewer, resource_id: int) -> Resource:
    row = queries.visible_resource(session, viewer, resource_id)
    if row.viewable_at is None or row.medium != Medium.VIDEO:
        raise NoPicture(title=row.title)
    return row


def _side(session: Session, viewer: Viewer, row: Resource) -> Side:
    marks = lesson_marks.of_resource(session, viewer, row.id)
    poster = queries.posters(session, [row.id]).get(row.id)
    return Side(
        lesson=_told(row, recorded.begun_at(session, [row.id])),
        poster=asset_url(poster) if poster else None,
        chapters=marks.chapters,
        notes=marks.notes or (),
    )


def _choices(session: Session, viewer: Viewer, asked: list[Resource]) -> tuple[Recorded, ...]:
    """The recordings that this viewer may watch: after the one that was chosen, those that are
    likeliest to stand beside it, however old, and then the newest."""
    found = {row.id: row for row in asked}
    for wanted in _nearest_first(asked):
        rows = queries.list_resources(session, viewer, wanted, limit=MOST_CHOICES)
        found |= {row.id: row for row in rows if row.medium == Medium.VIDEO}
    shown = list(islice(found.values(), MOST_CHOICES))
    begun = recorded.begun_at(session, [row.id for row in shown])
    return tuple(_told(row, begun) for row in shown)


def _nearest_first(asked: list[Resource]) -> Iterator[ResourceFilter]:
    """Every subject has a first unit: of the same unit, those of the same subject come first."""
    for chosen in asked:
        if chosen.unit and chosen.subject:
            yield replace(RECORDINGS, unit=chosen.unit, subject=chosen.subject)
        if chosen.unit:
            yield replace(RECORDINGS, unit=chosen.unit)
        if chosen.subject:
            yield replace(RECORDINGS, subject=chosen.subject)
    yield RECORDINGS


def _told(row: Resource, begun: Mapping[int, datetime]) -> Recorded:
    return Recorded(
        id=row.id,
        title=row.title,
        teacher=row.author.name,
        school=row.school.name if row.school else "",
        subject=row.subject or "",
        when=begun.get(row.id, row.created_at),
        is_class=row.id in begun,
        length_s=row.duration_s,
    )
