"""What stands on the time line of a recorded class: chapters, and the notes that somebody reads,
with where they are dense."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy.orm import Session

from services.web.views.marks import ChapterMark, LessonMarks, TimedNote
from tongke.classes import queries
from tongke.classes.after import chapters, recorded
from tongke.classes.after.recorded import ChapterAt, NoteAt
from tongke.classes.after.recorded_time import RecordedTime
from tongke.classes.models import LiveClass
from tongke.live.state import ClassState
from tongke.people.audience import Viewer

# Of the heat line: about one for each minute of a lesson.
COLUMNS: Final = 48


def of_resource(session: Session, viewer: Viewer, resource_id: int) -> LessonMarks:
    """The marks of a recording that the viewer may see; none of what was no class."""
    live = recorded.class_of(session, resource_id)
    if live is None:
        return LessonMarks()
    time = recorded.time_of(session, live.id)
    found = chapter_marks(recorded.chapters_of(session, live, time))
    if recorded.is_device(viewer) or not queries.may_watch(session, viewer, live.id):
        return LessonMarks(found)
    state = recorded.state_of(session, live.id)
    notes = notes_for(session, viewer, live, state, time)
    return LessonMarks(found, notes, heat(notes or (), time.duration_s), live.id)


def chapter_marks(found: Iterable[ChapterAt]) -> tuple[ChapterMark, ...]:
    return tuple(ChapterMark(each.seconds, each.kind, each.title, each.number) for each in found)


def notes_for(
    session: Session, viewer: Viewer, live: LiveClass, state: ClassState, time: RecordedTime
) -> tuple[TimedNote, ...] | None:
    """The notes of a class, or None: they are not for this viewer."""
    found = recorded.notes(session, viewer, live, state, time)
    return None if found is None else tuple(map(_note, found))


def _note(note: NoteAt) -> TimedNote:
    return TimedNote(note.text, note.seconds, note.author)


def heat(notes: Iterable[TimedNote], duration_s: float) -> tuple[float, ...]:
    """How dense the notes are along the recording; nothing where there is none."""
    seconds = [note.seconds for note in notes]
    return tuple(chapters.heat(seconds, duration_s, COLUMNS)) if seconds and duration_s else ()
