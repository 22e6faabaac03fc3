"""Signing in, oneself, and the people one looks after, over JSON.

What gives somebody a way in (an account, a role, a slip, a token) is done from a session only: a
token that leaked could otherwise outlive its own revocation.
"""

from __future__ import annotations

import structlog
from aiohttp import web
from pydantic import BaseModel
from sqlalchemy.orm import Session

from services.accounts.cookies import let_in, see_out, visit_of
from services.accounts.desk import DESK, Entry
from services.accounts.schemas import (
    AccountChanges,
    AccountIn,
    AccountOut,
    AccountQuery,
    Me,
    MeChanges,
    NewAccount,
    NewToken,
    PasswordChange,
    RegionOut,
    RegionQuery,
    SchoolOut,
    SchoolQuery,
    Sessions,
    SignedIn,
    SignIn,
    SlipOut,
    SlipUse,
    TokenIn,
    Tokens,
    account_out,
    me_out,
    region_out,
    school_out,
    session_out,
    slip_out,
    token_out,
)
from services.accounts.user_agents import device
from services.http.api import Api
from services.http.call import Call
from services.http.identity import csrf_token
from services.http.language import say
from services.http.paging import Page, cut
from tongke.errors import NotFound
from tongke.people import accounts, own_account, queries, sign_in
from tongke.people.audience import Viewer
from tongke.people.queries import viewer_of

api = Api("accounts")

_log = structlog.get_logger("tongke.accounts")


@api.post("/session", "Sign in: sets the session's cookie", anybody=True, answer=SignedIn)
async def begin_session(call: Call, body: SignIn) -> web.Response:
    desk, visit = call.request.app[DESK], visit_of(call.request)
    entry = await desk.sign_in(body.username, body.password, visit)
    return await _let_in(call, entry)


@api.post(
    "/slips/use", "Set a new password with a slip, and sign in", anybody=True, answer=SignedIn
)
async def use_slip(call: Call, body: SlipUse) -> web.Response:
    desk, visit = call.request.app[DESK], visit_of(call.request)
    entry = await desk.use_slip(body.code, body.password, visit)
    return await _let_in(call, entry)


async def _let_in(call: Call, entry: Entry) -> web.Response:
    viewer = await call.read(viewer_of, entry.account_id)
    if viewer is None:
        raise NotFound
    me = await call.read(me_out, viewer)
    said = SignedIn(me=me, csrf_token=csrf_token(entry.secret))
    response = web.json_response(text=said.model_dump_json(), headers={"Cache-Control": "no-store"})
    await let_in(call.request, response, entry)
    return response


@api.delete("/session", "Sign out: ends the session this request came by")
async def end_session(call: Call) -> web.Response:
    session_id = call.require_session()
    await call.write(sign_in.end_session, call.viewer.account_id, session_id)
    response = web.Response(status=204)
    see_out(call.request, response)
    return response


@api.get("/me", "Who I am")
async def me(call: Call) -> Me:
    return await call.read(me_out, call.viewer)


@api.patch("/me", "Change my name or language")
async def change_me(call: Call, body: MeChanges) -> Me:
    await call.write(own_account.change_own, call.viewer, name=body.name, language=body.language)
    return await call.read(me_out, call.viewer)


@api.put("/me/password", "Change my password; every other sign-in ends")
async def change_password(call: Call, body: PasswordChange) -> None:
    session_id = call.identity.session_id if call.identity else None
    desk = call.request.app[DESK]
    await desk.change_password(call.viewer, session_id, body.current, body.new)


@api.get("/me/sessions", "Where I am signed in")
async def my_sessions(call: Call) -> Sessions:
    current = call.identity.session_id if call.identity else None
    rows = await call.read(sign_in.sessions, call.viewer.account_id)
    language = call.language
    return Sessions(
        items=[session_out(row, say(device(row.user_agent), language), current) for row in rows]
    )


@api.delete("/me/sessions", "Sign out everywhere but here")
async def end_other_sessions(call: Call) -> None:
    current = call.identity.session_id if call.identity else None
    await call.write(sign_in.end_sessions, call.viewer.account_id, keep=current)


@api.delete("/me/sessions/{id}", "Sign one device out")
async def end_one_session(call: Call, id: int) -> None:
    await call.write(sign_in.end_session, call.viewer.account_id, id)


