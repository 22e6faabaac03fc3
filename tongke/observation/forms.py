"""An observer's form of a lesson: a draft of her own, then sent, then answered once.

Who sees a form that was sent: its author while she may see the class, the teacher whose lesson it
was, and the administrators of the schools that took part. Nobody else does, whoever may see the
class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tongke import clock
from tongke.classes.agenda import notices
from tongke.classes.agenda.notices import NoticeKind
from tongke.classes.models import LiveClass
from tongke.classes.queries import may_watch, visible_class
from tongke.classes.vocabulary import SeatState, State
from tongke.errors import Conflict, Forbidden, Invalid, NotFound, Text
from tongke.observation import rubrics
from tongke.observation.models import Observation
from tongke.people.audience import RoleName, Viewer

LONGEST: Final = 2000


class FormState(StrEnum):
    DRAFT = "draft"
    SENT = "sent"


class NotGiven(Conflict):
    code = "class-not-given"
    message = Text("这节课还没有上", "This class has not been given")
    remedy = Text("先存着，上课以后再交", "Keep it, and send it once the class has begun")


class AlreadySent(Conflict):
    code = "form-already-sent"
    message = Text("这份评课表已经交给老师了", "This form has been sent to the teacher")
    remedy = Text("还有话说，可以当面谈", "Say the rest in person")


class ChangedElsewhere(Conflict):
    code = "form-changed-elsewhere"
    message = Text(
        "这份评课表在别处改过，你刚填的还没有存",
        "This form was changed elsewhere, and what you just wrote is not kept",
    )
    remedy = Text(
        "两份都列在这一页，对着改好再存", "Both stand on this page: make one of them, and keep that"
    )


class RubricChanged(Conflict):
    code = "rubric-changed"
    message = Text(
        "评课量表刚改过，你刚填的还没有存",
        "The rubric has just been changed, and what you wrote is not kept yet",
    )
    remedy = Text(
        "名称没变的项目星都留着，看一遍再存",
        "What you gave to items of the same name is still there: look through it, and keep it",
    )


class AlreadyAnswered(Conflict):
    code = "form-already-answered"
    message = Text("这份评课表已经回复过", "This form has been answered")
    remedy = Text(
        "回复只能写一次，还有话说，可以当面谈", "It is answered once: say the rest in person"
    )


class OwnLesson(Forbidden):
    code = "own-lesson"
    message = Text("自己的课不填听课表", "One does not observe one's own lesson")
    remedy = Text(
        "别人给你的评课，在“听课评课”页看",
        "See what others wrote of it on the page of observations",
    )


@dataclass(frozen=True)
class Written:
    """What an observer put into the form; a star of 0 is none."""

    stars: Mapping[str, int]
    strengths: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Opened:
    """What a form was filled from: the items it had, and `version_of` the draft it showed."""

    items: Sequence[str]
    version: str


def version_of(form: Observation | None) -> str:
    """Another one each time a form is kept; empty of one that was not begun."""
    return form.updated_at.isoformat() if form else ""


def may_observe(viewer: Viewer, live: LiveClass) -> bool:
    """Whether somebody who sees a class may fill a form of it: no classroom's device, and not the
    teacher herself."""
    return not viewer.has(RoleName.CLASSROOM) and viewer.account_id != live.teacher_id


def may_read(viewer: Viewer, live: LiveClass) -> bool:
    """Whether somebody reads every form of a class that was sent. A school that was asked and has
    not said yes took no part."""
    came = (seat for seat in live.seats if seat.state == SeatState.CONFIRMED)
    schools = {live.school_id, *(seat.room.school_id for seat in came)}
    return viewer.account_id == live.teacher_id or not schools.isdisjoint(viewer.administers)


def observed(session: Session, viewer: Viewer, class_id: int) -> LiveClass:
    """A class for who fills a form of it.

    Raises:
        NotFound, OwnLesson.
    """
    live = visible_class(session, viewer, class_id)
    if viewer.has(RoleName.CLASSROOM):
        raise NotFound
    if not may_observe(viewer, live):
        raise OwnLesson
    return live


def mine(session: Session, viewer: Viewer, class_id: int) -> Observation | None:
    """The form that a viewer has begun or sent."""
    query = select(Observation).where(
        Observation.class_id == class_id, Observation.account_id == viewer.account_id
    )
    return session.scalars(query).one_or_none()


def keep(
    session: Session,
    viewer: Viewer,
    class_id: int,
    written: Written,
    opened: Opened,
    *,
    send: bool,
) -> Observation:
    """Keep a form, and send it: then it is the teacher's to read, and stays as it is.

    Raises:
        NotFound, OwnLesson, AlreadySent, NotGiven.
        ChangedElsewhere, RubricChanged: since it was opened.
        Invalid: to be sent it lacks stars; or a text is too long.
    """
    live = observed(session, viewer, class_id)
    found = mine(session, viewer, class_id)
    if found is not None and found.state == FormState.SENT:
        # A button that was pressed twice.
        if send and _says(found, written):
            return found
        raise AlreadySent
    if found is None:
        name, items = rubrics.of_school(session, live.school_id)
        found = Observation(
            class_id=class_id,
            account_id=viewer.account_id,
            rubric=[dict(item) for item in items],
            rubric_name=name,
        )
        session.add(found)
    elif version_of(found) != opened.version and not _says(found, written):
        raise ChangedElsewhere
    if [item["name"] for item in found.rubric] != list(opened.items):
        raise RubricChanged
    _check(found, written, whole=send)
    found.stars = _stars(found, written)
    found.strengths, found.advice = written.strengths, written.advice
    found.state, found.updated_at = FormState.DRAFT, clock.now()
    if send:
        if live.state not in (State.RUNNING, State.ENDED):
            raise NotGiven
        found.state, found.sent_at = FormState.SENT, clock.now()
        session.flush()
        _tell(session, found, NoticeKind.OBSERVED, live.teacher_id, by=viewer)
    return found


def _tell(
    session: Session, form: Observation, kind: NoticeKind, account_id: int, *, by: Viewer
) -> None:
    details = {"form_id": form.id, "by": by.name}
    notices.tell(session, form.live_class, kind, {account_id}, but=by.account_id, details=details)


def _says(form: Observation, written: Written) -> bool:
    """Whether a form says already what somebody has written."""
    said = form.stars, form.strengths, form.advice
    return said == (_stars(form, written), written.strengths, written.advice)


def _stars(form: Observation, written: Written) -> dict[str, int]:
    names = [item["name"] for item in form.rubric]
    return {name: star for name in names if (star := written.stars.get(name, 0))}


def _check(form: Observation, written: Written, *, whole: bool) -> None:
    wrong: dict[str, Text] = {}
    for position, item in enumerate(form.rubric):
        star = written.stars.get(item["name"], 0)
        if not (whole <= star <= rubrics.MOST_STARS):
            wrong[f"star-{position}"] = Text("请给一到五星", "Give one to five stars")
    for field in ("strengths", "advice"):
        if len(getattr(written, field)) > LONGEST:
            wrong[field] = Text("最长两千个字", "At most 2,000 characters")
    if wrong:
        raise Invalid(wrong)


def sent(session: Session, class_id: int) -> list[Observation]:
    """The forms of a class that were sent, in the order they came. Ask `may_read` first."""
    query = (
        select(Observation)
        .where(Observation.class_id == class_id, Observation.state == FormState.SENT)
        .options(selectinload(Observation.account))
        .order_by(Observation.sent_at, Observation.id)
    )
    return list(session.scalars(query))


def readable(session: Session, viewer: Viewer, form_id: int) -> Observation:
    """One form, for who may read it. Raises NotFound: there is none, or it is not for them."""
    form = session.get(Observation, form_id)
    if form is None or viewer.has(RoleName.CLASSROOM) or not viewer.tokens:
        raise NotFound
    reads = form.state == FormState.SENT and may_read(viewer, form.live_class)
    wrote = form.account_id == viewer.account_id and may_watch(session, viewer, form.class_id)
    if not (reads or wrote):
        raise NotFound
    return form


def reply(session: Session, viewer: Viewer, form_id: int, text: str) -> Observation:
    """The teacher answers, once.

    Raises:
        NotFound, Forbidden, AlreadyAnswered, Invalid.
    """
    form = readable(session, viewer, form_id)
    if form.live_class.teacher_id != viewer.account_id:
        raise Forbidden
    if form.replied_at is not None:
        raise AlreadyAnswered
    if not 1 <= len(text) <= LONGEST:
        raise Invalid({"reply": Text("写一到两千个字", "Write one to 2,000 characters")})
    form.reply, form.replied_at = text, clock.now()
    _tell(session, form, NoticeKind.ANSWERED, form.account_id, by=viewer)
    return form
