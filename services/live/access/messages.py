"""What is said on a line, as it was sent: the class's own, a publisher's, a pupil's telephone's.

Everybody waits while a message is read, and whoever is in a class may send one: it is measured
before it is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from services.http.storable import check_storable
from tongke.live.boxes import DamagedStream
from tongke.live.vocabulary import Role

# A cable that is pulled says nothing: a line that is silent for so long is asked whether it holds.
HEARTBEAT_S: Final = 10.0
# A still of 32 000 characters, a description of the talk, 500 points of a stroke.
MOST_CHARACTERS: Final = 64 * 1024
# Who has nothing of that to send: an answer of 60 characters, a note of 1 000, each of them
# written as \uXXXX.
MOST_OF_ROLE: Final[Mapping[Role, int]] = {
    Role.DEVICE: 4 * 1024,
    Role.TEACHER: 8 * 1024,
    Role.TRAINEE: 8 * 1024,
    Role.OBSERVER: 8 * 1024,
}
# Values that a message has, by the commas between them: the points of a stroke are 1 000 numbers.
MOST_PARTS: Final = 2_000
# A browser's own number, counted up; a program may have another name for its questions.
MOST_OF_A_PING: Final = 64


def read(text: str, most_characters: int = MOST_CHARACTERS) -> dict[str, Any]:
    """A message as it was sent. Raises DamagedStream: it is none, is longer than its sender has
    anything to say, or holds what is not JSON (NaN) or what no database keeps."""
    if len(text) > most_characters or text.count(",") > MOST_PARTS:
        raise DamagedStream
    try:
        asked = json.loads(text, parse_constant=_no_json)
        check_storable(asked)
    except (ValueError, RecursionError, web.HTTPBadRequest) as error:
        raise DamagedStream from error
    if not isinstance(asked, dict):
        raise DamagedStream
    return asked


def asked_time(said: Mapping[str, Any]) -> int | str:
    """By which somebody knows the answer to their question for the time. Raises DamagedStream: it
    is nothing to count or to name by, and would only be sent back and forth."""
    number = said.get("ping")
    if isinstance(number, int) or (isinstance(number, str) and len(number) <= MOST_OF_A_PING):
        return number
    raise DamagedStream


def _no_json(word: str) -> None:
    raise ValueError(word)
