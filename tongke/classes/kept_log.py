"""The log of a class, read through beside the event loop where it is long. Afterwards, and by who
only looks on, it is read of some kinds alone, which the database picks out."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import Row, Text, cast, func, select
from sqlalchemy.orm import Session

from tongke.classes.models import ClassEvent
from tongke.live.events import Event, event
from tongke.storage.beside import beside

Numbered = tuple[int, Event]

# As text: what it says is read beside the loop as well.
_PAYLOAD: Final = cast(ClassEvent.payload, Text)
# Of most rows. A stroke of 500 points has 9000, and takes as much longer to read.
_CHARACTERS_OF_A_ROW: Final = 150


def numbered_logs(
    session: Session,
    classes: Collection[int],
    kinds: Collection[str],
    after: int = 0,
    most: int | None = None,
) -> dict[int, list[Numbered]]:
    """What happened in classes, each event with its number in the log, from behind a number; of
    each class the first `most`. One question for all of them."""
    asked = (
        select(ClassEvent.class_id, ClassEvent.seq, ClassEvent.media_ms, ClassEvent.kind, _PAYLOAD)
        .where(ClassEvent.class_id.in_(classes), ClassEvent.seq > after, ClassEvent.kind.in_(kinds))
        .order_by(ClassEvent.class_id, ClassEvent.seq)
    )
    if most is not None:
        place = func.row_number().over(partition_by=ClassEvent.class_id, order_by=ClassEvent.seq)
        ranked = asked.add_columns(place.label("place")).subquery()
        columns = list(ranked.c)
        asked = (
            select(*columns[:-1])
            .where(ranked.c.place <= most)
            .order_by(ranked.c.class_id, ranked.c.seq)
        )
    rows = session.execute(asked).all()
    read = beside(_weight(rows), _read, rows)
    return {number: read.get(number, []) for number in classes}


def _weight(rows: Sequence[Row[int, int, int, str, str]]) -> int:
    """How much there is to read, in rows as most of them are."""
    return max(len(rows), sum(len(row[-1]) for row in rows) // _CHARACTERS_OF_A_ROW)


def _read(rows: Sequence[Row[int, int, int, str, str]]) -> dict[int, list[Numbered]]:
    logs: dict[int, list[Numbered]] = {}
    for class_id, seq, media_ms, kind, payload in rows:
        logs.setdefault(class_id, []).append((seq, event(media_ms, kind, json.loads(payload))))
    return logs


def numbered_log(session: Session, class_id: int, kinds: Collection[str]) -> list[Numbered]:
    """The same of one class."""
    return numbered_logs(session, [class_id], kinds)[class_id]


def whole_log(session: Session, class_id: int, after: int = 0) -> list[Numbered]:
    """All that happened in a class from behind a number, in its order. What this version does not
    know is among it, for the next event's number follows it."""
    columns = ClassEvent.class_id, ClassEvent.seq, ClassEvent.media_ms, ClassEvent.kind, _PAYLOAD
    asked = select(*columns).where(ClassEvent.class_id == class_id, ClassEvent.seq > after)
    rows = session.execute(asked.order_by(ClassEvent.seq)).all()
    return beside(_weight(rows), _read, rows).get(class_id, [])


def log_of(session: Session, class_id: int, kinds: Collection[str]) -> list[Event]:
    """The same without the numbers."""
    return events_of(numbered_log(session, class_id, kinds))


def events_of(numbered: Iterable[Numbered]) -> list[Event]:
    return [happened for _, happened in numbered]
