"""One resource: watched, read, waited for; edited, deleted, restored, tried again."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web
from markupsafe import Markup
from sqlalchemy.orm import Session

from services.http.api import parse_id
from services.http.call import Call
from services.http.forms import read_form
from services.library import audiences, cards, lesson_marks
from services.library.api import retry_job
from services.library.in_document import find_in_sections, mark_html
from services.library.media import MASTER
from services.library.schemas import asset_url, media_url, page_out
from services.library.text_layer import Layer, marks, read_lines
from services.web import views
from services.web.page import Pages, done, form_values, show
from tongke.errors import Forbidden, Invalid, TongkeError
from tongke.library import queries, resources
from tongke.library.models import Asset, Resource
from tongke.library.queries import ResourceFilter
from tongke.library.resources import ReviewState
from tongke.library.vocabulary import AssetRole, DownloadKind, Medium, State
from tongke.people.audience import Viewer

pages = Pages()

# Text layers drawn into the page; a longer document's later pages are pictures only.
MOST_LAYERS = 60
RELATED = 4


@pages.get("/resources/{id}")
async def resource_page(call: Call) -> web.StreamResponse:
    resource_id = parse_id(call.request.match_info["id"])
    row, shown, kept, progress, related = await call.read(_read, call, resource_id)
    if row.viewable_at is None:
        return await show(call, views.PendingView(shown, progress))
    downloads = cards.downloads(row, kept, call.viewer)
    if row.medium == Medium.DOCUMENT:
        return await show(call, await _document(call, shown, kept, downloads))
    unfinished = shown.may_delete and row.state != State.PUBLISHED
    marked = await call.read(lesson_marks.of_resource, call.viewer, resource_id)
    return await show(
        call,
        views.LessonView(
            shown,
            downloads,
            progress=progress if unfinished else None,
            hls=media_url(row.id, MASTER) if row.medium == Medium.VIDEO else None,
            plain_source=next(
                (d.url for d in downloads if d.kind in {DownloadKind.VIDEO, DownloadKind.SOUND}),
                None,
            ),
            related=related,
            marks=marked,
        ),
    )


def _read(
    session: Session, call: Call, resource_id: int
) -> tuple[Resource, views.Resource, list[Asset], views.Progress, tuple[views.Card, ...]]:
    viewer = call.viewer
    row = queries.visible_resource(session, viewer, resource_id)
    job = queries.latest_job(session, resource_id)
    shown = cards.resource_view(session, viewer, row, call.language)
    related = _related(session, viewer, row) if row.viewable_at else ()
    progress = cards.progress(row, job, mine=shown.may_edit)
    return row, shown, queries.assets(session, resource_id), progress, related


def _related(session: Session, viewer: Viewer, row: Resource) -> tuple[views.Card, ...]:
    """Others of the same unit."""
    if not row.unit:
        return ()
    wanted = ResourceFilter(unit=row.unit, subject=row.subject, viewable=True)
    rows = queries.list_resources(session, viewer, wanted, limit=RELATED + 1)
    return tuple(cards.cards(session, viewer, [r for r in rows if r.id != row.id][:RELATED]))


async def _document(
    call: Call, shown: views.Resource, kept: list[Asset], downloads: tuple[views.Download, ...]
) -> views.DocumentView:
    by_role = {asset.role: asset for asset in kept if asset.role != AssetRole.PAGE}
    outline = by_role[AssetRole.OUTLINE].details["entries"] if AssetRole.OUTLINE in by_role else []
    html = await _html(call, by_role[AssetRole.HTML]) if AssetRole.HTML in by_role else None
    query = call.request.query.get("q", "").strip()[:200]
    sections = []
    if query and AssetRole.SECTIONS in by_role:
        sections = json.loads(await _text(call, by_role[AssetRole.SECTIONS]))
    sheets = [asset for asset in kept if asset.role == AssetRole.PAGE]
    layers = await asyncio.gather(*(_layer(call, asset) for asset in sheets[:MOST_LAYERS]))

    def searched() -> tuple[str | None, tuple[views.PageImage, ...], tuple[views.Found, ...]]:
        return (
            None if html is None else mark_html(html, query),
            tuple(
                _page_image(asset, layers[i] if i < len(layers) else [], query)
                for i, asset in enumerate(sheets)
            ),
            tuple(find_in_sections(sections, query)),
        )

    # A long document takes a moment, and others are served meanwhile.
    marked, drawn, found = await asyncio.to_thread(searched)
    return views.DocumentView(
        shown,
        downloads,
        outline=tuple(
            views.Heading(entry["level"], entry["text"], entry["anchor"]) for entry in outline
        ),
        # Made by tongke.documents, which lets through a short list of tags and nothing else.
        html=Markup(marked) if marked is not None else None,  # noqa: S704
        pages=drawn,
        query=query,
        found=found,
        caveats=tuple(by_role[AssetRole.OUTLINE].details["caveats"])
        if AssetRole.OUTLINE in by_role
        else (),
    )


async def _html(call: Call, asset: Asset) -> str:
    """The document's HTML, its pictures (`media/…`, beside it) by their whole address."""
    text = await _text(call, asset)
    return text.replace('src="media/', f'src="{asset_url(asset, "media/")}')


