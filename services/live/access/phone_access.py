"""Who is let in with a pupil's telephone: by six digits, then by what its cookie holds."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final
from weakref import WeakValueDictionary

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.api import parse_id
from services.http.keys import GROUND
from services.live.access.admission import admit
from tongke.classes.models import Device, LiveClass
from tongke.classes.running import devices
from tongke.classes.running.devices import NoSuchCode
from tongke.errors import NotFound, NotSignedIn, TooManyRequests, Unavailable
from tongke.people.throttle import Lane, LocalCounters, Throttle, network

# A cookie has one path, and the secret is asked for under two.
COOKIES: Final = {"tongke-phone": "/live", "tongke-phone-page": "/q"}
# A school day: the secret is good for one class anyway.
COOKIE_S: Final = 12 * 3600
# Of a school's one address so many mistype in a quarter of an hour. A guesser, who is then let in
# every 20 s, sees less than one in three thousand of all codes in a lesson's time.
FREE_FAILURES: Final = 40
CAP_S: Final = 20
# Codes of one address that are looked at at the same time: of a burst, the others find it shut.
AT_ONCE: Final = 4
# Where too many were mistyped, a class that is held at that address is still entered, each by turns
# of this length: all codes take three days.
HERE_S: Final = 1.0
# It is told anew with each line: longer than a class.
PLACE_S: Final = 4 * 3600.0
# Who makes devices up at one address: 200 pupils behind it come in at once, some twice.
MOST_JOINS: Final = 400
JOINS_WINDOW_S: Final = 900

THROTTLE: Final = web.AppKey("phones_throttle", Throttle)
TURNS: Final = web.AppKey("phones_turns", WeakValueDictionary[str, asyncio.Semaphore])


def secret_of(request: web.Request) -> str:
    """What the device has shown, under either path."""
    return next((request.cookies[name] for name in COOKIES if name in request.cookies), "")


async def class_of(request: web.Request, code: str) -> LiveClass:
    """The class of a code that somebody typed. A device that is in that class guesses nothing: who
    does at its school's address is not in its way.

    Raises:
        NoSuchCode, TooManyRequests.
    """
    database, secret = request.app[GROUND].database, secret_of(request)
    if secret and (known := await database.read(_class_of_device, secret, code)) is not None:
        return known
    address = network(request.remote or "")
    lane = Lane(f"phone:{address}", FREE_FAILURES, CAP_S, in_turn=False)
    async with request.app[TURNS].setdefault(address, asyncio.Semaphore(AT_ONCE)):
        try:
            await request.app[THROTTLE].admit(lane)
        except TooManyRequests:
            # Who guesses at a school's address is in nobody's way whose class is held there; but
            # those are slow enough that nobody comes through all the codes.
            await asyncio.sleep(HERE_S)
            if (here := await _class_held_here(request, code, address)) is not None:
                return here
            raise
        try:
            return await database.read(_class_with, code)
        except NoSuchCode:
            await request.app[THROTTLE].note_failure(lane)
            raise


async def _class_held_here(request: web.Request, code: str, address: str) -> LiveClass | None:
    try:
        live = await request.app[GROUND].database.read(_class_with, code)
        is_here = await request.app[GROUND].bus.get(_place(live.id, address)) is not None
    except (NoSuchCode, Unavailable):
        return None
    return live if is_here else None


async def note_place(request: web.Request, class_id: int) -> None:
    """A line of the class's own has been opened from this address: its pupils sit there."""
    with contextlib.suppress(Unavailable):
        place = _place(class_id, network(request.remote or ""))
        await request.app[GROUND].bus.set(place, b"1", PLACE_S)


def _place(class_id: int, address: str) -> str:
    return f"phone:place:{class_id}:{address}"


def _class_of_device(session: Session, secret: str, code: str) -> LiveClass | None:
    return _class_with(session, code) if devices.code_of(session, secret) == code else None


def _class_with(session: Session, code: str) -> LiveClass:
    live = devices.class_with(session, code)
    # All that is told of it, before the session ends.
    devices.places(live)
    return live


async def admit_device(request: web.Request, class_id: int) -> tuple[LiveClass, Device]:
    """The device that asks, in its class.

    Raises:
        NotSignedIn: it shows nothing. NotFound, ClassOver.
    """
    secret = secret_of(request)
    if not secret:
        raise NotSignedIn
    return await request.app[GROUND].database.read(devices.device_in, secret, class_id)


async def admit_to_slide(request: web.Request, deck: str, number: int) -> int:
    """The class of a slide that a session may see, or a device, which sees what it was asked about.

    Raises:
        NotSignedIn, NotFound, ClassOver.
    """
    try:
        return await admit(request)
    except (NotSignedIn, NotFound):
        if not secret_of(request):
            raise
    live, device = await admit_device(request, parse_id(request.match_info["id"]))
    if not await request.app[GROUND].database.read(devices.may_see, device, deck, number):
        raise NotFound
    return live.id


async def count_join(request: web.Request, class_id: int) -> None:
    """Raises TooManyRequests."""
    key = f"phone:joins:{class_id}:{network(request.remote or '')}"
    try:
        hits = await request.app[GROUND].bus.hit(key, JOINS_WINDOW_S)
    except Unavailable:
        # The class has a bound of its own.
        return
    if hits.count > MOST_JOINS:
        raise TooManyRequests(seconds=round(hits.seconds_left))


def mount(app: web.Application) -> None:
    app[THROTTLE] = Throttle(app[GROUND].bus, LocalCounters())
    app[TURNS] = WeakValueDictionary()
