"""Materials that are put on a class beside those it has, until it ends: a teacher who forgot her
slides has them in the lesson. Nothing else of a class that runs is changed, and none is taken off
it, for a room may be looking at it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from tongke.classes.models import LiveClass
from tongke.classes.plan import changes, materials, tokens
from tongke.classes.queries import visible_class
from tongke.classes.vocabulary import State
from tongke.errors import Invalid, Text
from tongke.people.audience import Viewer

NONE_CHOSEN: Final = Text(
    "还没有选：勾上要加的，或者贴上它的页面地址", "None is chosen: tick one, or paste its address"
)


def takes_more(viewer: Viewer, live: LiveClass) -> bool:
    """Whether this viewer may put materials on this class now."""
    runs = live.state == State.RUNNING and changes.may_change(viewer, live)
    return runs or changes.changeable(viewer, live)


def extendable(session: Session, viewer: Viewer, class_id: int) -> LiveClass:
    """A class that this viewer may put materials on. Raises NotFound, MayNotChange, ClassOver."""
    live = visible_class(session, viewer, class_id)
    if not changes.may_change(viewer, live):
        raise changes.MayNotChange
    if live.state != State.RUNNING:
        changes.check_ahead(live)
    return live


def add(session: Session, viewer: Viewer, class_id: int, wanted: Sequence[int]) -> LiveClass:
    """Put these on a class, after those that it has.

    Raises:
        NotFound, MayNotChange, ClassOver.
        Invalid: there is none; or as `materials.check`, with those that it has counted.
    """
    live = extendable(session, viewer, class_id)
    held = [material.resource_id for material in live.materials]
    together = list(dict.fromkeys((*held, *wanted)))
    new = together[len(held) :]
    if not wanted:
        raise Invalid({"materials": NONE_CHOSEN})
    if len(together) > materials.MOST:
        raise Invalid({"materials": materials.TOO_MANY.format(most=materials.MOST)})
    schools = {live.school_id, *(seat.room.school_id for seat in live.seats)}
    materials.check(session, viewer, new, tokens.invited(session, live), schools)
    materials.put(live, together)
    return live
