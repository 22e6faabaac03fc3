"""The words by which the two ends of a talk find each other: who may say them to whom.

The talk is a star round the lead, so a room speaks with the lead and with nobody else. What is said
(descriptions and candidates of WebRTC) is the browsers' own affair: it is handed on unread, and is
no part of the class's log.
"""

from __future__ import annotations

import json
from typing import Final

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from tongke.errors import Forbidden, Invalid, Text
from tongke.live.quiz import Id
from tongke.live.state import ClassState
from tongke.live.vocabulary import Role, Who
from tongke.validation import invalid

LEAD: Final = "lead"
# A description of one picture and one sound has some 6 kB; with every codec of a browser, 12.
MOST_CHARACTERS: Final = 32_000

TOO_LONG = Text("太长了", "This is too long")


class NotInTalk(Forbidden):
    code = "not-in-talk"
    message = Text("这间教室没有在互动", "This room is not in the talk")
    remedy = Text("等主讲老师请发言", "Wait until the lead teacher calls it up")


class Word(BaseModel):
    """`to` is a room, or `LEAD`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Id
    data: dict[str, JsonValue]


def word(asked: object) -> Word:
    """Raises Invalid: it is no word, or longer than any description."""
    try:
        found = Word.model_validate(asked)
    except ValidationError as error:
        raise invalid(error) from error
    if len(json.dumps(found.data)) > MOST_CHARACTERS:
        raise Invalid({"data": TOO_LONG})
    return found


def end_of(who: Who) -> str | None:
    """The end of the talk that somebody holds; none of those who only watch."""
    if who.role is Role.LEAD:
        return LEAD
    return who.id if who.role is Role.ROOM else None


def speaker(state: ClassState, who: Who, to: str) -> str:
    """The end of the talk that somebody speaks from.

    Raises:
        NotInTalk: one of the two ends is not the lead, or not a room that takes part in the talk.
    """
    end = end_of(who)
    room = to if end == LEAD else end
    if end is None or room is None or LEAD not in (end, to) or not state.in_talk(room):
        raise NotInTalk
    return end
