"""My account: where I am signed in, my API tokens, my password."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.orm import Session

from services.accounts.desk import DESK
from services.accounts.sign_in_pages import check_again, failed, secrets_of
from services.accounts.user_agents import device
from services.http.api import parse_id
from services.http.call import Call
from services.http.identity import Identity
from services.http.language import Language, say
from services.web import labels
from services.web.i18n import translations
from services.web.page import Pages, done, form_values, show
from services.web.views import Form, SessionRow, SettingsView, TokenRow
from tongke.errors import NotSignedIn, TongkeError
from tongke.people import own_account, sign_in
from tongke.people.audience import HeldRole, RoleName
from tongke.people.models import Region, School

pages = Pages()


@pages.get("/settings")
async def settings_page(call: Call) -> web.StreamResponse:
    return await _show(call)


@pages.post("/settings/password")
async def change_password(call: Call) -> web.StreamResponse:
    posted = await secrets_of(call)
    new = posted.get("new", "")
    identity = _identity(call)
    try:
        check_again(new, posted.get("again", ""))
        await call.request.app[DESK].change_password(
            call.viewer, identity.session_id, posted.get("current", ""), new
        )
    except TongkeError as failure:
        return await _show(call, password=failed({}, failure), status=failure.status)
    return done("/settings", "password-changed")


@pages.post("/settings/tokens")
async def add_token(call: Call) -> web.StreamResponse:
    """The answer to the form itself shows the token: an address could be opened again.

    Only from a session, as over JSON: a leaked token would make itself an heir.
    """
    call.require_session()
    posted = await form_values(call.request)
    try:
        _, secret = await call.write(sign_in.add_api_token, call.viewer, posted.get("name", ""))
    except TongkeError as failure:
        return await _show(call, token=failed(posted, failure), status=failure.status)
    return await _show(call, secret=secret)


@pages.post("/settings/tokens/{id}/revoke")
async def revoke_token(call: Call) -> web.StreamResponse:
    token_id = parse_id(call.request.match_info["id"])
    await call.write(sign_in.revoke_api_token, call.viewer.account_id, token_id)
    return done("/settings", "token-revoked")


@pages.post("/settings/sessions/{id}/revoke")
async def end_session(call: Call) -> web.StreamResponse:
    session_id = parse_id(call.request.match_info["id"])
    await call.write(sign_in.end_session, call.viewer.account_id, session_id)
    return done("/settings", "session-ended")


async def _show(
    call: Call,
    *,
    password: Form | None = None,
    token: Form | None = None,
    secret: str | None = None,
    status: int = 200,
) -> web.Response:
    view = await call.read(_view, _identity(call), call.language, password, token, secret)
    return await show(call, view, status=status)


def _view(
    session: Session,
    identity: Identity,
    language: Language,
    password: Form | None,
    token: Form | None,
    secret: str | None,
) -> SettingsView:
    account = own_account.own(session, identity.viewer)
    return SettingsView(
        name=account.name,
        username=account.username,
        roles=tuple(_role(session, role, language) for role in identity.viewer.roles),
        is_room=identity.viewer.has(RoleName.CLASSROOM),
        sessions=tuple(
            SessionRow(
                row.id,
                say(device(row.user_agent), language),
                row.address,
                row.created_at,
                row.id == identity.session_id,
            )
            for row in sign_in.sessions(session, account.id)
        ),
        tokens=tuple(
            TokenRow(row.id, row.name, row.hint, row.created_at, row.expires_at)
            for row in sign_in.api_tokens(session, account.id)
        ),
        password=password or Form(),
        token=token or Form(),
        secret=secret,
    )


def _role(session: Session, role: HeldRole, language: Language) -> str:
    """A role with where it is held: 「育才中学 教师」."""
    word = translations(language).gettext(labels.label("role", role.name))
    if role.school_id is not None:
        return f"{session.get_one(School, role.school_id).name} {word}"
    if role.region_code is not None:
        return f"{session.get_one(Region, role.region_code).name} {word}"
    return word


def _identity(call: Call) -> Identity:
    if call.identity is None:
        raise NotSignedIn
    return call.identity
