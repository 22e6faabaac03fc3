"""The pages of accounts, together, and the desk they share with the API."""

from __future__ import annotations

from aiohttp import web

from services.accounts import desk, people_pages, school_pages, settings_pages, sign_in_pages


def mount(app: web.Application) -> None:
    desk.mount(app)
    for area in (sign_in_pages, settings_pages, people_pages, school_pages):
        area.pages.mount(app)
