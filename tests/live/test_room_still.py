"""Who may show a room to the lead, and by what."""

from __future__ import annotations

import base64

import pytest

from tests.live.lessons import BAI, BEGAN, DEVICES, LEAD, OBSERVERS, SERVER, TEACHERS, TONG
from tests.live.test_jpeg import drawn, said_to_be
from tongke.errors import Invalid
from tongke.live.bodies import Begin, BookedRoom, End, Prepare
from tongke.live.events import Event
from tongke.live.room_still import MOST_CHARACTERS, room_still
from tongke.live.rules import HasEnded, NotAdmitted, NotYoursToDo
from tongke.live.state import ClassState, replay
from tongke.live.vocabulary import LessonKind, Who


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


JPEG = coded(drawn())


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
        coded(b"\x89PNG"),
        coded(drawn(comment=bytes(MOST_CHARACTERS))),
        # A gigabyte in the browser that draws it.
        coded(said_to_be(drawn(), 16_000, 16_000)),
        coded(said_to_be(drawn(), 641, 360)),
        coded(said_to_be(drawn(), 640, 361)),
        coded(said_to_be(drawn(), 0, 180)),
        coded(drawn(progressive=True)),
    ],
)
def test_it_is_a_small_jpeg(said: object) -> None:
    with pytest.raises(Invalid):
        room_still(a_class(Begin()), TONG, said)


def test_it_may_be_twice_as_wide_and_high_as_a_room_sends() -> None:
    still = coded(said_to_be(drawn(), 640, 360))
    assert room_still(a_class(Begin()), TONG, still) == still
