"""Who is let in with a pupil's telephone: by six digits, then by what its cookie holds.

Six digits are few, and classes run by the hundred: who guesses is counted by address, in IPv6 by
what one customer has as well, and with all others together. Who is shut out by another's guesses
still comes into the class that is held at their own address.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Sequence
from functools import partial
from typing import Final
from weakref import WeakValueDictionary

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.api import parse_id
from services.http.keys import GROUND
from services.live.access.admission import admit
from services.live.access.code_turns import CodeTurns
from tongke.classes.models import Device, LiveClass
from tongke.classes.running import devices
from tongke.classes.running.devices import NoSuchCode
from tongke.errors import NotFound, NotSignedIn, TooManyRequests, Unavailable
from tongke.people.throttle import Lane, LocalCounters, Throttle, network, site

# A cookie has one path, and the secret is asked for under two.
COOKIES: Final = {"tongke-phone": "/live", "tongke-phone-page": "/q"}
# A school day: the secret is good for one class anyway.
COOKIE_S: Final = 12 * 3600
# Of a school's one address so many mistype in a quarter of an hour. A guesser, who then looks at
# one code in 20 s in each web process, sees in a lesson's 45 minutes 270 of the million codes where
# there is one process, and 410 where there are two.
FREE_FAILURES: Final = 40
CAP_S: Final = 20
# In IPv6 a customer has 65,536 networks of 40 free codes each. Several schools of a county may be
# one, and none has more than 200 mistyped codes in a quarter of an hour.
SITE_FREE_FAILURES: Final = 200
# All addresses together, in a minute. Where two pupils of a hundred mistype, that is six thousand
# who come in within a minute, a hundred and fifty classes that begin with the same bell; and most
# scan the square instead. A guesser with any number of addresses sees 120 codes a minute and those
# that are under way when the lane shuts: he finds a given class in one lesson of 170. While it is
# shut only those are kept out who do not sit where their class is held.
ALL_FREE_FAILURES: Final = 120
ALL_WINDOW_S: Final = 60
# Codes that are looked at in this process at the same time, of all addresses: what may still fail
# when that lane shuts.
AT_WORK: Final = 8
# Of one address that wait out a turn at the same time.
AT_ONCE: Final = 4
# Where too many were mistyped, a class that is held at that address is still entered, each by turns
# of this length: all codes take three days.
HERE_S: Final = 1.0
# It is told anew with each line: longer than a class.
PLACE_S: Final = 4 * 3600.0
# A device with a line is looked at every 60 s (`rights.ASKED_EVERY_S`); one look may be lost.
SEEN_S: Final = 150.0
# Devices whose place one that comes in may take: others come in at the same moment.
MOST_IDLE: Final = 8
# Who makes devices up at one address: 200 pupils behind it come in at once, some twice.
MOST_JOINS: Final = 400
JOINS_WINDOW_S: Final = 900


class _Turns:
    """Of one address: who looks at a code, and who waits out a turn."""

    def __init__(self) -> None:
        # One by one: of a burst, the others find the lane shut.
        self.trying = asyncio.Lock()
        self.waiting = asyncio.Semaphore(AT_ONCE)


THROTTLE: Final = web.AppKey("phones_throttle", Throttle)
CODES: Final = web.AppKey("phones_codes", CodeTurns)
TURNS: Final = web.AppKey("phones_turns", WeakValueDictionary[str, _Turns])
WORKING: Final = web.AppKey("phones_working", asyncio.Semaphore)


def secret_of(request: web.Request) -> str:
    """What the device has shown, under either path."""
    return next((request.cookies[name] for name in COOKIES if name in request.cookies), "")


async def class_of(request: web.Request, code: str) -> LiveClass:
    """The class of a code that somebody typed. A device that is in that class guesses nothing: who
    does at its school's address is not in its way.

    Raises:
        NoSuchCode, TooManyRequests.
    """
    if not (len(code) == devices.CODE_DIGITS and code.isascii() and code.isdigit()):
        raise NoSuchCode
    known = await _class_of_device(request, code)
    if known is not None:
        return known
    remote = request.remote or ""
    look_up = partial(_look_up, request.app, remote, code)
    return await request.app[CODES].look_up(network(remote), code, look_up)


async def _class_of_device(request: web.Request, code: str) -> LiveClass | None:
    """The class that a device is in, by its code or by one that it had before."""
    ground, secret = request.app[GROUND], secret_of(request)
    live = await ground.database.read(_with_places, secret) if secret else None
    if live is None or live.phone_code == code:
        return live
    with contextlib.suppress(Unavailable):
        if await ground.bus.get(_former(code)) == str(live.id).encode():
            return live
    return None


def _with_places(session: Session, secret: str) -> LiveClass | None:
    live = devices.class_of(session, secret)
    if live is not None:
        # All that is told of it, before the session ends.
        devices.places(live)
    return live


async def _look_up(app: web.Application, remote: str, code: str) -> LiveClass:
    """Raises NoSuchCode, TooManyRequests."""
    address = network(remote)
    turns = app[TURNS].setdefault(address, _Turns())
    async with turns.waiting:
        try:
            return await _try(app, turns, _lanes(remote), code)
        except TooManyRequests:
            # Who guesses at a school's address is in nobody's way whose class is held there; but
            # those are slow enough that nobody comes through all the codes.
            await asyncio.sleep(HERE_S)
            if (here := await _class_held_here(app, code, address)) is not None:
                return here
            raise


def _lanes(remote: str) -> tuple[Lane, ...]:
    everybody = Lane(
        "phone:all", ALL_FREE_FAILURES, ALL_WINDOW_S, in_turn=False, window_s=ALL_WINDOW_S
    )
    own = Lane(f"phone:{network(remote)}", FREE_FAILURES, CAP_S, in_turn=False)
    around = site(remote)
    if around is None:
        return own, everybody
    return own, Lane(f"phone:{around}", SITE_FREE_FAILURES, CAP_S, in_turn=False), everybody


async def _try(
    app: web.Application, turns: _Turns, lanes: tuple[Lane, ...], code: str
) -> LiveClass:
    throttle = app[THROTTLE]
    # Who finds a lane shut is in nobody's way.
    await throttle.admit(*lanes)
    async with turns.trying, app[WORKING]:
        # Those before may have shut it.
        await throttle.admit(*lanes)
        try:
            return await app[GROUND].database.read(_class_with, code)
        except NoSuchCode:
            await throttle.note_failure(*lanes)
            raise


async def _class_held_here(app: web.Application, code: str, address: str) -> LiveClass | None:
    try:
        live = await app[GROUND].database.read(_class_with, code)
        is_here = await app[GROUND].bus.get(_place(live.id, address)) is not None
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


def _former(code: str) -> str:
    return f"phone:former:{code}"


async def note_former(app: web.Application, code: str, class_id: int) -> None:
    """A class has another code from now on. The phones that are in it come back by the address that
    they have, and have guessed nothing."""
    with contextlib.suppress(Unavailable):
        await app[GROUND].bus.set(_former(code), str(class_id).encode(), PLACE_S)


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
    live, device = await request.app[GROUND].database.read(devices.device_in, secret, class_id)
    with contextlib.suppress(Unavailable):
        await request.app[GROUND].bus.set(_seen(device.id), b"1", SEEN_S)
    return live, device


def _seen(device_id: int) -> str:
    return f"phone:seen:{device_id}"


async def idle(
    app: web.Application, device_ids: Sequence[int], most: int = devices.MOST_DEVICES
) -> list[int]:
    """Of these devices some that hold no line to any process, and have not asked for anything
    either since about two minutes; at random. None where the bus cannot say."""
    found: list[int] = []
    with contextlib.suppress(Unavailable):
        for device_id in random.sample(device_ids, len(device_ids)):
            if await app[GROUND].bus.get(_seen(device_id)) is None:
                found.append(device_id)
            if len(found) == most:
                break
    return found


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
    app[CODES], app[TURNS] = CodeTurns(), WeakValueDictionary()
    app[WORKING] = asyncio.Semaphore(AT_WORK)
