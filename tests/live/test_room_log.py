"""What gets into the log of a class, and what is no command."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import JsonValue

from tests.live.lessons import BEGAN, LEAD, OBSERVERS, PAGE, TEACHERS, Lesson
from tongke.errors import Invalid
from tongke.live import bodies, events
from tongke.live.bodies import Begin, EraseNote, Layout, Message, Note, Slide
from tongke.live.bounds import BOUNDS, MINUTE_MS
from tongke.live.state import replay
from tongke.live.views import for_role
from tongke.live.vocabulary import Role, View

MOST_NOTES = BOUNDS["note"].most
MOST_NOTES_A_MINUTE = BOUNDS["note"].a_minute or 0


def test_an_observer_corrects_a_note() -> None:
    lesson = Lesson()
    note = Note(id="n", shown_ms=BEGAN, text="导入自然")
    assert lesson.ask(OBSERVERS[0], note)
    assert not lesson.ask(OBSERVERS[0], note)
    assert lesson.ask(OBSERVERS[0], note.model_copy(update={"text": "导入很自然"}))
    assert lesson.ask(OBSERVERS[1], note)
    assert len(lesson.state.notes) == 2


def test_an_observer_takes_a_note_of_her_own_back_and_may_write_it_again() -> None:
    lesson = Lesson()
    note = Note(id="n", shown_ms=BEGAN, text="导入自然")
    lesson.ask(OBSERVERS[0], note)
    lesson.ask(OBSERVERS[1], note)
    assert lesson.ask(OBSERVERS[0], EraseNote(id="n"))
    assert [event.by for event in lesson.state.notes.values()] == [OBSERVERS[1]]
    assert not lesson.ask(OBSERVERS[0], EraseNote(id="n")), "sent again"
    assert lesson.ask(OBSERVERS[0], note)
    assert len(lesson.state.notes) == 2


def test_an_observer_writes_fast_and_much_but_does_not_fill_the_log() -> None:
    lesson, now = Lesson(), BEGAN
    note = Note(id="n", shown_ms=BEGAN, text="导入自然")
    for number in range(MOST_NOTES_A_MINUTE):
        assert lesson.ask(OBSERVERS[0], note.model_copy(update={"id": f"n{number}"}), now)
    anew = note.model_copy(update={"id": "n0", "text": "导入很自然"})
    assert lesson.refused(OBSERVERS[0], anew, now) == "notes-too-fast"
    assert lesson.ask(OBSERVERS[1], note, now), "the other's are her own"
    for number in range(MOST_NOTES - MOST_NOTES_A_MINUTE):
        now += MINUTE_MS // MOST_NOTES_A_MINUTE + 1 if number else MINUTE_MS
        assert lesson.ask(OBSERVERS[0], note.model_copy(update={"id": f"m{number}"}), now)
    now += MINUTE_MS
    assert lesson.refused(OBSERVERS[0], anew, now) == "too-many-notes"
    assert not lesson.ask(OBSERVERS[0], note.model_copy(update={"id": "n0"}), now), "sent again"


def test_a_teacher_writes_fast_and_much_but_does_not_fill_the_log_either() -> None:
    lesson, now = Lesson(), BEGAN
    text = Message(id="n", text="七班到齐了")
    for number in range(MOST_NOTES_A_MINUTE):
        assert lesson.ask(TEACHERS[0], text.model_copy(update={"id": f"n{number}"}), now)
    assert lesson.refused(TEACHERS[0], text, now) == "messages-too-fast"
    assert lesson.ask(TEACHERS[1], text, now), "the other's are her own"
    for number in range(MOST_NOTES - MOST_NOTES_A_MINUTE):
        now += MINUTE_MS // MOST_NOTES_A_MINUTE + 1 if number else MINUTE_MS
        assert lesson.ask(TEACHERS[0], text.model_copy(update={"id": f"m{number}"}), now)
    now += MINUTE_MS
    assert lesson.refused(TEACHERS[0], text, now) == "too-many-messages"
    assert not lesson.ask(TEACHERS[0], text.model_copy(update={"id": "n0"}), now), "sent again"


def test_the_lessons_clock_never_goes_back_in_the_log() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, Slide(page=PAGE), BEGAN + 500)
    (event,) = lesson.ask(LEAD, Layout(view=View.BOTH), BEGAN + 100)
    assert event.media_ms == BEGAN + 500


def test_what_a_later_version_wrote_is_kept_and_has_no_effect() -> None:
    lesson = Lesson()
    row: dict[str, JsonValue] = {"by": {"role": "robot"}, "height": [1, 2]}
    unknown = events.event(BEGAN, "hologram", row)
    assert unknown.to_dict() == {"media_ms": BEGAN, "kind": "hologram", "payload": row}
    mixed = [part for event in lesson.log for part in (event, unknown)]
    assert replace(replay(mixed), media_ms=0) == replace(lesson.state, media_ms=0)
    assert all(for_role(unknown, role, "tong") is None for role in Role)


@pytest.mark.parametrize(
    "asked",
    [
        None,
        {},
        {"kind": "hologram"},
        {"kind": "slide", "page": {"deck": "d", "number": 0}},
        {"kind": "stroke", "stroke": "s", "points": [[0.5, 1.5]]},
        {"kind": "stroke", "stroke": "s", "points": [["nan", 0]]},
        {"kind": "text", "id": "a b", "text": "hello"},
    ],
)
def test_what_is_no_command_is_refused(asked: object) -> None:
    with pytest.raises(Invalid):
        bodies.command(asked)


def test_who_asks_is_not_taken_from_what_is_asked() -> None:
    command = bodies.command({"kind": "begin", "by": {"role": "lead"}, "at": 1, "media_ms": 2})
    assert command == Begin()
