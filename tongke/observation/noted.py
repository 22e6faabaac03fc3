"""Lessons with notes and without a form: whoever observes may leave it at notes, and whoever looks
for what came of a lesson has to find those too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from tongke.classes.models import NOTE_KINDS, ClassEvent, LiveClass
from tongke.classes.queries import seen_by
from tongke.classes.vocabulary import State
from tongke.observation.forms import FormState
from tongke.observation.lists import MOST_LISTED
from tongke.observation.models import Observation
from tongke.people.audience import Viewer


@dataclass(frozen=True)
class Noted:
    """A lesson, and how many notes of it there are."""

    live: LiveClass
    notes: int


def written_by(session: Session, viewer: Viewer) -> list[Noted]:
    """Lessons that somebody may see, wrote notes in, and has begun no form of; the newest first."""
    mine = _writer() == str(viewer.account_id)
    begun = Observation.account_id == viewer.account_id
    theirs = LiveClass.teacher_id != viewer.account_id
    return _noted(session, viewer, mine, theirs, ~_has_form(begun))


def received_by(session: Session, viewer: Viewer) -> list[Noted]:
    """Somebody's own lessons with others' notes and no form that was sent, the newest first. Until
    a lesson is over nothing tells its teacher that it is observed."""
    own = LiveClass.teacher_id == viewer.account_id
    over = LiveClass.state == State.ENDED
    return _noted(session, viewer, own, over, ~_has_form(Observation.state == FormState.SENT))


def _writer() -> ColumnElement[str]:
    writer: ColumnElement[str] = ClassEvent.payload["by", "id"].as_string()
    return writer


def _has_form(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(Observation.id).where(Observation.class_id == LiveClass.id, which).exists()


def _noted(session: Session, viewer: Viewer, *conditions: ColumnElement[bool]) -> list[Noted]:
    # Written out, or the databases do not see that the index of notes has them all.
    kinds: BindParameter[str]
    kinds = bindparam("kinds", NOTE_KINDS, expanding=True, literal_execute=True)
    seen = seen_by(viewer).with_only_columns(LiveClass.id)
    note = ClassEvent.payload["id"].as_string()
    rows = session.execute(
        select(ClassEvent.class_id, ClassEvent.kind, _writer(), note)
        .join(LiveClass, LiveClass.id == ClassEvent.class_id)
        .where(ClassEvent.kind.in_(kinds), LiveClass.id.in_(seen), *conditions)
        .order_by(ClassEvent.class_id, ClassEvent.seq)
    )
    counts = _counted([(number, kind, (who, note)) for number, kind, who, note in rows])
    found = select(LiveClass).where(LiveClass.id.in_(list(counts)))
    newest = session.scalars(found.order_by(LiveClass.begins_at.desc()).limit(MOST_LISTED))
    return [Noted(live, counts[live.id]) for live in newest]


def _counted(rows: Sequence[tuple[int, str, tuple[str, str]]]) -> Counter[int]:
    """How many notes each class has still: written again is one, and erased is none."""
    left: dict[tuple[int, tuple[str, str]], None] = {}
    for number, kind, which in rows:
        if kind == "note":
            left[number, which] = None
        else:
            left.pop((number, which), None)
    return Counter(number for number, _ in left)
