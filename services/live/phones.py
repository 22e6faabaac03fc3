"""Pupils' telephones: six digits, a room, a seat number, and they are in the class."""

from __future__ import annotations

import asyncio
from typing import Final
from weakref import WeakValueDictionary

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.api import parse_id
from services.http.call import Call
from services.http.identity import check_entrance
from services.http.keys import GROUND
from services.live import origin
from services.web import views
from services.web.page import Pages, form_values, see_other, show
from tongke.classes import devices
from tongke.classes.devices import NoSuchCode
from tongke.classes.models import Device, LiveClass
from tongke.errors import Invalid, NotFound, NotSignedIn, TongkeError, TooManyRequests, Unavailable
from tongke.people.throttle import Lane, LocalCounters, Throttle, network

pages = Pages()

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
# Who makes devices up at one address: 200 pupils behind it come in at once, some twice.
MOST_JOINS: Final = 400
JOINS_WINDOW_S: Final = 900

THROTTLE: Final = web.AppKey("phones_throttle", Throttle)
TURNS: Final = web.AppKey("phones_turns", WeakValueDictionary[str, asyncio.Semaphore])


def _secret(request: web.Request) -> str:
    """What the device has shown, under either path."""
    return next((request.cookies[name] for name in COOKIES if name in request.cookies), "")


async def class_of(request: web.Request, code: str) -> LiveClass:
    """The class of a code that somebody typed.

    Raises:
        NoSuchCode, TooManyRequests.
    """
    address = network(request.remote or "")
    lane = Lane(f"phone:{address}", FREE_FAILURES, CAP_S, in_turn=False)
    async with request.app[TURNS].setdefault(address, asyncio.Semaphore(AT_ONCE)):
        await request.app[THROTTLE].admit(lane)
        try:
            return await request.app[GROUND].database.read(_class_with, code)
        except NoSuchCode:
            await request.app[THROTTLE].note_failure(lane)
            raise


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
    secret = _secret(request)
    if not secret:
        raise NotSignedIn
    return await request.app[GROUND].database.read(devices.device_in, secret, class_id)


async def admit_to_slide(request: web.Request, deck: str, number: int) -> int:
    """The class of a slide that a session may see, or a device, which sees what it was asked about.

    Raises:
        NotSignedIn, NotFound, ClassOver.
    """
    try:
        return await origin.admit(request)
    except (NotSignedIn, NotFound):
        if not _secret(request):
            raise
    live, _ = await admit_device(request, parse_id(request.match_info["id"]))
    if not await request.app[GROUND].database.read(devices.was_asked, live.id, deck, number):
        raise NotFound
    return live.id


@pages.get("/q", anybody=True)
async def code_page(call: Call) -> web.StreamResponse:
    typed = "".join(c for c in call.request.query.get("code", "") if c in "0123456789")
    if len(typed) == devices.CODE_DIGITS:
        return see_other(f"/q/{typed}")
    secret = _secret(call.request)
    known = await call.read(devices.code_of, secret) if secret else None
    if known is not None:
        return see_other(f"/q/{known}")
    return await show(call, views.PhoneInView(views.Form({"code": typed})))


@pages.get("/q/{code}", anybody=True)
async def phone_page(call: Call) -> web.StreamResponse:
    code = call.request.match_info["code"]
    try:
        live = await class_of(call.request, code)
    except (NoSuchCode, TooManyRequests) as failure:
        return await _again(call, code, failure)
    try:
        _, device = await admit_device(call.request, live.id)
    except (NotSignedIn, NotFound):
        return await show(call, _to_join(live, views.Form()))
    if "seat" in call.request.query:
        place = devices.LEAD if device.room_id is None else str(device.room_id)
        return await show(call, _to_join(live, views.Form({"room": place, "name": device.name})))
    place = devices.places(live).get(device.room_id, live.school.name)
    return await show(call, views.PhoneView(live.id, live.title, place, device.name))


@pages.post("/q/{code}", anybody=True)
async def join(call: Call) -> web.StreamResponse:
    check_entrance(call.request)
    code, posted = call.request.match_info["code"], await form_values(call.request)
    try:
        live = await class_of(call.request, code)
    except (NoSuchCode, TooManyRequests) as failure:
        return await _again(call, code, failure)
    try:
        await _count(call.request, live.id)
        _, secret = await call.write(
            devices.join,
            code,
            _place(posted.get("room", "")),
            posted.get("name", ""),
            _secret(call.request),
        )
    except TongkeError as failure:
        errors = failure.fields if isinstance(failure, Invalid) else {}
        form = views.Form(posted, errors, None if errors else failure)
        return await show(call, _to_join(live, form), status=failure.status)
    response = see_other(f"/q/{code}")
    for name, path in COOKIES.items():
        response.set_cookie(
            name, secret, max_age=COOKIE_S, httponly=True, secure=call.request.secure,
            samesite="Lax", path=path,
        )  # fmt: skip
    return response


def _place(value: str) -> int | None:
    """The room of a form; -1, which is none, for what is no number."""
    try:
        return None if value == devices.LEAD else parse_id(value)
    except NotFound:
        return -1


def _to_join(live: LiveClass, form: views.Form) -> views.PhoneJoinView:
    places = tuple(
        views.PhonePlace(devices.LEAD if number is None else str(number), name)
        for number, name in devices.places(live).items()
    )
    return views.PhoneJoinView(live.phone_code or "", live.title, places, form)


async def _again(call: Call, code: str, failure: TongkeError) -> web.StreamResponse:
    """The code is to be typed once more."""
    view = views.PhoneInView(views.Form({"code": code}, failure=failure))
    return await show(call, view, status=failure.status)


async def _count(request: web.Request, class_id: int) -> None:
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
    pages.mount(app)
