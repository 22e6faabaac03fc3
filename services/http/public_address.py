"""Where the service is found, as people and devices are told."""

from __future__ import annotations

from aiohttp import web

from services.http.keys import GROUND


def address(request: web.Request) -> str:
    """Where the service is found, without a slash at its end."""
    public = request.app[GROUND].settings.public_url
    return (public or str(request.url.origin())).rstrip("/")
