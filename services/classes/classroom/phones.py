"""Pupils' telephones: six digits, a room, a seat number, and they are in the class."""

from __future__ import annotations

import unicodedata

from aiohttp import web

from services.http.api import parse_id
from services.http.call import Call
from services.http.identity import check_entrance
from services.live.access import phone_access
from services.web import views
from services.web.page import Pages, form_values, see_other, show
from tongke.classes.models import LiveClass
from tongke.classes.running import devices
from tongke.classes.running.devices import ClassFull, NoSuchCode
from tongke.classes.vocabulary import Purpose
from tongke.errors import Invalid, NotFound, NotSignedIn, Text, TongkeError, TooManyRequests
from tongke.people.audience import RoleName

pages = Pages()


class NotSixDigits(TongkeError):
    code = "no-phone-code"
    status = 422
    message = Text("数字码是六位数字", "The code has six digits")
    remedy = devices.NoSuchCode.remedy


@pages.get("/q", anybody=True)
async def code_page(call: Call) -> web.StreamResponse:
    typed = call.request.query.get("code")
    if typed is not None:
        digits = _digits(typed)
        if len(digits) == devices.CODE_DIGITS:
            return see_other(f"/q/{digits}")
        return await _again(call, typed, NotSixDigits())
    secret = phone_access.secret_of(call.request)
    known = await call.read(devices.code_of, secret) if secret else None
    if known is not None:
        return see_other(f"/q/{known}")
    return await show(call, views.PhoneInView(views.Form()))


@pages.get("/q/{code}", anybody=True)
async def phone_page(call: Call) -> web.StreamResponse:
    code = call.request.match_info["code"]
    try:
        live = await phone_access.class_of(call.request, code)
    except (NoSuchCode, TooManyRequests) as failure:
        return await _again(call, code, failure)
    if live.phone_code != code:
        # The lead has changed it while this phone was in.
        more = "?seat" if "seat" in call.request.query else ""
        return see_other(f"/q/{live.phone_code}{more}")
    try:
        _, device = await phone_access.admit_device(call.request, live.id)
    except (NotSignedIn, NotFound):
        return await show(call, _to_join(live, views.Form({"name": _own_name(call, live)})))
    if "seat" in call.request.query:
        place = devices.LEAD if device.room_id is None else str(device.room_id)
        return await show(call, _to_join(live, views.Form({"room": place, "name": device.name})))
    place = devices.places(live).get(device.room_id, live.school.name)
    is_training = live.purpose == Purpose.TRAINING
    if is_training and device.room_id is None:
        place = ""
    return await show(call, views.PhoneView(live.id, live.title, place, device.name, is_training))


@pages.post("/q/{code}", anybody=True)
async def join(call: Call) -> web.StreamResponse:
    check_entrance(call.request)
    code, posted = call.request.match_info["code"], await form_values(call.request)
    try:
        live = await phone_access.class_of(call.request, code)
    except (NoSuchCode, TooManyRequests) as failure:
        return await _again(call, code, failure)
    try:
        secret = await _join(call, live, posted)
    except TongkeError as failure:
        errors = failure.fields if isinstance(failure, Invalid) else {}
        form = views.Form(posted, errors, None if errors else failure)
        return await show(call, _to_join(live, form), status=failure.status)
    response = see_other(f"/q/{live.phone_code}")
    for name, path in phone_access.COOKIES.items():
        response.set_cookie(
            name, secret, max_age=phone_access.COOKIE_S, httponly=True, secure=call.request.secure,
            samesite="Lax", path=path,
        )  # fmt: skip
    return response


async def _join(call: Call, live: LiveClass, posted: dict[str, str]) -> str:
    """The device's secret. Who only moves, and who is refused, counts for nobody at that address.

    Raises:
        NoSuchCode, ClassFull, Invalid, TooManyRequests.
    """
    room, name = _place(posted.get("room", "")), posted.get("name", "")
    asked = live.phone_code or "", room, name, phone_access.secret_of(call.request)
    coming, idle = await call.read(devices.newcomer, *asked), list[int]()
    if coming is not None:
        if coming.in_its_way is not None:
            app, most = call.request.app, phone_access.MOST_IDLE
            idle = await phone_access.idle(app, coming.in_its_way, most)
            if not idle:
                raise ClassFull
        await phone_access.count_join(call.request, live.id)
    _, secret = await call.write(devices.join, *asked, idle)
    return secret


def _digits(typed: str) -> str:
    """The screen shows a code with a gap, and a Chinese keyboard may write its digits wide."""
    return "".join(str(unicodedata.decimal(c)) for c in typed if c.isdecimal())


def _place(value: str) -> int | None:
    """The room of a form; -1, which is none, for what is no number."""
    try:
        return None if value == devices.LEAD else parse_id(value)
    except NotFound:
        return -1


def _own_name(call: Call, live: LiveClass) -> str:
    """Of a teacher who answers where she is signed in; pupils give a seat's number."""
    if call.identity is None or live.purpose != Purpose.TRAINING:
        return ""
    viewer = call.identity.viewer
    return "" if viewer.has(RoleName.CLASSROOM) else viewer.name


def _to_join(live: LiveClass, form: views.Form) -> views.PhoneJoinView:
    places = tuple(
        views.PhonePlace(devices.LEAD if number is None else str(number), name)
        for number, name in devices.places(live).items()
    )
    is_training = live.purpose == Purpose.TRAINING
    return views.PhoneJoinView(live.phone_code or "", live.title, places, is_training, form)


async def _again(call: Call, code: str, failure: TongkeError) -> web.StreamResponse:
    """The code is to be typed once more."""
    view = views.PhoneInView(views.Form({"code": code}, failure=failure))
    return await show(call, view, status=failure.status)


def mount(app: web.Application) -> None:
    phone_access.mount(app)
    pages.mount(app)
