"""Classes as they stand in lists, on home and in what people are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class ClassCard:
    """A class as lists show it. `rooms` are the receiving ones, each with its school's name;
    `outcome` is said of one that is over and was not simply held; `asked_of` whether it is this
    viewer (`me`) or her school (`school`) that has yet to answer."""

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
    asked_of: Literal["", "me", "school"] = ""

    @property
    def url(self) -> str:
        return f"/classes/{self.id}"


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
class NoticeRow:
    """What somebody was told; `card` where they may still see the class."""

    id: int
    kind: str
    created_at: datetime
    unread: bool
    card: ClassCard | None

    @property
    def url(self) -> str:
        """Where what is told stands; empty where the class may no longer be seen."""
        if self.card is None:
            return ""
        return f"{self.card.url}{_BELOW_CLASS.get(self.kind, '')}"


# Of a lesson that was observed: the forms of it, and one's own with the answer.
_BELOW_CLASS = {"observed": "/after#forms", "answered": "/observe"}
