"""A lesson whose picture comes after its sound, in a room that was there from the beginning."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.world import World
from tests.waiting import until
from tongke.demo_library.live_film import Film
from tongke.live.wire import ChunkTrack

pytestmark = pytest.mark.browser

SOON_S = 30.0
WIDTH = "document.querySelector('.room-video')?.videoWidth"
PLAYED_S = "document.querySelector('.room-video')?.currentTime"


def sound_of(film: Film) -> Film:
    """What a browser sends whose camera has given nothing yet."""
    return replace(
        film,
        configuration=film.configuration.model_copy(update={"picture": None}),
        # A film begins with a keyframe.
        chunks=tuple(
            replace(each, keyframe=True) for each in film.chunks if each.track is ChunkTrack.SOUND
        ),
    )


def test_its_picture_is_seen_when_it_comes(world: World, open_page: Open) -> None:
    class_id, film = world.book(), world.camera.film
    page = open_page("/room", "room")
    world.begin(class_id, sound_of(film))
    until(lambda: page.evaluate(f"{PLAYED_S} > 1"), what="the sound is played")
    assert page.evaluate(WIDTH) == 0
    world.stop_filming()
    world.film(class_id)
    until(lambda: page.evaluate(WIDTH) == 320, SOON_S, "the picture is seen")
