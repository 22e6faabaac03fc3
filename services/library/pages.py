"""The pages of the library, together."""

from __future__ import annotations

from aiohttp import web

from services.library import desk_pages, library_page, resource_pages


def mount(app: web.Application) -> None:
    for area in (desk_pages, library_page, resource_pages):
        area.pages.mount(app)
