"""A class that became a recording: its chapters and notes at the recording's seconds, and what came
of its questions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.classes import places, queries
from tongke.classes.after import attending
from tongke.classes.after import chapters as chaptering
from tongke.classes.after.chapters import Chapter, ChapterKind
from tongke.classes.after.recorded_time import RecordedTime
from tongke.classes.kept_log import log_of, numbered_log
from tongke.classes.models import LiveClass
from tongke.classes.vocabulary import State
from tongke.library import queries as library
from tongke.library.models import Asset
from tongke.library.vocabulary import AssetRole
from tongke.live.bodies import Note
from tongke.live.cues import MIRRORED, cue_of, date_range
from tongke.live.playlist_text import DateRange
from tongke.live.quiz import Given, Question, Quiz, Result
from tongke.live.rules import WATCH
from tongke.live.scoring import score, together
from tongke.live.state import ClassState, replay
from tongke.live.vocabulary import Role
from tongke.media.rendition import SOURCE
from tongke.people.audience import RoleName, Viewer
from tongke.people.models import Account
from tongke.storage.beside import beside

# Of what is read afterwards; strokes are many, and nothing here is about them.
_QUIZZES: Final = frozenset({"prepare", "begin", "end", "open_quiz", "extend_quiz", "close_quiz"})
KINDS: Final = chaptering.KINDS | _QUIZZES | {"show_answer", "answer", "note", "erase_note"}


@dataclass(frozen=True)
class ChapterAt:
    """A chapter at its second. `title` is the question, the room with its school, or what the
    slide is headed; empty of the board, and where a slide has no heading; `number` says which that
    is."""

    seconds: float
    kind: ChapterKind
    title: str
    number: int | None = None


@dataclass(frozen=True)
class NoteAt:
    """A note at the second of the recording that was before her eyes."""

    seconds: float
    text: str
    author: str


@dataclass(frozen=True)
class Asked:
    """A question of the lesson and what came of it, at its second. `together` is what whole classes
    said, `alone` in which rooms pupils answered for themselves."""

    seconds: float
    question: Question
    result: Result
    together: Sequence[Given]
    alone: frozenset[str]


def cue_ranges(session: Session, class_id: int) -> list[DateRange]:
    """What happened on the screen of a lesson, for players that are not ours."""
    cues = (cue_of(happened, seq) for seq, happened in numbered_log(session, class_id, MIRRORED))
    ranges = (date_range(cue) for cue in cues if cue is not None)
    return [each for each in ranges if each is not None]


def class_of(session: Session, resource_id: int) -> LiveClass | None:
    """The class that a resource is the recording of. Whether somebody may see the recording is
    asked of the resource."""
    return session.scalars(
        select(LiveClass).where(LiveClass.resource_id == resource_id)
    ).one_or_none()


def begun_at(session: Session, resource_ids: Collection[int]) -> dict[int, datetime]:
    """When the classes began that these resources are the recordings of."""
    rows = session.execute(
        select(LiveClass.resource_id, LiveClass.started_at, LiveClass.begins_at).where(
            LiveClass.resource_id.in_(resource_ids)
        )
    )
    return {number: started or planned for number, started, planned in rows if number is not None}


def recording_for(session: Session, viewer: Viewer, live: LiveClass) -> int | None:
    """The recording of a class that has ended, where this viewer may watch it: who may look into a
    class is not always whom it was for."""
    if live.state != State.ENDED or live.resource_id is None:
        return None
    return live.resource_id if library.may_see(session, viewer, live.resource_id) else None


def time_of(session: Session, class_id: int) -> RecordedTime:
    return RecordedTime.of(queries.lesson(session, class_id, SOURCE))


def chapters_of(session: Session, live: LiveClass, time: RecordedTime) -> list[ChapterAt]:
    """The chapters of a class's recording; whoever sees the recording sees what they name."""
    found = chaptering.chapters(log_of(session, live.id, chaptering.KINDS))
    headings = _headings(session, live, found)
    # The log has rooms without their schools, and not those that knocked and were let in.
    rooms = attending.seat_names(session, {chapter.room for chapter in found})
    return [
        ChapterAt(
            time.seconds_at(chapter.media_ms),
            chapter.kind,
            chapter.text or rooms.get(chapter.room) or headings.get(_place(chapter), ""),
            chapter.page.number if chapter.page else None,
        )
        for chapter in found
    ]


