"""Two lessons compared."""

from __future__ import annotations

from dataclasses import dataclass

from services.web.views.marks import ChapterMark, TimedNote
from services.web.views.shell import View


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
    """A recording that can be compared; `subject` is empty where nobody named one."""

    id: int
    title: str
    teacher: str
    school: str
    subject: str


@dataclass(frozen=True)
class CompareView(View):
    """Both sides; while one is lacking, `choices` are the recordings to choose from. `is_twice`:
    the same one was chosen for both."""

    template = "compare.html"
    section = "library"
    sides: tuple[Side, ...]
    choices: tuple[Choosable, ...] = ()
    is_twice: bool = False

    @property
    def by_subject(self) -> dict[str, list[Choosable]]:
        """The choices by subject, the likeliest subject first."""
        found: dict[str, list[Choosable]] = {}
        for each in self.choices:
            found.setdefault(each.subject, []).append(each)
        return found
