"""Pages: routes that answer with HTML, what surrounds them, and what happens when they fail.

    pages = Pages()

    @pages.get("/library")
    async def library(call: Call) -> web.StreamResponse:
        return await show(call, LibraryView(...))

A route is for people who are signed in, unless `anybody=True`; others are sent to the sign-in
page and come back. A POST ends in `done(...)`, a redirect that says what was done, so that a
reload repeats nothing.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from services.http.call import Call, language_of
from services.http.forms import check_small, read_form
from services.http.identity import identify, require
from services.http.language import Language
from services.web.i18n import translations
from services.web.labels import N_
from services.web.rendering import respond
from services.web.views import Notice, Person, Shell, View
from tongke.classes.agenda import notices
from tongke.library import reviews
from tongke.people.audience import RoleName, Viewer
from tongke.people.models import Region
from tongke.people.queries import home_school
from tongke.tracing import request_id

# A browser takes a backslash for a slash, passes over tabs and line ends, and reads two slashes as
# the beginning of another site's address.
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
# What a notice offers to undo is posted with the session's token, so nothing else may be named.
_UNDO = re.compile(r"/resources/[0-9]{1,16}/restore")
# Of how many a notice is: no series has as many.
_NUM = re.compile(r"[1-9][0-9]{0,2}")

PageHandler = Callable[[Call], Awaitable[web.StreamResponse]]

# What may have just been done: the code in the address, and the words. Only known codes are
# shown, so that nobody can put words into our mouth by a link.
NOTICES: Mapping[str, str] = {
    "saved": N_("已保存"),
    "deleted": N_("已删除，%(days)s 天内可以撤销"),
    "restored": N_("已恢复"),
    "retrying": N_("正在重新处理"),
    "approved": N_("已通过，范围里的人现在能看到了"),
    "returned": N_("已退回给作者"),
    "uploaded": N_("文件已收好，正在处理"),
    "account-added": N_("账号已建好"),
    "account-disabled": N_("账号已停用，所有设备都已退出"),
    "account-enabled": N_("账号已恢复使用"),
    "role-changed": N_("角色已更改"),
    "password-changed": N_("密码已改，其他设备都已退出"),
    "session-ended": N_("那台设备已退出登录"),
    "token-revoked": N_("令牌已作废"),
    "signed-out": N_("已退出登录"),
    "class-booked": N_("已约好，对方会收到通知"),
    "class-changed": N_("已改好，有关的人会收到通知"),
    "materials-added": N_("课件已加好；正在上的课，回到主讲页面就能放"),
    "class-cancelled": N_("已取消，有关的人会收到通知"),
    "class-confirmed": N_("已回复：参加"),
    "class-declined": N_("已回复：不参加"),
    "classes-confirmed": N_("已回复：%(num)s 节课都参加"),
    "classes-declined": N_("已回复：%(num)s 节课都不参加"),
    "room-added": N_("教室已加好，接着给它的设备一个登录码"),
    "key-revoked": N_("推流密钥已作废"),
    "notices-read": N_("都标为已读了"),
    "form-kept": N_("草稿已存好，只有你自己能看到"),
    "rubric-given-up": N_("现在用上级的评课量表"),
    "form-sent": N_("评课表已交给老师"),
    "form-answered": N_("已回复"),
}


class Pages:
    """The pages of one area."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, str, PageHandler, bool]] = []

    def get(self, path: str, *, anybody: bool = False) -> Callable[[PageHandler], PageHandler]:
        return self._route("GET", path, anybody)

    def post(self, path: str, *, anybody: bool = False) -> Callable[[PageHandler], PageHandler]:
        return self._route("POST", path, anybody)

    def _route(self, method: str, path: str, anybody: bool) -> Callable[[PageHandler], PageHandler]:
        def register(handler: PageHandler) -> PageHandler:
            self._routes.append((method, path, handler, anybody))
            return handler

        return register

    def mount(self, app: web.Application) -> None:
        for method, path, handler, anybody in self._routes:
            add = app.router.add_get if method == "GET" else app.router.add_post
            add(path, _serve(handler, anybody))


def _serve(
    handler: PageHandler, anybody: bool
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        identity = await (identify if anybody else require)(request)
        if anybody:
            check_small(request)
        return await handler(Call(request, identity))

    return serve


async def show(
    call: Call, view: View, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """The page of a view."""
    shell = await shell_of(call)
    return respond(call.request, shell, view, status=status, headers=headers)


async def shell_of(call: Call) -> Shell:
    """What surrounds the page: who is signed in, what waits for them, what was just done."""
    request = call.request
    language = language_of(request, call.identity)
    shell = Shell(
        language=language,
        csrf_token=(call.identity.csrf or "") if call.identity else "",
        # What was just done is said once, and not to who is sent this address.
        path=str(request.rel_url.without_query_params("done", "undo", "num")),
        notice=_notice(call, language),
        request_id=request_id(),
    )
    if call.identity is None:
        return shell
    return replace(shell, person=await call.read(_person, call.viewer))


def done(path: str, what: str, *, undo: str | None = None, num: int | None = None) -> web.Response:
    """Send the browser on after a POST; `undo` is an address that takes a POST, and `num` of how
    many it was done."""
    assert what in NOTICES
    said = {"done": what} | ({"undo": undo} if undo else {}) | ({"num": str(num)} if num else {})
    mark = "&" if "?" in path else "?"
    return see_other(f"{path}{mark}{urlencode(said)}")


def see_other(path: str) -> web.Response:
    """Send the browser to another page of ours."""
    return web.Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})


def local_path(given: str, otherwise: str = "/") -> str:
    """An address within this service that a form or link named; never another site."""
    return given if _LOCAL_PATH.fullmatch(given) else otherwise


async def form_values(request: web.Request) -> dict[str, str]:
    """The text fields of a form, trimmed; of a name that comes often, the last."""
    posted = await read_form(request)
    return {name: value.strip() for name, value in posted.items() if isinstance(value, str)}


def _notice(call: Call, language: Language) -> Notice | None:
    query = call.request.query
    words = NOTICES.get(query.get("done", ""))
    if words is None:
        return None
    said = translations(language).gettext(words)
    undo = query.get("undo", "")
    known = _UNDO.fullmatch(undo) is not None
    num = query.get("num", "")
    if "%(num)s" in words and not _NUM.fullmatch(num):
        return None
    shown = {"days": call.ground.settings.deleted_keep_days, "num": num}
    return Notice(said % shown, undo if known else None)


def _person(session: Session, viewer: Viewer) -> Person:
    return Person(
        name=viewer.name,
        organisation=organisation(session, viewer),
        may_upload=viewer.may_upload,
        may_review=bool(viewer.reviews),
        manages_people=bool(viewer.administers) or viewer.has(RoleName.SYSTEM_ADMIN),
        sees_schools=viewer.has(RoleName.OFFICER, RoleName.SYSTEM_ADMIN),
        patrols=viewer.has(RoleName.OFFICER, RoleName.SCHOOL_ADMIN),
        waiting=reviews.waiting(session, viewer),
        sees_classes=bool(viewer.school_ids) or viewer.has(RoleName.OFFICER),
        manages_rooms=bool(viewer.administers),
        notices=notices.unread(session, viewer.account_id),
    )


def organisation(session: Session, viewer: Viewer) -> str:
    """The school or region in which this person is what they are."""
    school = home_school(session, viewer)
    if school is not None:
        return school.name
    codes = (role.region_code for role in viewer.roles if role.region_code)
    region = session.get(Region, next(codes, ""))
    return region.name if region else ""