def _place(chapter: Chapter) -> tuple[str, int] | None:
    return (chapter.page.deck, chapter.page.number) if chapter.page else None


def _headings(
    session: Session, live: LiveClass, found: Iterable[Chapter]
) -> dict[tuple[str, int] | None, str]:
    """What the slides are headed, by deck and number. Only of decks that were given with the class:
    the log's names are whatever a browser said."""
    named = {chapter.page.deck for chapter in found if chapter.page is not None}
    decks = [m.resource_id for m in live.materials if str(m.resource_id) in named]
    outlines = session.scalars(
        select(Asset).where(Asset.resource_id.in_(decks), Asset.role == AssetRole.OUTLINE)
    )
    headings: dict[tuple[str, int] | None, str] = {}
    for outline in outlines:
        for entry in outline.details["entries"]:
            if entry["page"] is not None:
                headings.setdefault((str(outline.resource_id), entry["page"]), entry["text"])
    return headings


def state_of(session: Session, class_id: int) -> ClassState:
    """Questions, answers and notes of a class, as its log has them."""
    log = log_of(session, class_id, KINDS)
    return beside(len(log), replay, log)


def asked(viewer: Viewer, live: LiveClass, state: ClassState, time: RecordedTime) -> list[Asked]:
    """Every question of a lesson with what came of it, in their order. While it runs, who does not
    hold it gets those whose answer was shown."""
    knows = live.state == State.ENDED or live.teacher_id == viewer.account_id
    told = [quiz for quiz in state.stage.quizzes.values() if knows or quiz.result is not None]
    found = sorted(told, key=lambda quiz: quiz.opened_ms)
    answers = sum(len(state.answers.get(quiz.id, ())) for quiz in found)
    results = beside(answers, _results, state, found)
    return [
        _asked(time.seconds_at(quiz.opened_ms), quiz, result, state.answers.get(quiz.id, {}))
        for quiz, result in zip(found, results, strict=True)
    ]


def _asked(seconds: float, quiz: Quiz, result: Result, answers: Mapping[str, Given]) -> Asked:
    alone = frozenset(each.room for each in answers.values() if not each.is_together)
    return Asked(seconds, quiz.question, result, together(answers.values()), alone)


def _results(state: ClassState, asked: Sequence[Quiz]) -> list[Result]:
    return [score(quiz, state.answers.get(quiz.id, {}).values()) for quiz in asked]


def notes(
    session: Session, viewer: Viewer, live: LiveClass, state: ClassState, time: RecordedTime
) -> list[NoteAt] | None:
    """The notes that this viewer reads, in the order of the lesson; None who reads none. They are
    for the lead teacher and whoever observes, as they are in the class (`tongke.live.rules`), and
    of a training's teachers each reads her own."""
    who = places.who_is(viewer, live)
    if who is None or who.role not in WATCH | {Role.TRAINEE}:
        return None
    own = who.role is Role.TRAINEE
    read = [each for each in state.notes.values() if not own or each.by.id == who.id]
    names = _names(session, {int(event.by.id) for event in read})
    found = [
        NoteAt(time.seconds_at(note.shown_ms), note.text, names.get(int(event.by.id), ""))
        for event in read
        if isinstance(note := event.body, Note)
    ]
    return sorted(found, key=lambda note: note.seconds)


def _names(session: Session, accounts: Collection[int]) -> dict[int, str]:
    rows = session.execute(select(Account.id, Account.name).where(Account.id.in_(accounts)))
    return dict(rows.all())


def is_device(viewer: Viewer) -> bool:
    """A classroom's device stands before pupils: it holds its class, and reads nothing about it."""
    return viewer.has(RoleName.CLASSROOM)
