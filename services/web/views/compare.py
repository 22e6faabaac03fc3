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
