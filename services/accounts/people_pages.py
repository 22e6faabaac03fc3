"""The people of a school, for who looks after them.

A school administrator sees the school's; an operator every account, or with `?school=` those of
one school; an officer, with `?school=`, the administrators of a school within reach.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

import structlog
from aiohttp import web
from sqlalchemy.orm import Session

from services.accounts.sign_in_pages import failed
from services.http.api import parse_id
from services.http.call import Call
from services.http.language import Language, say
from services.http.paging import PageQuery, cut
from services.web.page import Pages, done, form_values, see_other, show
from services.web.views import AccountRow, Form, PeopleView, Slip
from tongke import clock
from tongke.errors import Conflict, Forbidden, Invalid, NotFound, Text, TongkeError
from tongke.people import accounts, authority, queries, slips
from tongke.people.accounts import NO_SCHOOL, RoleWanted
from tongke.people.audience import SCHOOL_PEOPLE, HeldRole, RoleName, Viewer
from tongke.people.models import Account, School

pages = Pages()

ROWS = 50
EVERY_ACCOUNT = Text("全部账号", "Every account")
NO_ROLE = Text("请从列表里选一个角色", "Choose a role from the list")

_log = structlog.get_logger("tongke.accounts")


class SlipGiven(Conflict):
    code = "slip-given"
    message = Text("刚才已经给过一张重设单", "A reset slip was given a moment ago")
    remedy = Text(
        "那一张没来得及抄下来，就回到“人员”页再给一张",
        "If it was not copied, go back to People and give another",
    )


@dataclass(frozen=True)
class Where:
    """The school whose people are looked at; None for every account an operator has."""

    school: School | None
    roles: tuple[RoleName, ...]

    def address(self, **more: str | None) -> str:
        school = {"school": str(self.school.id)} if self.school else {}
        query = school | {name: value for name, value in more.items() if value}
        return f"/people?{urlencode(query)}" if query else "/people"


@pages.get("/people")
async def people_page(call: Call) -> web.StreamResponse:
    if _needs_school(call):
        return see_other("/schools")
    return await _show(call)


@pages.post("/people")
async def add_account(call: Call) -> web.StreamResponse:
    """The answer itself shows the slip: an address could be opened again.

    Only from a session, as over JSON.
    """
    call.require_session()
    posted = await form_values(call.request)
    try:
        slip = await call.write(_add, call.viewer, posted)
    except TongkeError as failure:
        return await _show(call, form=failed(posted, failure), status=failure.status)
    _log.info("account-added", username=slip.username, by=call.viewer.account_id)
    return await _show(call, slip=slip)


@pages.post("/people/{id}/slip")
async def write_slip(call: Call) -> web.StreamResponse:
    call.require_session()
    account_id = parse_id(call.request.match_info["id"])
    drawn = (await form_values(call.request)).get("drawn", "")
    slip = await call.write(write_next_slip, call.viewer, account_id, drawn)
    _log.info("slip-written", account=account_id, by=call.viewer.account_id)
    return await _show(call, slip=slip)


@pages.post("/people/{id}/disable")
async def disable(call: Call) -> web.StreamResponse:
    call.require_session()
    account_id = parse_id(call.request.match_info["id"])
    await call.write(accounts.disable, call.viewer, account_id)
    _log.info("account-disabled", account=account_id, by=call.viewer.account_id)
    return done(await _back(call), "account-disabled")


@pages.post("/people/{id}/enable")
async def enable(call: Call) -> web.StreamResponse:
    call.require_session()
    account_id = parse_id(call.request.match_info["id"])
    await call.write(accounts.enable, call.viewer, account_id)
    _log.info("account-enabled", account=account_id, by=call.viewer.account_id)
    return done(await _back(call), "account-enabled")


def _add(session: Session, viewer: Viewer, posted: dict[str, str]) -> Slip:
    where = _where(session, viewer, posted.get("school"))
    name = posted.get("role", "")
    if name not in where.roles:
        raise Invalid({"role": NO_ROLE})
    role = RoleWanted(RoleName(name), where.school.id if where.school else None)
    account = accounts.add_account(
        session, viewer, posted.get("username", ""), posted.get("name", ""), role
    )
    return _write_slip(session, viewer, account.id)


def write_next_slip(session: Session, viewer: Viewer, account_id: int, drawn: str) -> Slip:
    """One slip for each page that was drawn: reloading the answer sends its form again, and a
    second slip would void the one that may be printed and handed over by then."""
    newest = slips.newest(session, accounts.managed(session, viewer, account_id).id)
    if newest is not None and drawn.isdecimal() and millis(newest.created_at) > int(drawn[:15]):
        raise SlipGiven
    return _write_slip(session, viewer, account_id)


def _write_slip(session: Session, viewer: Viewer, account_id: int) -> Slip:
    slip, code = accounts.write_slip(session, viewer, account_id)
    account = session.get_one(Account, account_id)
    return Slip(account.name, account.username, code, slip.expires_at)


async def _show(
    call: Call, *, form: Form | None = None, slip: Slip | None = None, status: int = 200
) -> web.Response:
    school = await asked_school(call)
    query = PageQuery.of(call.request.query, limit=ROWS)
    words = call.request.query.get("q", "")[:200]
    view = await call.read(_view, call.viewer, call.language, school, words, query, form, slip)
    return await show(call, replace(view, slip_url=_slip_url(call)), status=status)


def _slip_url(call: Call) -> str:
    """Told with every slip: on paper there is nothing to click. Where no public address is set,
    the one this page was opened at serves whoever sits in the same school."""
    public = call.ground.settings.public_url
    return f"{public.rstrip('/') if public else call.request.url.origin()}/slip"


def _view(
    session: Session,
    viewer: Viewer,
    language: Language,
    asked: str | None,
    words: str,
    query: PageQuery,
    form: Form | None,
    slip: Slip | None,
) -> PeopleView:
    where = _where(session, viewer, asked)
    school_id = where.school.id if where.school else None
    rows = queries.accounts(
        session, viewer, school_id=school_id, q=words, after=query.after_id, limit=ROWS + 1
    )
    page, following = cut(rows, ROWS, lambda row: row.id)
    return PeopleView(
        school=where.school.name if where.school else say(EVERY_ACCOUNT, language),
        school_id=school_id,
        accounts=_rows(session, viewer, page, school_id),
        total=queries.account_total(session, viewer, school_id=school_id, q=words),
        roles=where.roles,
        query=words,
        form=form or Form(),
        slip=slip,
        drawn=millis(clock.now()),
        first_url=where.address(q=words) if query.cursor else None,
        next_url=where.address(q=words, cursor=following) if following else None,
    )


def _rows(
    session: Session, viewer: Viewer, page: list[Account], school_id: int | None
) -> tuple[AccountRow, ...]:
    return tuple(
        AccountRow(
            account.id,
            account.name,
            account.username,
            tuple(r.name for r in account.roles if school_id in {None, r.school_id}),
            account.disabled_at is not None,
            account.last_sign_in_at,
            account.id == viewer.account_id,
            account.password_hash is not None,
            accounts.may_enable(session, viewer, account),
        )
        for account in page
    )


def _where(session: Session, viewer: Viewer, asked: str | None) -> Where:
    """The school asked for, or the only one there is to look after."""
    if asked:
        school = session.get(School, parse_id(asked))
        if school is None:
            raise NotFound
        roles = _givable(session, viewer, school)
        if not roles:
            raise NotFound
        return Where(school, roles)
    if len(viewer.administers) == 1:
        (only,) = viewer.administers
        school = session.get_one(School, only)
        return Where(school, _givable(session, viewer, school))
    if viewer.has(RoleName.SYSTEM_ADMIN):
        return Where(None, (RoleName.SYSTEM_ADMIN,))
    if authority.may_see_accounts(viewer):
        raise Invalid({"school": NO_SCHOOL})
    raise Forbidden


def _givable(session: Session, viewer: Viewer, school: School) -> tuple[RoleName, ...]:
    """Of people: the account of a classroom's device is made with its classroom (`/rooms`), and
    without one would lead nowhere."""
    tree = queries.region_tree(session)
    return tuple(
        name
        for name in RoleName
        if name in SCHOOL_PEOPLE
        and authority.may_give(viewer, HeldRole(name, school.id, school.region_code), tree)
    )


def _needs_school(call: Call) -> bool:
    viewer = call.viewer
    single = len(viewer.administers) == 1 or viewer.has(RoleName.SYSTEM_ADMIN)
    return (
        authority.may_see_accounts(viewer) and not single and not call.request.query.get("school")
    )


async def asked_school(call: Call) -> str | None:
    """The school in the address, or in a form that was sent from its page."""
    asked = call.request.query.get("school")
    if asked is None and call.request.method == "POST":
        asked = (await form_values(call.request)).get("school")
    return asked


def millis(when: datetime) -> int:
    return int(when.timestamp() * 1000)


async def _back(call: Call) -> str:
    school = await asked_school(call)
    return f"/people?{urlencode({'school': school})}" if school else "/people"
