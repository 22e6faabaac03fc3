"""What somebody learns of a class: each event as they get it, and all of it for who comes late."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import JsonValue

from tongke.live.bodies import Message, OfRoom, OfTrainee, Unknown
from tongke.live.cues import openly, quiz_dict
from tongke.live.events import Event
from tongke.live.rules import HERE, KNOW_TRAINEES, RULES, TEACHERS, WATCH
from tongke.live.state import ClassState
from tongke.live.vocabulary import Role


def is_in(state: ClassState, role: Role, room: str) -> bool:
    """Whether somebody of a room is let in; `room` of a device is where it sits. That may also be
    the lead classroom, which is no seat."""
    if role is Role.DEVICE:
        return room not in state.rooms or state.is_admitted(room)
    return role not in HERE or state.is_admitted(room)


def for_role(event: Event, role: Role, seat: str = "") -> dict[str, JsonValue] | None:
    """An event as somebody gets it, or nothing. `seat` is the room of a room and its teacher, the
    device of a device, and a trainee's account. Whoever is not let in gets nothing: ask `is_in`."""
    rule = RULES.get(event.body.kind)
    if rule is None or isinstance(event.body, Unknown):
        return None
    theirs = _is_by(event, role, seat)
    own = role in rule.own and (theirs or _is_about(event, seat))
    if not (own or role in rule.learn or _is_for_trainees(event, role)):
        return None
    if event.by.role is Role.OBSERVER and role is not Role.OBSERVER:
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
    if role in (Role.DEVICE, Role.TRAINEE):
        return event.by.role is role and event.by.id == seat
    return seat != "" and event.by.seat == seat


def _is_for_trainees(event: Event, role: Role) -> bool:
    """What the lead writes is for every teacher in a training; what rooms' teachers write, for the
    teachers with rooms alone."""
    return role is Role.TRAINEE and isinstance(event.body, Message) and event.by.role is Role.LEAD


def _is_about(event: Event, seat: str) -> bool:
    """Whether it is about their room, or themselves."""
    if isinstance(event.body, OfTrainee):
        return event.body.trainee == seat
    return isinstance(event.body, OfRoom) and event.body.room == seat


def snapshot(state: ClassState, role: Role, seat: str = "", room: str = "") -> dict[str, JsonValue]:
    """Everything that somebody may know of the class, for one who comes late. `seat` is as in
    `for_role`, `room` where a device sits."""
    told: dict[str, JsonValue] = {"phase": state.phase, "lesson": state.lesson}
    if not is_in(state, role, room if role is Role.DEVICE else seat):
        return told | {"admitted": False} | _sent_out(state, role, seat)
    if role is Role.DEVICE:
        return told | _quiz_of_device(state, f"{role}:{seat}")
    watches = role in WATCH
    room = seat if role in HERE else ""
    told |= {
        "media_ms": state.media_ms,
        "begun_ms": state.begun_ms,
        "ended_ms": state.ended_ms,
        "publishing": state.publishing,
        "picture_source": state.picture_source,
        "roll_called_ms": state.roll_called_ms,
        "stage": state.stage.to_dict(knows_answers=watches),
        "rooms": [
            each.to_dict(own=watches or each.id == room)
            for each in state.rooms.values()
            if watches or each.admitted
        ],
        "answers": _answers(state, role, room),
    }
    if role in TEACHERS or role is Role.TRAINEE:
        messages = (for_role(event, role, seat) for event in state.messages.values())
        told["messages"] = [message for message in messages if message is not None]
    if role in KNOW_TRAINEES:
        told["trainees"] = [
            trainee.to_dict()
            for trainee in state.trainees.values()
            if role is Role.LEAD or trainee.id == seat
        ]
    if role in (Role.OBSERVER, Role.TRAINEE):
        notes = (for_role(event, role, seat) for event in state.notes.values())
        told["notes"] = [note for note in notes if note is not None]
    return told


def _sent_out(state: ClassState, role: Role, seat: str) -> dict[str, JsonValue]:
    """Of a room that knocks nothing is said: it was never in."""
    is_out = role in HERE and seat in state.rooms and state.rooms[seat].removed
    return {"removed": True} if is_out else {}


def _quiz_of_device(state: ClassState, device: str) -> dict[str, JsonValue]:
    if state.stage.quiz is None:
        return {"quiz": None, "answer": None}
    quiz = state.stage.quizzes[state.stage.quiz]
    own = state.answers.get(quiz.id, {}).get(device)
    return {
        "quiz": quiz_dict(quiz, knows_answers=False),
        "answer": None if own is None else [*own.given],
    }


def _answers(state: ClassState, role: Role, room: str) -> list[JsonValue]:
    """Answers to the quiz on the screen: all for who watches, of a room its own."""
    told: list[JsonValue] = []
    for given in state.answers.get(state.stage.quiz or "", {}).values():
        if role in WATCH or given.room == room:
            hidden = role is Role.ROOM and given.by != f"{role}:{room}"
            row = asdict(given) | {"given": [*given.given]}
            told.append({name: row[name] for name in row if name != "given" or not hidden})
    return told
