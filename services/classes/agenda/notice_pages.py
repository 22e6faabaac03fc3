"""What somebody was told of classes, with what they have read."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web
from sqlalchemy.orm import Session

from services.classes.agenda import notice_details
from services.classes.agenda.class_cards import asked, card
from services.http.call import Call
from services.http.paging import PageQuery, cut
from services.web import views
from services.web.page import Pages, done, form_values, show
from tongke import clock
from tongke.classes.agenda import mine, notices
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
    """A notice; of a class that its reader sees no more what they knew of it then."""
    now, live = clock.now(), row.live_class
    told = row.id, row.kind, row.created_at, row.read_at is None
    count, until = notices.series(row)
    if not may_watch(session, call.viewer, row.class_id):
        title, begins_at = notices.known(row)
        return views.NoticeRow(
            *told, None, title=title, begins_at=begins_at, count=count, until=until
        )
    waiting = _asked(session, call, row, now)
    return views.NoticeRow(
        *told,
        card(session, live, call.viewer, now),
        waiting,
        moved=notice_details.moved(row),
        answered=notice_details.answered(session, row),
        because=row.details.get("because", ""),
        awaited=notice_details.awaited(row, live, now),
        count=count,
        until=until,
        by=row.details.get("by", ""),
        form_id=row.details.get("form_id"),
        lent_no_more=row.details.get("lent_no_more", False),
    )


def _asked(session: Session, call: Call, row: Notice, now: datetime) -> views.Asked | None:
    """Of a notice that asks what still waits for the answer: of a series all from its class on."""
    if row.kind not in notices.ASKING:
        return None
    live = row.live_class
    found = mine.waits_with(session, call.viewer, live, now)
    found = [each for each in found if each.begins_at >= live.begins_at]
    return asked(found) if found else None


@pages.post("/notices/read")
async def read(call: Call) -> web.StreamResponse:
    """All up to the newest that the page showed; what came since is still unread."""
    until = (await form_values(call.request)).get("until", "")
    number = int(until[:15]) if until.isascii() and until.isdigit() else 0
    await call.write(notices.mark_read, call.viewer.account_id, until_id=number)
    return done("/notices", "notices-read")
