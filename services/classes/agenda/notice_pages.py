"""What somebody was told of classes, with what they have read."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.orm import Session

from services.classes.agenda.class_cards import card
from services.http.call import Call
from services.http.paging import PageQuery, cut
from services.web import views
from services.web.page import Pages, done, form_values, show
from tongke import clock
from tongke.classes.agenda import notices
from tongke.classes.plan_models import Notice
from tongke.classes.queries import may_watch

pages = Pages()

ROWS = 30


@pages.get("/notices")
async def notices_page(call: Call) -> web.StreamResponse:
    return await show(call, await call.read(_view, call))


def _view(session: Session, call: Call) -> views.NoticesView:
    me = call.viewer.account_id
    query = PageQuery.of(call.request.query, limit=ROWS)
    rows = notices.listed(session, me, limit=ROWS + 1, before_id=query.after_id)
    page, following = cut(rows, ROWS, lambda row: row.id)
    return views.NoticesView(
        notices=tuple(row_of(session, call, row) for row in page),
        unread=notices.unread(session, me),
        newest=page[0].id if page else 0,
        first_url="/notices" if query.cursor else None,
        next_url=f"/notices?cursor={following}" if following else None,
    )


def row_of(session: Session, call: Call, row: Notice) -> views.NoticeRow:
    """A notice; of a class that its reader sees no more, only that there was one."""
    seen = may_watch(session, call.viewer, row.class_id)
    return views.NoticeRow(
        row.id,
        row.kind,
        row.created_at,
        row.read_at is None,
        card(session, row.live_class, call.viewer, clock.now()) if seen else None,
    )


@pages.post("/notices/read")
async def read(call: Call) -> web.StreamResponse:
    """All up to the newest that the page showed; what came since is still unread."""
    until = (await form_values(call.request)).get("until", "")
    number = int(until[:15]) if until.isascii() and until.isdigit() else 0
    await call.write(notices.mark_read, call.viewer.account_id, until_id=number)
    return done("/notices", "notices-read")