@api.get("/me/tokens", "My API tokens, without their secrets")
async def my_tokens(call: Call) -> Tokens:
    rows = await call.read(sign_in.api_tokens, call.viewer.account_id)
    return Tokens(items=[token_out(row) for row in rows])


@api.post("/me/tokens", "Make an API token; it is shown once", status=201)
async def add_token(call: Call, body: TokenIn) -> NewToken:
    """Only from a session."""
    call.require_session()
    row, secret = await call.write(sign_in.add_api_token, call.viewer, body.name, body.days)
    return NewToken(**token_out(row).model_dump(), token=secret)


@api.delete("/me/tokens/{id}", "Revoke an API token")
async def revoke_token(call: Call, id: int) -> None:
    await call.write(sign_in.revoke_api_token, call.viewer.account_id, id)


@api.get("/regions", "Regions, in the order of their codes")
async def regions(call: Call, query: RegionQuery) -> Page[RegionOut]:
    rows = await call.read(
        queries.regions,
        parent=query.parent,
        level=query.level,
        q=query.q,
        after=query.after_id,
        limit=query.limit + 1,
    )
    page, following = cut(rows, query.limit, lambda row: int(row.code))
    return Page(items=[region_out(row) for row in page], next=following)


@api.get("/schools", "Schools")
async def schools(call: Call, query: SchoolQuery) -> Page[SchoolOut]:
    rows = await call.read(
        queries.schools,
        region=query.region,
        q=query.q,
        after=query.after_id,
        limit=query.limit + 1,
    )
    page, following = cut(rows, query.limit, lambda row: row.id)
    return Page(items=[school_out(row) for row in page], next=following)


@api.get("/accounts", "The accounts I look after")
async def list_accounts(call: Call, query: AccountQuery) -> Page[AccountOut]:
    """A school administrator's are those of the school; an officer's the administrators of
    schools and the officers below; an operator's all."""
    rows = await call.read(
        queries.accounts,
        call.viewer,
        school_id=query.school_id,
        role=query.role,
        q=query.q,
        after=query.after_id,
        limit=query.limit + 1,
    )
    page, following = cut(rows, query.limit, lambda row: row.id)
    return Page(items=[account_out(row) for row in page], next=following)


@api.post("/accounts", "Make an account, with a slip for its owner", status=201)
async def add_account(call: Call, body: AccountIn) -> NewAccount:
    """Only from a session."""
    call.require_session()
    made = await call.write(_add_account, call.viewer, body)
    _log.info("account-added", account=made.account.id, by=call.viewer.account_id)
    return made


def _add_account(session: Session, viewer: Viewer, body: AccountIn) -> NewAccount:
    account = accounts.add_account(session, viewer, body.username, body.name, body.role.wanted)
    slip = accounts.write_slip(session, viewer, account.id)
    return NewAccount(account=account_out(account), slip=slip_out(slip))


@api.patch("/accounts/{id}", "Change an account I look after")
async def change_account(call: Call, id: int, body: AccountChanges) -> AccountOut:
    """Only from a session."""
    call.require_session()
    changed = await call.write(_change_account, call.viewer, id, body)
    _log.info("account-changed", account=id, by=call.viewer.account_id, changed=_said(body))
    return changed


def _change_account(
    session: Session, viewer: Viewer, account_id: int, body: AccountChanges
) -> AccountOut:
    account = queries.account_seen(session, viewer, account_id)
    if body.name is not None:
        accounts.rename(session, viewer, account_id, body.name)
    if body.roles is not None:
        wanted = [role.wanted for role in body.roles]
        accounts.set_roles(session, viewer, account_id, wanted)
    if body.disabled is not None:
        change = accounts.disable if body.disabled else accounts.enable
        change(session, viewer, account_id)
    return account_out(account)


@api.post("/accounts/{id}/slip", "Make a slip for a forgotten password", status=201)
async def write_slip(call: Call, id: int) -> SlipOut:
    """It holds once, for three days; older slips of the account are void. Only from a session."""
    call.require_session()
    issued = await call.write(accounts.write_slip, call.viewer, id)
    _log.info("slip-written", account=id, by=call.viewer.account_id)
    return slip_out(issued)


def _said(body: BaseModel) -> list[str]:
    """The names of what was asked to change, for the log."""
    return sorted(body.model_fields_set)
