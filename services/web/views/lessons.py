"""Classes as they stand in lists, on home and in what people are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class ClassCard:
    """A class as lists show it. `rooms` are the receiving ones, each with its school's name; those
    that have `declined` are not among them, and are counted. `outcome` is said of one that is over
    and was not simply held. Before it is given `answer` says to its partner whether it is this
    viewer (`me`) or her school (`school`) that has yet to answer, or that they have declined it."""

    id: int
    title: str
    subject: str
    mode: str
    purpose: str
    standing: str
    begins_at: datetime
    ends_at: datetime
    teacher: str
    school: str
    rooms: tuple[str, ...]
    is_mine: bool = False
    cancelled_because: str = ""
    outcome: str = ""
    answer: Literal["", "me", "school", "declined"] = ""
    declined: int = 0

    @property
    def url(self) -> str:
        return f"/classes/{self.id}"


@dataclass(frozen=True)
class Asked:
    """Lessons that wait for an answer together: one, or those of a series, the first of which
    begins at `first_at`. From one to the next it is `weeks` weeks, at the hours of `begins_at` and
    `ends_at`; None of a series that has no rhythm."""

    first_at: datetime
    begins_at: datetime
    ends_at: datetime
    count: int = 1
    weeks: int | None = None


@dataclass(frozen=True)
class Door:
    """The way into a class for this viewer; not `open` while it is too early."""

    kind: Literal["lead", "beside", "observe", "trainee"]
    url: str
    open: bool


@dataclass(frozen=True)
class NextLesson:
    """`minutes` are those until it begins; 0 from then on."""

    card: ClassCard
    minutes: int
    door: Door | None


@dataclass(frozen=True)
class Today:
    """The classes of today that concern somebody, and the next that is not over."""

    lessons: tuple[ClassCard, ...]
    next: NextLesson | None


@dataclass(frozen=True)
class Span:
    """From when to when something is."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class InReach:
    """How many of today's classes run, are late and were missed, of those that somebody patrols."""

    running: int
    late: int
    missed: int


@dataclass(frozen=True)
class NoticeRow:
    """What somebody was told; `card` where they may still see the class. Where not, `title` and
    `begins_at` are what they knew of it; without a title of what was told before that was kept."""

    id: int
    kind: str
    created_at: datetime
    unread: bool
    card: ClassCard | None
    # Of one that asks, what waits for the answer.
    asked: Asked | None = None
    title: str = ""
    begins_at: datetime | None = None
    # Of a class that was moved then: when it was, and when it was to be.
    moved: tuple[Span, Span] | None = None
    # Of a partner's answer: which room gave it, why it does not take part, and which rooms have yet
    # to give theirs.
    answered: str = ""
    because: str = ""
    awaited: tuple[str, ...] = ()
    # Of what tells of several classes of a series: how many, and when the last of them begins.
    count: int = 1
    until: datetime | None = None
    # Of a form of a lesson: whom it was sent or answered by, and its number.
    by: str = ""
    form_id: int | None = None
    # Of a pairing that ended: whether slides of the other school went from the class.
    lent_no_more: bool = False

    @property
    def url(self) -> str:
        """Where what is told stands; empty where the class may no longer be seen."""
        if self.card is None:
            return ""
        if self.form_id is not None:
            return f"/observations/{self.form_id}"
        return f"{self.card.url}{_BELOW_CLASS.get(self.kind, '')}"


# Of a lesson that was observed, where a notice of old does not say which form: the forms of it, and
# one's own with the answer.
_BELOW_CLASS = {"observed": "/after#forms", "answered": "/observe"}
