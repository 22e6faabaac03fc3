"""What one is told of classes, over JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy.orm import Session

from services.http.api import Api
from services.http.call import Call
from services.http.paging import Page, PageQuery, cut
from tongke.classes.agenda import notices
from tongke.classes.agenda.notices import NoticeKind
from tongke.classes.models import LiveClass
from tongke.classes.plan_models import Notice
from tongke.classes.queries import seen_by
from tongke.people.audience import Viewer

api = Api("plan")


class HoursOut(BaseModel):
    begins_at: datetime
    ends_at: datetime


class MovedOut(BaseModel):
    """When a class was until it was moved, and when it was to be from then on."""

    was: HoursOut
    now: HoursOut


class NoticeOut(BaseModel):
    """What one was told of a class. The class may be one that is not for them any more. `moved`:
    the class was moved then. `because`: of a partner's no, why it does not take part. `count` are
    the classes of a series that it tells of, `until` is when the last of several begins. Of a form
    of a lesson `by` is who sent it, or who answered it, and `form_id` the form; of a class that is
    not for them any more neither is said."""

    id: int
    kind: NoticeKind
    class_id: int
    created_at: datetime
    read_at: datetime | None
    moved: MovedOut | None
    because: str
    count: int
    until: datetime | None
    by: str
    form_id: int | None


@api.get("/notices", "What I was told of classes, the newest first")
async def list_notices(call: Call, query: PageQuery) -> Page[NoticeOut]:
    def read(session: Session) -> Page[NoticeOut]:
        me, before = call.viewer.account_id, query.after_id
        rows = notices.listed(session, me, limit=query.limit + 1, before_id=before)
        page, following = cut(rows, query.limit, lambda row: row.id)
        seen = _seen(session, call.viewer, page)
        return Page(items=[_told(row, row.class_id in seen) for row in page], next=following)

    return await call.read(read)


def _seen(session: Session, viewer: Viewer, rows: Iterable[Notice]) -> set[int]:
    """The classes of these that their reader sees still."""
    its = LiveClass.id.in_({row.class_id for row in rows})
    return set(session.scalars(seen_by(viewer).where(its).with_only_columns(LiveClass.id)))


def _told(row: Notice, is_seen: bool) -> NoticeOut:
    details = row.details if is_seen else notices.NO_DETAILS
    count, until = notices.series(row)
    return NoticeOut(
        id=row.id,
        kind=NoticeKind(row.kind),
        class_id=row.class_id,
        created_at=row.created_at,
        read_at=row.read_at,
        moved=_moved(row),
        because=row.details.get("because", ""),
        count=count,
        until=until,
        by=details.get("by", ""),
        form_id=details.get("form_id"),
    )


def _moved(row: Notice) -> MovedOut | None:
    found = notices.moved(row)
    if found is None:
        return None
    was, now = (HoursOut(begins_at=begins, ends_at=ends) for begins, ends in found)
    return MovedOut(was=was, now=now)
