"""A small still of a receiving room, by which the lead sees who follows her lesson: who may send
one, and what it has to be. The lead alone gets it, and it is in no log.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from tongke.errors import Invalid, Text
from tongke.live import jpeg
from tongke.live.rules import HasEnded, NotAdmitted, NotYoursToDo
from tongke.live.state import ClassState
from tongke.live.vocabulary import Phase, Role, Who

# A JPEG of 320x180 has 6 to 15 kB.
MOST_CHARACTERS: Final = 32_000
# Four times what a room sends. A browser has four bytes for each pixel that a header says.
MOST_WIDTH: Final = 640
MOST_HEIGHT: Final = 360

NO_JPEG = Text("要一张 JPEG，不能太大", "A JPEG, and not too large")


def room_still(state: ClassState, who: Who, said: object) -> str:
    """The JPEG in base64 that a room sends of itself.

    Raises:
        NotYoursToDo: only a room has one. NotAdmitted, HasEnded, Invalid.
    """
    if who.role is not Role.ROOM:
        raise NotYoursToDo
    if state.phase is Phase.ENDED:
        raise HasEnded
    if not state.is_admitted(who.seat):
        raise NotAdmitted
    if not isinstance(said, str) or len(said) > MOST_CHARACTERS or not _is_small(said):
        raise Invalid({"still": NO_JPEG})
    return said


def _is_small(text: str) -> bool:
    try:
        size = jpeg.size(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):
        return False
    return size is not None and 0 < size.width <= MOST_WIDTH and 0 < size.height <= MOST_HEIGHT