async def _layer(call: Call, asset: Asset) -> Layer:
    return read_lines(json.loads(await _text(call, asset)))


async def _text(call: Call, asset: Asset) -> str:
    parts = [chunk async for chunk in call.ground.objects.read(asset.key)]
    return b"".join(parts).decode()


def _page_image(asset: Asset, layer: Layer, query: str) -> views.PageImage:
    page = page_out(asset)
    size = (page.width, page.height)
    return views.PageImage(
        number=page.number,
        width=page.width,
        height=page.height,
        small=page.small,
        large=page.large,
        lines=tuple(line.drawn(size) for line in layer),
        marks=tuple(marks(layer, query, size)),
    )


@pages.get("/resources/{id}/edit")
async def edit_page(call: Call) -> web.StreamResponse:
    return await show(call, await _edit_view(call, None, None))


@pages.post("/resources/{id}/edit")
async def edit(call: Call) -> web.StreamResponse:
    resource_id = parse_id(call.request.match_info["id"])
    posted = await read_form(call.request)
    values = await form_values(call.request)
    audience = [value for value in posted.getall("audience", []) if isinstance(value, str)]
    try:
        await call.write(resources.edit, call.viewer, resource_id, {**values, "audience": audience})
    except Invalid as error:
        typed = {**values, "audience": " ".join(audience)}
        return await show(call, await _edit_view(call, typed, error), status=error.status)
    return done(f"/resources/{resource_id}", "saved")


async def _edit_view(
    call: Call, typed: dict[str, str] | None, error: TongkeError | None
) -> views.EditView:
    resource_id = parse_id(call.request.match_info["id"])
    return await call.read(_edit_form, call, resource_id, typed, error)


def _edit_form(
    session: Session,
    call: Call,
    resource_id: int,
    typed: dict[str, str] | None,
    error: TongkeError | None,
) -> views.EditView:
    row = queries.visible_resource(session, call.viewer, resource_id)
    if not resources.may_edit(call.viewer, row):
        raise Forbidden
    asked = [review.token for review in row.reviews if review.state == ReviewState.WAITING]
    # Who mends what was returned means to submit it again; the page says so, and a tick undoes it.
    chosen = [*cards.granted(row), *asked, *cards.returned(row)]
    stored = {
        **resources.described(row),
        "audience": " ".join(chosen) or f"user:{row.author_id}",
    }
    fields = error.fields if isinstance(error, Invalid) else {}
    return views.EditView(
        resource=cards.resource_view(session, call.viewer, row, call.language),
        form=views.Form(typed or stored, fields, error if error and not fields else None),
        # Ticking none of these means only oneself.
        audiences=audiences.choices(session, call.viewer, call.language)[1:],
        reviewed=any(review.state == ReviewState.APPROVED for review in row.reviews),
    )


@pages.post("/resources/{id}/delete")
async def delete(call: Call) -> web.StreamResponse:
    resource_id = parse_id(call.request.match_info["id"])
    await call.write(resources.delete, call.viewer, resource_id)
    return done("/mine", "deleted", undo=f"/resources/{resource_id}/restore")


@pages.post("/resources/{id}/restore")
async def restore(call: Call) -> web.StreamResponse:
    resource_id = parse_id(call.request.match_info["id"])
    await call.write(resources.restore, call.viewer, resource_id)
    return done(f"/resources/{resource_id}", "restored")


@pages.post("/jobs/{id}/retry")
async def retry(call: Call) -> web.StreamResponse:
    await call.write(retry_job, call.viewer, parse_id(call.request.match_info["id"]))
    return done("/mine", "retrying")
