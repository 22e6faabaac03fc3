"""A pupil's telephone on the class's line: the question, its own answer, the result."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from services.http.api import parse_id
from services.http.call import language_of
from services.http.identity import check_entrance
from services.http.keys import GROUND
from services.live.access import phone_access
from services.live.access.messages import MOST_OF_ROLE
from services.live.signalling.classrooms import whole_class
from services.live.signalling.socket import take_part
from tongke.classes.models import LiveClass
from tongke.classes.running import devices
from tongke.errors import NotFound, NotSignedIn
from tongke.live.vocabulary import Role, Who


async def device_socket(request: web.Request) -> web.WebSocketResponse:
    """Take part in a class's quizzes, by the device's own secret."""
    check_entrance(request)
    class_id = parse_id(request.match_info["id"])
    entering = partial(_enter, request, class_id)
    return await take_part(request, entering, language_of(request), MOST_OF_ROLE[Role.DEVICE])


async def _enter(request: web.Request, class_id: int) -> tuple[LiveClass, Who]:
    """Raises NotFound, ClassOver."""
    try:
        _, device = await phone_access.admit_device(request, class_id)
    except NotSignedIn:
        raise NotFound from None
    live = await request.app[GROUND].database.read(whole_class, class_id)
    return live, devices.who_is(live, device)


def mount(app: web.Application) -> None:
    app.router.add_get("/live/{id}/device", device_socket)
