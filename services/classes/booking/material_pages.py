"""Putting materials on a class that is booked or runs, by a plain form of its own: in a class that
runs, nothing else can be changed."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.orm import Session

from services.classes.booking import choices, form
from services.http.api import parse_id
from services.http.call import Call
from services.web import views
from services.web.page import Pages, done, show
from tongke.classes.plan import more_materials
from tongke.errors import Invalid

pages = Pages()


@pages.get("/classes/{id}/materials")
async def material_page(call: Call) -> web.StreamResponse:
    return await show(call, await call.read(_view, call, _id(call), views.Form()))


@pages.post("/classes/{id}/materials")
async def add(call: Call) -> web.StreamResponse:
    class_id = _id(call)
    values = await form.posted(call.request)
    try:
        wanted = form.materials_of(values)
        await call.write(more_materials.add, call.viewer, class_id, wanted)
    except Invalid as error:
        again = views.Form(values, form.by_field(error), failure=error)
        return await show(call, await call.read(_view, call, class_id, again), status=error.status)
    return done(f"/classes/{class_id}", "materials-added")


def _id(call: Call) -> int:
    return parse_id(call.request.match_info["id"])


def _view(session: Session, call: Call, class_id: int, typed: views.Form) -> views.MaterialsView:
    live = more_materials.extendable(session, call.viewer, class_id)
    return views.MaterialsView(
        class_id=live.id,
        title=live.title,
        form=typed,
        materials=choices.more_papers(session, call, typed, live),
    )
