"""Two lessons compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.web.views.marks import ChapterMark, TimedNote
from services.web.views.shell import View


@dataclass(frozen=True)
class Recorded:
    """A recording of a lesson, and what tells it from another one of the same title. `when` the
    class began, or, of one that was held elsewhere, when it was uploaded; `length_s` is in
    seconds; `subject` is empty where nobody named one."""

    id: int
    title: str
    teacher: str
    school: str
    subject: str
    when: datetime
    is_class: bool
    length_s: float | None


@dataclass(frozen=True)
class Side:
    """One of two lessons."""

    lesson: Recorded
    poster: str | None
    chapters: tuple[ChapterMark, ...]
    notes: tuple[TimedNote, ...]


@dataclass(frozen=True)
class CompareView(View):
    """Both sides; while one is lacking, `choices` are the recordings to choose from. `is_twice`:
    the same one was chosen for both."""

    template = "compare.html"
    section = "library"
    sides: tuple[Side, ...]
    choices: tuple[Recorded, ...] = ()
    is_twice: bool = False

    @property
    def by_subject(self) -> dict[str, list[Recorded]]:
        """The choices by subject, the likeliest subject first."""
        found: dict[str, list[Recorded]] = {}
        for each in self.choices:
            found.setdefault(each.subject, []).append(each)
        return found
