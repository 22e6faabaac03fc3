"""Headers that every page carries: what a browser may load, and from where.

Scripts and styles come from ourselves alone, nothing is inlined but data (JSON) and the
attributes that the player sets from its own script.
"""

from __future__ import annotations

from aiohttp import web

from services.http.tracing import Handler

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


@web.middleware
async def headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Set the headers, where the route has not set stricter ones."""
    response = await handler(request)
    if response.prepared:
        return response
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
