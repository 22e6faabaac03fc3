"""What stands on the time line of a lesson."""

from __future__ import annotations

from dataclasses import dataclass

from tongke.classes.after.chapters import ChapterKind


@dataclass(frozen=True)
class ChapterMark:
    """A chapter at its second; `title` is empty where a slide has no heading."""

    seconds: float
    kind: ChapterKind
    title: str
    number: int | None = None


@dataclass(frozen=True)
class TimedNote:
    """A note with its second in the recording, or, of a class that still runs, since its begin."""

    text: str
    seconds: float
    author: str = ""


@dataclass(frozen=True)
class LessonMarks:
    """`class_id` is set for who may see what else is kept of the class; `notes` is None for who
    does not read them."""

    chapters: tuple[ChapterMark, ...] = ()
    notes: tuple[TimedNote, ...] | None = None
    heat: tuple[float, ...] = ()
    class_id: int | None = None
