"""What somebody learns of a class: each event as they get it, and all of it for who comes late."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import JsonValue

from tongke.live import quiz as quizzes
from tongke.live.bodies import OfRoom, Unknown
from tongke.live.cues import openly, quiz_dict
from tongke.live.events import Event
from tongke.live.quiz import Quiz
from tongke.live.rules import HERE, RULES, TEACHERS, WATCH
from tongke.live.state import ClassState
from tongke.live.vocabulary import Role


def for_role(event: Event, role: Role, seat: str = "") -> dict[str, JsonValue] | None:
    """An event as somebody gets it, or nothing. `seat` is the room of a room and its teacher, and
    the device of a device. Whoever is not admitted gets nothing: ask `ClassState.is_admitted`."""
    rule = RULES.get(event.body.kind)
    if rule is None or isinstance(event.body, Unknown):
        return None
    theirs = _is_by(event, role, seat)
    own = role in rule.own and (theirs or _is_about(event, seat))
    if not (own or role in rule.learn):
        return None
    if event.by.role is Role.OBSERVER and role not in WATCH:
        return None
    told = event.body.model_dump(mode="json", exclude={"connection"})
    if role not in WATCH:
        told = openly(told)
    if role is Role.ROOM and event.by.role is Role.DEVICE:
        # The class counts who has answered; it does not see what.
        told.pop("given", None)
    by: dict[str, JsonValue] = {"role": event.by.role, "room": event.by.seat}
    if role in WATCH or theirs:
        by["id"] = event.by.id
    return {"at": event.at, "media_ms": event.media_ms, "by": by, **told}


def _is_by(event: Event, role: Role, seat: str) -> bool:
    """Whether it came from them, or from their room."""
    if role is Role.DEVICE:
        return event.by.role is Role.DEVICE and event.by.id == seat
    return seat != "" and event.by.seat == seat


def _is_about(event: Event, seat: str) -> bool:
    return isinstance(event.body, OfRoom) and event.body.room == seat


def snapshot(state: ClassState, role: Role, seat: str = "") -> dict[str, JsonValue]:
    """Everything that somebody may know of the class, for one who comes late. `seat` is as in
    `for_role`."""
    told: dict[str, JsonValue] = {"phase": state.phase, "lesson": state.lesson}
    if role in HERE and not state.is_admitted(seat):
        return told | {"admitted": False}
    if role is Role.DEVICE:
        return told | _quiz_of_device(state, f"{role}:{seat}")
    watches = role in WATCH
    told |= {
        "media_ms": state.media_ms,
        "begun_ms": state.begun_ms,
        "ended_ms": state.ended_ms,
        "publishing": state.publishing,
        "picture_source": state.picture_source,
        "roll_called_ms": state.roll_called_ms,
        "stage": state.stage.to_dict(knows_answers=watches),
        "rooms": [
            room.to_dict(own=watches or room.id == seat)
            for room in state.rooms.values()
            if watches or room.admitted
        ],
        "answers": _answers(state, role, seat),
    }
    if role in TEACHERS:
        told["messages"] = [for_role(event, role, seat) for event in state.messages.values()]
    if watches:
        told["notes"] = [for_role(event, role) for event in state.notes.values()]
        told["results"] = [_result(state, quiz) for quiz in state.stage.quizzes.values()]
    return told


def _quiz_of_device(state: ClassState, device: str) -> dict[str, JsonValue]:
    if state.stage.quiz is None:
        return {"quiz": None, "answer": None}
    quiz = state.stage.quizzes[state.stage.quiz]
    own = state.answers.get(quiz.id, {}).get(device)
    return {
        "quiz": quiz_dict(quiz, knows_answers=False),
        "answer": None if own is None else [*own.given],
    }


def _answers(state: ClassState, role: Role, seat: str) -> list[JsonValue]:
    """Answers to the quiz on the screen: all for who watches, of a room its own."""
    told: list[JsonValue] = []
    for given in state.answers.get(state.stage.quiz or "", {}).values():
        if role in WATCH or given.room == seat:
            hidden = role is Role.ROOM and given.by != f"{role}:{seat}"
            row = asdict(given) | {"given": [*given.given]}
            told.append({name: row[name] for name in row if name != "given" or not hidden})
    return told


def _result(state: ClassState, quiz: Quiz) -> JsonValue:
    result = quizzes.score(quiz, state.answers.get(quiz.id, {}).values())
    return {"quiz": quiz.id, **result.model_dump(mode="json")}
