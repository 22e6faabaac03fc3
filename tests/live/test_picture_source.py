"""What a lesson's picture comes from is in its log, whoever hears of it late."""

from __future__ import annotations

from tests.live.lessons import SERVER, Lesson
from tongke.live.bodies import Publisher
from tongke.live.state import replay
from tongke.live.views import snapshot
from tongke.live.vocabulary import PictureSource, Role

PAGE, APPLIANCE = PictureSource.PAGE, PictureSource.APPLIANCE


def said(lesson: Lesson, *, on: bool, source: PictureSource) -> bool:
    """Whether it was news."""
    return bool(lesson.ask(SERVER, Publisher(on=on, source=source)))


def test_one_takes_the_place_of_the_other() -> None:
    lesson = Lesson()
    said(lesson, on=False, source=lesson.state.picture_source)
    assert said(lesson, on=True, source=APPLIANCE)
    assert not said(lesson, on=True, source=APPLIANCE)
    assert said(lesson, on=True, source=PAGE)
    assert not said(lesson, on=False, source=APPLIANCE), "the one before is late with its word"
    assert lesson.state.publishing
    assert said(lesson, on=False, source=PAGE)
    assert not lesson.state.publishing
    assert replay(lesson.log) == lesson.state


def test_who_comes_late_learns_it() -> None:
    lesson = Lesson()
    said(lesson, on=True, source=APPLIANCE)
    for role in (Role.LEAD, Role.OBSERVER):
        told = snapshot(lesson.state, role)
        assert (told["publishing"], told["picture_source"]) == (True, "appliance")
