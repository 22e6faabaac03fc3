"""What every handler may take from the application."""

from __future__ import annotations

from aiohttp import web

from tongke.bootstrap import Ground

GROUND = web.AppKey("ground", Ground)
