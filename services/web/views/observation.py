"""The patrol, the observation of lessons, what is kept of a class, and two lessons compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.web.views.marks import ChapterMark, TimedNote
from services.web.views.shell import Form, View
from tongke.classes.outcome import Outcome
from tongke.classes.patrol import Standing
from tongke.observation.sums import Sums


@dataclass(frozen=True)
class RoomSeen:
    """A receiving room as the patrol sees it. `state` is present, away or declined."""

    name: str
    school: str
    state: str
    heads: int | None = None
    speaking: bool = False


@dataclass(frozen=True)
class PatrolCard:
    """A class of today. `layout` is what the rooms see, where it runs and has a picture."""

    id: int
    title: str
    subject: str
    grade: str
    teacher: str
    school: str
    begins_at: datetime
    ends_at: datetime
    standing: Standing
    minutes_late: int
    publishing: bool
    layout: str
    rooms: tuple[RoomSeen, ...]
    cancelled_because: str = ""

    @property
    def present(self) -> int:
        return sum(room.state == "present" for room in self.rooms)

    @property
    def booked(self) -> int:
        return sum(room.state != "declined" for room in self.rooms)

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
    counts: Mapping[Standing, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PatrolPart(PatrolView):
    """The same without what surrounds it, for the script that renews it."""

    template = "parts/patrol_grid.html"


@dataclass(frozen=True)
class ClassNamed:
    """A class as the pages about it are headed."""

    id: int
    title: str
    teacher: str
    school: str
    begins_at: datetime
    ends_at: datetime
    resource_id: int | None = None


@dataclass(frozen=True)
class RubricItem:
    name: str
    help: str
    star: int = 0


@dataclass(frozen=True)
class ObserveView(View):
    """`sent_at` is set once it is sent: then it is only read."""

    template = "observe.html"
    section = "observations"
    live: ClassNamed
    items: tuple[RubricItem, ...]
    notes: tuple[TimedNote, ...]
    form: Form
    may_send: bool
    kept_at: datetime | None = None
    sent_at: datetime | None = None
    form_id: int | None = None


@dataclass(frozen=True)
class FormShown:
    """A form that was sent, as it is read."""

    id: int
    author: str
    organisation: str
    sent_at: datetime | None
    items: tuple[RubricItem, ...]
    strengths: str
    advice: str
    reply: str
    replied_at: datetime | None
    mean: float | None
    live: ClassNamed
    is_draft: bool = False


@dataclass(frozen=True)
class FormView(View):
    """One form; `may_reply` is for the teacher, once."""

    template = "observation.html"
    section = "observations"
    shown: FormShown
    may_reply: bool
    form: Form = field(default_factory=Form)


@dataclass(frozen=True)
class ObservationsView(View):
    template = "observations.html"
    section = "observations"
    written: tuple[FormShown, ...]
    received: tuple[FormShown, ...]
    sums: Sums
    may_set_rubric: bool


@dataclass(frozen=True)
class RubricView(View):
    """`own` is whether the place has set one; else `form` shows what is in force there."""

    template = "rubric.html"
    section = "observations"
    place: str
    own: bool
    form: Form


@dataclass(frozen=True)
class RoomRow:
    """A room's attendance; seconds."""

    school: str
    room: str
    came_at: datetime | None
    went_at: datetime | None
    present_s: int
    late_s: int | None
    early_s: int | None
    interruptions: int
    gone: str | None
    last_count: int | None
    greatest_count: int | None


@dataclass(frozen=True)
class OptionCount:
    key: str
    text: str
    count: int
    right: bool


@dataclass(frozen=True)
class RoomAnswers:
    room: str
    answered: int
    right: int
    rate: float | None


@dataclass(frozen=True)
class QuizRow:
    """A question and what came of it; `rate` is None of an opinion, or without answers."""

    number: int
    seconds: float
    text: str
    kind: str
    answered: int
    right: int
    rate: float | None
    options: tuple[OptionCount, ...]
    rooms: tuple[RoomAnswers, ...]


@dataclass(frozen=True)
class AfterView(View):
    """`notes` is None for who does not read them, `forms` for who does not read those."""

    template = "after.html"
    section = "timetable"
    live: ClassNamed
    outcome: Outcome | None
    cancelled_because: str
    started_at: datetime | None
    ended_at: datetime | None
    attendance: tuple[RoomRow, ...]
    quizzes: tuple[QuizRow, ...]
    chapters: tuple[ChapterMark, ...]
    duration_s: float
    notes: tuple[TimedNote, ...] | None = None
    heat: tuple[float, ...] = ()
    forms: tuple[FormShown, ...] | None = None
    sums: Sums | None = None
    may_observe: bool = False


@dataclass(frozen=True)
class Side:
    """One of two lessons."""

    id: int
    title: str
    teacher: str
    school: str
    poster: str | None
    chapters: tuple[ChapterMark, ...]
    notes: tuple[TimedNote, ...]


@dataclass(frozen=True)
class Choosable:
    """A recording that can be compared."""

    id: int
    title: str
    teacher: str
    school: str


@dataclass(frozen=True)
class CompareView(View):
    """Both sides; while one is lacking, `choices` are the recordings to choose from."""

    template = "compare.html"
    section = "library"
    sides: tuple[Side, ...]
    choices: tuple[Choosable, ...] = ()
