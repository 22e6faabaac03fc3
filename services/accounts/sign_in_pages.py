"""Coming in, going out, and the language to be spoken to in."""

from __future__ import annotations

from aiohttp import web

from services.accounts.cookies import keep_language, let_in, see_out, visit_of
from services.accounts.desk import DESK
from services.http.call import Call
from services.http.forms import read_form
from services.http.identity import check_entrance
from services.http.language import choose_language
from services.web.page import Pages, done, form_values, local_path, see_other, show
from services.web.views import Form, SignInView, SlipView
from tongke.errors import Invalid, Text, TongkeError
from tongke.people import own_account, sign_in

pages = Pages()

NOT_THE_SAME = Text("两次输入的不一样", "The two are not the same")


@pages.get("/sign-in", anybody=True)
async def sign_in_page(call: Call) -> web.StreamResponse:
    wanted = local_path(call.request.query.get("next", "/"))
    if call.identity is not None:
        return see_other(wanted)
    return await show(call, SignInView(next=wanted))


@pages.post("/sign-in", anybody=True)
async def sign_in_form(call: Call) -> web.StreamResponse:
    check_entrance(call.request)
    posted = await secrets_of(call)
    wanted = local_path(posted.get("next", "/"))
    username = posted.get("username", "")
    try:
        entry = await call.request.app[DESK].sign_in(
            username, posted.get("password", ""), visit_of(call.request)
        )
    except TongkeError as failure:
        form = Form({"username": username}, failure=failure)
        return await show(call, SignInView(form, wanted), status=failure.status)
    response = see_other(wanted)
    await let_in(call.request, response, entry)
    return response


@pages.post("/sign-out")
async def sign_out(call: Call) -> web.StreamResponse:
    response = done("/sign-in", "signed-out")
    if call.identity is not None and call.identity.session_id is not None:
        await call.write(sign_in.end_session, call.viewer.account_id, call.identity.session_id)
    see_out(call.request, response)
    return response


@pages.get("/slip", anybody=True)
async def slip_page(call: Call) -> web.StreamResponse:
    return await show(call, SlipView())


@pages.post("/slip", anybody=True)
async def slip_form(call: Call) -> web.StreamResponse:
    check_entrance(call.request)
    posted = await secrets_of(call)
    code, password = posted.get("code", ""), posted.get("password", "")
    try:
        check_again(password, posted.get("again", ""))
        entry = await call.request.app[DESK].use_slip(code, password, visit_of(call.request))
    except TongkeError as failure:
        form = failed({"code": code}, failure)
        return await show(call, SlipView(form), status=failure.status)
    response = done("/", "password-changed")
    await let_in(call.request, response, entry)
    return response


@pages.post("/language", anybody=True)
async def language(call: Call) -> web.StreamResponse:
    check_entrance(call.request)
    posted = await form_values(call.request)
    chosen = choose_language(cookie=posted.get("lang"))
    if call.identity is not None:
        await call.write(own_account.change_own, call.viewer, language=chosen)
    response = see_other(local_path(posted.get("next", "/")))
    keep_language(call.request, response, chosen)
    return response


async def secrets_of(call: Call) -> dict[str, str]:
    """The text fields of a form as they were typed: a password's spaces are part of it."""
    posted = await read_form(call.request)
    return {name: value for name, value in posted.items() if isinstance(value, str)}


def check_again(password: str, again: str) -> None:
    """Raises Invalid when what was to be typed twice differs."""
    if password != again:
        raise Invalid({"again": NOT_THE_SAME})


def failed(values: dict[str, str], failure: TongkeError) -> Form:
    """The form once more: what is wrong beside its field, or above when it is of no field."""
    if isinstance(failure, Invalid) and failure.fields:
        return Form(values, failure.fields)
    return Form(values, failure=failure)
