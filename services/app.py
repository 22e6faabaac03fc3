"""The web application: the ground, the layers every request passes, and the areas' routes.

A request passes, from outside: the request id and log line, the proxies we trust (client address
and scheme), the metrics, then the errors turned into answers. Rights are asked inside, by each
route, because only it knows what is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from functools import cache
from importlib.metadata import version
from ipaddress import ip_network

import structlog
from aiohttp import web
from aiohttp_remotes import XForwardedStrict
from aiohttp_remotes import setup as setup_remotes

from search.query import Query
from services.accounts import api as accounts_api
from services.accounts import pages as accounts_pages
from services.admin import health, metrics
from services.classes import pages as class_pages
from services.classes.after import api as after_api
from services.classes.agenda import notices_api
from services.classes.booking import api as booking_api
from services.classes.booking import plan_api
from services.classes.classroom import lead_pages, phones, room_pages, watch_pages
from services.classes.school import groups_api, times_api
from services.home import pages as home_pages
from services.http import afterwards, kept_rights, openapi, problems, security, tracing
from services.http.api import Api
from services.http.keys import GROUND
from services.http.packed import refuse_packed
from services.http.storable import refuse_unstorable
from services.library import api as library_api
from services.library import media as library_media
from services.library import pages as library_pages
from services.library import search_api
from services.live import decks, keeping, origin, playlists, pushing, stills
from services.live.carrying import carrier, forward
from services.live.ingest import publish
from services.live.ingest.rtmp import server as rtmp
from services.live.signalling import classrooms, device_socket
from services.live.signalling import socket as class_socket
from services.upload import api as upload_api
from services.upload import pages as upload_pages
from services.upload import tus, tus_document
from services.web import docs_page, rendering, static
from services.web.error_page import error_page
from tongke.bootstrap import Ground
from tongke.errors import Unavailable
from tongke.people.audience import EVERYONE

# Asked from beside the service, not through a proxy: by supervisors, balancers, Prometheus.
ASKED_DIRECTLY = (health.ALIVE, health.READY, metrics.PATH)

_log = structlog.get_logger("tongke.web")

# Bodies that are not uploads: JSON and forms.
MOST_BODY_BYTES = 1 * 2**20

APIS: tuple[Api, ...] = (
    accounts_api.api,
    library_api.api,
    search_api.api,
    upload_api.api,
    booking_api.api,
    after_api.api,
    plan_api.api,
    groups_api.api,
    times_api.api,
    notices_api.api,
    room_pages.api,
    lead_pages.api,
    watch_pages.api,
)


def create_app(ground: Ground) -> web.Application:
    """The application of one process. It neither builds nor closes the ground."""
    app = web.Application(
        client_max_size=MOST_BODY_BYTES,
        middlewares=[
            tracing.trace,
            metrics.measure,
            security.headers,
            problems.explaining(error_page),
            refuse_packed,
            refuse_unstorable,
        ],
    )
    app[GROUND] = ground
    app.on_response_prepare.append(tracing.name_the_answer)
    rendering.setup(app)
    for api in APIS:
        api.mount(app)
    for area in (
        # Closed first: it needs the others.
        afterwards,
        kept_rights,
        accounts_pages,
        home_pages,
        library_pages,
        upload_pages,
        library_media,
        forward,
        carrier,
        keeping,
        origin,
        playlists,
        pushing,
        decks,
        stills,
        class_pages,
        publish,
        classrooms,
        class_socket,
        rtmp,
        phones,
        device_socket,
        tus,
        health,
        metrics,
        static,
        docs_page,
    ):
        area.mount(app)
    app[docs_page.DOCUMENT] = api_document()
    app.cleanup_ctx.append(kept_rights.own_changes)
    app.cleanup_ctx.append(_follow_rights)
    app.cleanup_ctx.append(_warm_search)
    return app


async def behind_proxies(app: web.Application, trusted: Iterable[str]) -> None:
    """Believe X-Forwarded-For and -Proto from these networks, and from nobody else.

    Given any, only they may ask: what comes past them is refused (400), but for `ASKED_DIRECTLY`,
    where nothing is believed of anybody.
    """
    networks = [ip_network(network) for network in trusted]
    if networks:
        strict = XForwardedStrict([networks], white_paths=ASKED_DIRECTLY)
        await setup_remotes(app, strict)
        # It puts itself innermost, and hands on a copy of the request: what stands before it would
        # see the proxy's address and scheme. The number that `trace` gives has to be on both, since
        # the answer begins with the one and everything else knows the other.
        app.middlewares.insert(app.middlewares.index(tracing.trace) + 1, app.middlewares.pop())


@cache
def api_document() -> dict[str, object]:
    """The OpenAPI document of everything that is mounted."""
    routes = [route for api in APIS for route in api.routes]
    return openapi.document(routes, tus_document.OPENAPI, version("tongke"))


async def _follow_rights(app: web.Application) -> AsyncIterator[None]:
    """Listen on the bus for as long as the process serves."""
    task = asyncio.create_task(app[kept_rights.KEPT_RIGHTS].listen(app[GROUND].bus))
    yield
    task.cancel()
    await asyncio.wait({task})


async def _warm_search(app: web.Application) -> AsyncIterator[None]:
    """Have the index load what it keeps in memory: seconds for a large library, which the first
    person to open it would wait for."""

    async def browse() -> None:
        try:
            await app[GROUND].index.search(Query(), {EVERYONE})
        except Unavailable as error:
            _log.warning("search-not-warmed", code=error.code)

    task = asyncio.create_task(browse())
    yield
    await asyncio.wait({task})
