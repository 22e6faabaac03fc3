"""An error as a page: what is wrong, and what to do; for who is not signed in, where to."""

from __future__ import annotations

from urllib.parse import urlencode

import structlog
from aiohttp import web

from services.http.call import Call
from services.http.identity import identify
from services.web.page import see_other, show
from services.web.views import ErrorView
from tongke.errors import NotSignedIn, TongkeError

_log = structlog.get_logger("tongke.http")


async def error_page(request: web.Request, error: TongkeError) -> web.StreamResponse:
    """Answer a person. Who is not signed in is led to the sign-in page, and comes back."""
    reads = request.method in {"GET", "HEAD"}
    sign_in_url = f"/sign-in?{urlencode({'next': request.path_qs if reads else '/'})}"
    if isinstance(error, NotSignedIn) and reads:
        return see_other(sign_in_url)
    view = ErrorView(error, sign_in_url if isinstance(error, NotSignedIn) else None)
    try:
        identity = await identify(request)
    except Exception as failure:  # the database itself may be what failed
        _log.error("error-page-without-shell", error=str(failure))
        identity = None
    return await show(Call(request, identity), view, status=error.status)
