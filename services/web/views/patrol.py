"""The patrol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from services.web.views.shell import View
from tongke.classes.running.patrol import PatrolState

# Not there, though it said that it would be; not to be there; never heard of.
AwayState = Literal["away", "declined", "unanswered"]


@dataclass(frozen=True)
class RoomSeen:
    """A receiving room as the patrol sees it: there or away, where it came or said that it would.
    `slow`: its line does not carry the whole picture."""

    name: str
    school: str
    state: Literal["present"] | AwayState
    heads: int | None = None
    speaking: bool = False
    slow: bool = False


@dataclass(frozen=True)
class PatrolCard:
    """A class of today. `layout` is what the rooms see, where it runs and has a picture;
    `outcome` is said of one that is over and was not simply held; `trainees` is how many teachers
    are in a training from desks of their own, None of what is none."""

    id: int
    title: str
    subject: str
    grade: str
    teacher: str
    school: str
    begins_at: datetime
    ends_at: datetime
    standing: PatrolState
    minutes_late: int
    publishing: bool
    layout: str
    rooms: tuple[RoomSeen, ...]
    cancelled_because: str = ""
    outcome: str = ""
    trainees: int | None = None

    @property
    def present(self) -> int:
        return sum(room.state == "present" for room in self.rooms)

    @property
    def booked(self) -> int:
        return sum(room.state in ("present", "away") for room in self.rooms)

    @property
    def heads(self) -> int:
        return sum(room.heads or 0 for room in self.rooms if room.state == "present")


@dataclass(frozen=True)
class PatrolView(View):
    """`now` are classes that run or should; `rest` those that come, are over or were called off."""

    template = "patrol.html"
    section = "patrol"
    at: datetime
    now: tuple[PatrolCard, ...]
    rest: tuple[PatrolCard, ...]
    counts: Mapping[PatrolState, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PatrolPart(PatrolView):
    """The same without what surrounds it, for the script that renews it."""

    template = "parts/patrol_grid.html"
