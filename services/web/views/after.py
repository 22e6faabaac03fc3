"""What is kept of a class."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.web.views.marks import ChapterMark, TimedNote
from services.web.views.observation import ClassNamed, FormShown
from services.web.views.shell import View
from tongke.classes.after.asked_schools import AskedSchool
from tongke.classes.after.outcome import Outcome
from tongke.observation.sums import Sums

# Whoever is less late is not called so.
LATE_FROM_S: Final = 60


@dataclass(frozen=True)
class Times:
    """When somebody was in a class. Lengths are seconds; who never came has no times."""

    came_at: datetime | None
    went_at: datetime | None
    present_s: int
    late_s: int | None
    early_s: int | None
    interruptions: int
    gone: str | None

    @property
    def shown_s(self) -> int:
        """How long, between the times as they are shown, to the minute: what was missed is taken
        from that. Without it the two minutes from 22:52:00 to 22:54:59 would be called three."""
        if self.came_at is None or self.went_at is None:
            return 0
        missed = round((self.went_at - self.came_at).total_seconds()) - self.present_s
        whole = _shown_between_s(self.came_at, self.went_at)
        return min(whole, max(0, whole - missed)) or self.present_s

    @property
    def shown_late_s(self) -> int:
        """How late, by the same times: two who came at 21:36 are as late as each other."""
        if self.came_at is None or self.late_s is None:
            return 0
        due = self.came_at - timedelta(seconds=self.late_s)
        return _shown_between_s(due, self.came_at) if self.late_s >= LATE_FROM_S else 0


def _shown_between_s(begins: datetime, ends: datetime) -> int:
    """Between two times as they are shown, to the minute."""
    shown = [at.replace(second=0, microsecond=0) for at in (begins, ends)]
    return round((shown[1] - shown[0]).total_seconds())


@dataclass(frozen=True)
class TraineeAttendance(Times):
    """A teacher who was in a training from a desk of her own."""

    school: str
    name: str


@dataclass(frozen=True)
class Attendance(Times):
    """A receiving room in a class, and how many were counted in it. `declined`: it was asked and
    said in time that it would not come, and why where that is said to this viewer (`because`)."""

    school: str
    room: str
    last_count: int | None
    greatest_count: int | None
    declined: bool = False
    because: str = ""


@dataclass(frozen=True)
class OptionCount:
    key: str
    text: str
    count: int
    right: bool


@dataclass(frozen=True)
class RoomAnswers:
    """`by_class`: nobody in the room answered alone, and the one answer is its whole class's."""

    room: str
    answered: int
    right: int
    rate: float | None
    by_class: bool = False


@dataclass(frozen=True)
class ClassAnswer:
    """What a class answered together: keys of options, or the words; `right` is None of an
    opinion."""

    room: str
    given: tuple[str, ...]
    right: bool | None


@dataclass(frozen=True)
class QuizRow:
    """A question and what came of it; `rate` is None of an opinion, or without answers. `by_class`:
    nobody answered alone, and it is classes that are counted. What classes said that answered
    together is in `together`. `wordings` are what is right of a short answer; of an
    opinion (`is_opinion`) nothing is."""

    number: int
    seconds: float
    text: str
    kind: str
    answered: int
    right: int
    rate: float | None
    options: tuple[OptionCount, ...]
    rooms: tuple[RoomAnswers, ...]
    together: tuple[ClassAnswer, ...] = ()
    by_class: bool = False
    wordings: tuple[str, ...] = ()
    is_opinion: bool = False


@dataclass(frozen=True)
class OwnForm:
    """A form of the viewer's own."""

    id: int
    is_sent: bool
    is_answered: bool


@dataclass(frozen=True)
class AfterView(View):
    """`notes` is None for who does not read them, `forms` for who does not read those; `trainees`
    are those whom the viewer reads of; `own_form` is what the viewer has begun or sent herself.
    `is_recorded`: there is a recording, whoever may watch it (`live.resource_id`)."""

    template = "after.html"
    section = "timetable"
    live: ClassNamed
    outcome: Outcome | None
    cancelled_because: str
    started_at: datetime | None
    ended_at: datetime | None
    attendance: tuple[Attendance, ...]
    quizzes: tuple[QuizRow, ...]
    chapters: tuple[ChapterMark, ...]
    duration_s: float
    notes: tuple[TimedNote, ...] | None = None
    heat: tuple[float, ...] = ()
    forms: tuple[FormShown, ...] | None = None
    sums: Sums | None = None
    may_observe: bool = False
    own_form: OwnForm | None = None
    is_recorded: bool = False
    trainees: tuple[TraineeAttendance, ...] = ()
    asked: tuple[AskedSchool, ...] = ()
    # Whether the lead had the rooms counted: who has no count then did not report.
    roll_called: bool = False
