"""Where people stopped in a lesson, on whatever device, and how often it is watched.

Everybody who watches reports every few seconds. Such a report writes one row, that person's own,
and nothing that another's report reads or writes: a lesson that a whole province watches would
otherwise have a row that everybody waits for. So a view is noted beside the position, and the
views of a lesson are counted in rounds (`count_views`, by the sweeper).
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import case, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tongke import clock
from tongke.errors import NotFound
from tongke.library import outbox, queries
from tongke.library.models import Resource, WatchPosition
from tongke.people.audience import Viewer

# Watching the same lesson again within this many seconds of the last report is one view.
VIEW_GAP_S = 3600.0

COUNTED_AT_ONCE = 500

# Who stopped within the first seconds, of a short one within its first words, has not begun
# (web/player/position.ts starts those from the beginning).
BEGUN_S = 15.0
BEGUN_PART = 0.05
# A lesson is watched once it was followed for all but its last words.
TO_THE_END = 0.95


def position(session: Session, viewer: Viewer, resource_id: int) -> float:
    """Where this person stopped, in seconds; 0 if never begun."""
    row = session.get(WatchPosition, (viewer.account_id, resource_id))
    return row.seconds if row else 0.0


def keep_position(session: Session, viewer: Viewer, resource_id: int, seconds: float) -> None:
    """Remember where a person is. Begun anew after a while, it is one more view.

    One statement, whatever is there: two devices of a person may report in the same moment
    (`Database.write_alone`).

    Raises:
        NotFound: the resource is not there, or not for this viewer.
    """
    if not queries.may_see(session, viewer, resource_id):
        raise NotFound
    now = clock.now()
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    report = dialect.insert(WatchPosition).values(
        account_id=viewer.account_id,
        resource_id=resource_id,
        seconds=seconds,
        updated_at=now,
        uncounted_views=1,
    )
    begun_anew = WatchPosition.updated_at < now - timedelta(seconds=VIEW_GAP_S)
    statement = report.on_conflict_do_update(
        index_elements=[WatchPosition.account_id, WatchPosition.resource_id],
        set_={
            "seconds": report.excluded.seconds,
            "updated_at": report.excluded.updated_at,
            "uncounted_views": WatchPosition.uncounted_views + case((begun_anew, 1), else_=0),
        },
    )
    session.execute(statement, execution_options={"synchronize_session": False})


def count_views(session: Session) -> int:
    """Add views that were noted to their lessons, a batch at a time; of how many people.

    On PostgreSQL a transaction that takes no part in the order (`Database.write_alone`): it locks
    what it changes, and leaves a row that is just being written to the next round.
    """
    noted = session.execute(
        select(WatchPosition.account_id, WatchPosition.resource_id, WatchPosition.uncounted_views)
        .where(WatchPosition.uncounted_views > 0)
        .limit(COUNTED_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    if not noted:
        return 0
    keys = [(account_id, resource_id) for account_id, resource_id, _ in noted]
    session.execute(
        update(WatchPosition)
        .where(tuple_(WatchPosition.account_id, WatchPosition.resource_id).in_(keys))
        .values(uncounted_views=0)
        .execution_options(synchronize_session=False)
    )
    views: Counter[int] = Counter()
    for _, resource_id, count in noted:
        views[resource_id] += count
    lessons = select(Resource).where(Resource.id.in_(views)).order_by(Resource.id).with_for_update()
    for lesson in session.scalars(lessons):
        lesson.views += views[lesson.id]
        # Numbered only now that the row is ours: numbers of a resource go up.
        outbox.announce(session, lesson)
    return len(noted)


def begun(session: Session, viewer: Viewer, limit: int) -> list[tuple[Resource, float]]:
    """Lessons this person began and has not finished, the last one first."""
    query = (
        queries.with_people(select(Resource))
        .join(WatchPosition, WatchPosition.resource_id == Resource.id)
        .add_columns(WatchPosition.seconds)
        .where(
            WatchPosition.account_id == viewer.account_id,
            or_(
                WatchPosition.seconds >= BEGUN_S,
                WatchPosition.seconds >= Resource.duration_s * BEGUN_PART,
            ),
            WatchPosition.seconds < Resource.duration_s * TO_THE_END,
            queries.visible_to(viewer.tokens),
        )
        .order_by(WatchPosition.updated_at.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]
