"""Who calls: a session's cookie or an API token, looked up once a request, when first asked.

The cookie is HttpOnly and SameSite=Lax, and Secure everywhere but on localhost, where browsers
trust plain HTTP. What changes something and comes with a cookie must also carry the session's
CSRF token (an HMAC of the session's secret) in `X-CSRF-Token` or in the form: another site can
make a browser send the cookie, but cannot read a page of ours. API tokens need none.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from services.http.forms import read_form
from services.http.kept_rights import KEPT_RIGHTS
from services.http.keys import GROUND
from tongke.errors import Forbidden, NotSignedIn, Text
from tongke.people import sign_in
from tongke.people.audience import Viewer
from tongke.people.models import account_thing, credential_thing
from tongke.people.secret import digest

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
PLAIN_COOKIE: Final = "tongke"
# The prefix makes a browser refuse it unless it is Secure, for the whole host, from the host.
SECURE_COOKIE: Final = "__Host-tongke"
CSRF_HEADER: Final = "X-CSRF-Token"
CSRF_FIELD: Final = "csrf_token"
# What is kept of a session besides verdicts.
WHO: Final = "who"
_IDENTITY: Final = web.RequestKey("identity", object)


class ForeignRequest(Forbidden):
    code = "csrf"
    message = Text("这个请求不是从本站页面发出的", "This request did not come from our pages")
    remedy = Text("请刷新页面再做一次", "Reload the page and do it again")


class HttpsNeeded(Forbidden):
    code = "https-needed"
    message = Text("在这个地址上登录需要 HTTPS", "Signing in at this address needs HTTPS")
    remedy = Text(
        "请改用 https:// 开头的地址；还没有证书，就在服务器上运行 tongke cert",
        "Use the https:// address; without a certificate yet, run tongke cert on the server",
    )


class SessionNeeded(Forbidden):
    """For what gives somebody a way in: done with a leaked token, it would outlive the token."""

    code = "session-needed"
    message = Text("这件事不能用接口令牌来做", "This cannot be done with an API token")
    remedy = Text("请用用户名和密码登录后再做", "Sign in with a user name and password to do it")


@dataclass(frozen=True)
class Identity:
    """Who calls, and by what: `session_id` and `csrf` only when by a session's cookie. `rests_on`
    are the things by whose change they would be somebody else, or nobody."""

    viewer: Viewer
    rests_on: tuple[str, ...]
    session_id: int | None = None
    csrf: str | None = None


def is_local(request: web.Request) -> bool:
    return request.host.rsplit(":", 1)[0] in LOCAL_HOSTS


def cookie_name(request: web.Request) -> str:
    return PLAIN_COOKIE if is_local(request) and not request.secure else SECURE_COOKIE


def session_secret(request: web.Request) -> str | None:
    """The cookie of the session, read by hand: each part of a lesson asks for it, and reading all
    cookies by their whole grammar takes longer than the rest of the question.
    """
    name, found = cookie_name(request), None
    for cookie in request.headers.get("Cookie", "").split(";"):
        key, equals, value = cookie.strip().partition("=")
        if equals and key == name:
            found = value
    return found


def bearer(request: web.Request) -> str | None:
    """The API token of a request; what is no `Bearer` says nothing."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() or None if kind.lower() == "bearer" else None


def csrf_token(secret: str) -> str:
    """The token that pages of a session carry."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def set_session(request: web.Request, response: web.StreamResponse, secret: str, days: int) -> None:
    """Give the browser its session. `check_entrance` has let the request pass."""
    response.set_cookie(
        cookie_name(request),
        secret,
        max_age=days * 86_400,
        httponly=True,
        secure=request.secure,
        samesite="Lax",
        path="/",
    )


def forget_session(request: web.Request, response: web.StreamResponse) -> None:
    response.del_cookie(
        cookie_name(request), path="/", secure=request.secure, httponly=True, samesite="Lax"
    )


async def identify(request: web.Request) -> Identity | None:
    """Who calls; None for nobody. Looked up once a request."""
    if _IDENTITY not in request:
        request[_IDENTITY] = await _look_up(request)
    return known(request)


async def look_again(request: web.Request) -> Identity | None:
    """Who calls now: for a line that outlives what it was opened with. The database is asked."""
    request[_IDENTITY] = await _look_up(request, again=True)
    return known(request)


def known(request: web.Request) -> Identity | None:
    """Who calls, as far as this request has been looked up."""
    found = request.get(_IDENTITY)
    assert found is None or isinstance(found, Identity)
    return found


async def require(request: web.Request, *, changes: bool | None = None) -> Identity:
    """Who calls. `changes`: whether this changes something, where the method does not tell.

    Raises:
        NotSignedIn: nobody.
        ForeignRequest: it changes something and carries no CSRF token.
    """
    identity = await identify(request)
    if identity is None:
        raise NotSignedIn
    changes = request.method not in SAFE_METHODS if changes is None else changes
    if changes and identity.csrf is not None:
        await _check_csrf(request, identity.csrf)
    return identity


def check_entrance(request: web.Request) -> None:
    """For what has no session yet (signing in): whether one may begin here.

    Raises:
        HttpsNeeded: this address would have to carry the cookie in plain text.
        ForeignRequest: the request does not come from a page of ours.
    """
    if not request.secure and not is_local(request):
        raise HttpsNeeded
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise ForeignRequest
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin.split("://", 1)[-1] != request.host:
        raise ForeignRequest


async def _look_up(request: web.Request, *, again: bool = False) -> Identity | None:
    secret = bearer(request)
    if secret:
        token = await request.app[GROUND].database.read(sign_in.token_of, secret)
        return Identity(token.viewer, _rests_on(token.viewer, digest(secret))) if token else None
    cookie = session_secret(request)
    return await _of_session(request, cookie, again=again) if cookie else None


async def _of_session(request: web.Request, cookie: str, *, again: bool) -> Identity | None:
    kept, key = request.app[KEPT_RIGHTS], digest(cookie)
    known = None if again else kept.known(key, WHO)
    if isinstance(known, Identity):
        return known
    asked = kept.asked()
    found = await request.app[GROUND].database.read(sign_in.session_of, cookie)
    if found is None:
        return None
    rests_on = _rests_on(found.viewer, key)
    identity = Identity(found.viewer, rests_on, found.session_id, csrf_token(cookie))
    kept.keep(key, WHO, asked, identity, rests_on=rests_on)
    return identity


def _rests_on(viewer: Viewer, secret_digest: str) -> tuple[str, ...]:
    return (account_thing(viewer.account_id), credential_thing(secret_digest))


async def _check_csrf(request: web.Request, expected: str) -> None:
    sent = request.headers.get(CSRF_HEADER)
    if sent is None and request.content_type in {
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    }:
        field = (await read_form(request)).get(CSRF_FIELD)
        sent = field if isinstance(field, str) else None
    check_csrf_token(sent, expected)


def check_csrf_token(sent: str | None, expected: str | None) -> None:
    """Raises ForeignRequest unless the token of the session was sent."""
    if sent is None or expected is None or not _same(sent, expected):
        raise ForeignRequest


def _same(sent: str, expected: str) -> bool:
    """Compared in constant time. Headers may hold bytes that are no text."""
    return hmac.compare_digest(sent.encode(errors="surrogatepass"), expected.encode())
