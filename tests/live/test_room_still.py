"""Who may show a room to the lead, and by what."""

from __future__ import annotations

import base64

import pytest

from tests.live.lessons import BAI, BEGAN, DEVICES, LEAD, OBSERVERS, SERVER, TEACHERS, TONG
from tongke.errors import Invalid
from tongke.live.bodies import Begin, BookedRoom, End, Prepare
from tongke.live.events import Event
from tongke.live.room_still import MOST_CHARACTERS, room_still
from tongke.live.rules import HasEnded, NotAdmitted, NotYoursToDo
from tongke.live.state import ClassState, replay
from tongke.live.vocabulary import LessonKind, Who

JPEG = base64.b64encode(b"\xff\xd8\xff\xe0 a small picture").decode()


def a_class(*bodies: object) -> ClassState:
    rooms = (BookedRoom(id=TONG.id, name="七（2）班"),)
    happened = [Prepare(lesson=LessonKind.BROADCAST, rooms=rooms), *bodies]
    return replay(Event(BEGAN, BEGAN, SERVER, body) for body in happened)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [a_class(), a_class(Begin())], ids=["waiting", "running"])
def test_a_room_shows_itself(state: ClassState) -> None:
    assert room_still(state, TONG, JPEG) == JPEG


@pytest.mark.parametrize("who", [LEAD, *TEACHERS, *OBSERVERS, *DEVICES], ids=str)
def test_nobody_else_does(who: Who) -> None:
    with pytest.raises(NotYoursToDo):
        room_still(a_class(Begin()), who, JPEG)


def test_only_who_is_in_the_class() -> None:
    with pytest.raises(NotAdmitted):
        room_still(a_class(Begin()), BAI, JPEG)
    with pytest.raises(HasEnded):
        room_still(a_class(Begin(), End()), TONG, JPEG)


@pytest.mark.parametrize(
    "said",
    [
        *(None, 12, [JPEG], "", "no base64!", "ü"),
        base64.b64encode(b"\x89PNG").decode(),
        base64.b64encode(b"\xff\xd8\xff" + bytes(MOST_CHARACTERS)).decode(),
    ],
)
def test_it_is_a_small_jpeg(said: object) -> None:
    with pytest.raises(Invalid):
        room_still(a_class(Begin()), TONG, said)
