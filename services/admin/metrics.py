"""Prometheus metrics: requests, uploads, every queue and part, the backlog of the index, the last
backup.

Workers have no figures of their own to be asked for: what they do is in the database, and that they
live is on the bus, so any web process tells of them all. Where a part is away its figures stay as
they were, and `tongke_part_up` says so. What this process has never known is NaN: a nought would
be an alarm over space, and all well of a backlog.

`/metrics` tells how busy a service is, and is not for everybody: it answers to this machine,
to the trusted proxies' networks no more than to anyone else, to the token of the settings, and to
one of a system administrator. Only the last is looked up, which nobody can while the database is
away: just then figures are wanted.
"""

from __future__ import annotations

import asyncio
import hmac
import math
import shutil
import time
from collections.abc import Awaitable
from functools import cache
from pathlib import Path

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.admin.parts import PATIENCE_S, ask_parts, part_away
from services.http.identity import bearer, identify
from services.http.keys import GROUND
from services.http.tracing import Handler
from tongke import clock, front, heartbeats
from tongke.archive import last
from tongke.bootstrap import Ground
from tongke.errors import NotFound
from tongke.front import FrontAway
from tongke.library import outbox, queues
from tongke.library.models import Job, Upload
from tongke.people.audience import RoleName

REQUESTS = Counter("tongke_requests_total", "Answered requests", ["route", "method", "status"])
SECONDS = Histogram(
    "tongke_request_seconds",
    "Time to the end of an answer",
    ["route"],
    buckets=(0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10, 60),
)
UPLOADED = Counter("tongke_uploaded_bytes_total", "Bytes of uploads made durable")
RTMP_PUSHES = Counter("tongke_rtmp_pushes_total", "Appliances that asked to push", ["outcome"])
SMALL_PICTURES = Gauge("tongke_live_small_pictures", "Classes that have a small picture now")
SMALL_PICTURES_LOST = Counter(
    "tongke_live_small_pictures_lost_total", "Small pictures that were given up", ["reason"]
)


def _unknown_yet(name: str, meaning: str) -> Gauge:
    """One without labels, which would say 0 before anybody has set it."""
    gauge = Gauge(name, meaning)
    gauge.set(math.nan)
    return gauge


JOBS = Gauge("tongke_jobs", "Jobs by state", ["state"])
UPLOADS_OPEN = _unknown_yet("tongke_uploads_open", "Uploads not finished")
OUTBOX = _unknown_yet("tongke_outbox_entries", "Changes the index has not taken yet")
OUTBOX_AGE = _unknown_yet("tongke_outbox_oldest_seconds", "Age of the oldest of them")
FREE = _unknown_yet("tongke_objects_free_bytes", "Space left for local files; NaN of an S3 store")
WORK_FREE = Gauge("tongke_work_free_bytes", "Space left for scratch where a process works", ["of"])
BACKUP_AGE = _unknown_yet(
    "tongke_backup_age_seconds", "Since the last backup; without one since the first account"
)
QUEUE_JOBS = Gauge("tongke_queue_jobs", "Jobs whose next step is of a queue", ["queue", "state"])
QUEUE_AGE = Gauge(
    "tongke_queue_oldest_seconds", "How long the oldest of them could have run", ["queue"]
)
WORKER_SILENCE = Gauge(
    "tongke_worker_silence_seconds", "Since a worker of a queue was heard", ["queue"]
)
SWEEP_AGE = _unknown_yet("tongke_sweep_age_seconds", "Since a round of the sweeper ended")
PART_UP = Gauge("tongke_part_up", "Whether a part the service stands on answers", ["part"])
PART_SECONDS = Gauge("tongke_part_seconds", "In how long it answered", ["part"])
NGINX_CONNECTIONS = _unknown_yet("tongke_nginx_connections", "Connections that nginx has open")
NGINX_REQUESTS = _unknown_yet("tongke_nginx_requests", "Requests to nginx since it started")
NGINX_DROPPED = _unknown_yet("tongke_nginx_dropped", "Connections it had no room for since then")

PATH = "/metrics"
LOOPBACK = frozenset({"127.0.0.1", "::1"})
# What proxies add to requests that they pass on.
FORWARDED = frozenset({"x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via"})


@web.middleware
async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count and time by route, not by address: addresses are without end."""
    started = time.perf_counter()
    response = await handler(request)
    resource = request.match_info.route.resource
    route = resource.canonical if resource is not None else "unknown"
    answered, seconds = _of_route(route, request.method, response.status)
    answered.inc()
    seconds.observe(time.perf_counter() - started)
    return response


@cache
def _of_route(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """The two figures. As many as there are labels; looking them up takes longer than counting."""
    return REQUESTS.labels(route, method, status), SECONDS.labels(route)


async def metrics(request: web.Request) -> web.Response:
    """The figures, for Prometheus."""
    if not asked_from_here(request) and not _knows_the_token(request):
        identity = await identify(request)
        if identity is None or not identity.viewer.has(RoleName.SYSTEM_ADMIN):
            raise NotFound
    await _measure_parts(request.app[GROUND])
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _measure_parts(ground: Ground) -> None:
    parts, before_us = await asyncio.gather(
        ask_parts(ground), _measure_nginx(ground.settings.nginx_url)
    )
    found = parts | before_us
    for part, seconds in found.items():
        _part(part, seconds)
    asked = {
        "database": _measure_database,
        "objects": _measure_objects,
        "bus": _measure_workers,
    }
    for part, measure_part in asked.items():
        if found[part] is not None and not await _told(part, measure_part(ground)):
            _part(part, None)
    if found["objects"] is not None:
        await _told("backup", _measure_backup(ground))
    WORK_FREE.labels("web").set(_room_bytes(ground.settings.work_dir))


async def _told(part: str, telling: Awaitable[None]) -> bool:
    """Take a part's figures; whether it gave them. What answered a moment ago may not now, and a
    store is given minutes by whoever reads it: the others' figures do not wait for that."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await telling
    except Exception as error:
        part_away(part, error)
        return False
    return True


def _part(part: str, seconds: float | None) -> None:
    PART_UP.labels(part).set(seconds is not None)
    PART_SECONDS.labels(part).set(math.nan if seconds is None else seconds)


async def _measure_database(ground: Ground) -> None:
    await ground.database.read(_gauge)


async def _measure_objects(ground: Ground) -> None:
    free = await ground.objects.free_bytes()
    FREE.set(math.nan if free is None else free)


async def _measure_workers(ground: Ground) -> None:
    for queue, silence_s in (await heartbeats.silences_s(ground.bus)).items():
        WORKER_SILENCE.labels(queue.value).set(silence_s)
    for queue, room_bytes in (await heartbeats.rooms_bytes(ground.bus)).items():
        WORK_FREE.labels(queue.value).set(room_bytes)
    SWEEP_AGE.set(await heartbeats.since_swept_s(ground.bus))


async def _measure_nginx(url: str | None) -> dict[str, float | None]:
    """As `ask_parts` has it, of the nginx before us; of none where we know of none."""
    if url is None:
        return {}
    try:
        health = await front.ask(url, PATIENCE_S)
    except FrontAway as away:
        part_away("nginx", away)
        return {"nginx": None}
    NGINX_CONNECTIONS.set(health.active)
    NGINX_REQUESTS.set(health.requests)
    NGINX_DROPPED.set(health.dropped)
    return {"nginx": health.round_trip_s}


def _room_bytes(folder: Path) -> float:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return math.nan


async def _measure_backup(ground: Ground) -> None:
    BACKUP_AGE.set(await last.age_s(ground.database, ground.objects))


def _knows_the_token(request: web.Request) -> bool:
    """Whether the token of the settings was sent. Compared in constant time."""
    wanted = request.app[GROUND].settings.metrics_token
    sent = bearer(request)
    if not wanted or sent is None:
        return False
    return hmac.compare_digest(
        sent.encode(errors="surrogatepass"), wanted.get_secret_value().encode()
    )


def asked_from_here(request: web.Request) -> bool:
    """Whether this machine asks. A proxy on it, trusted or not, speaks for others."""
    return request.remote in LOOPBACK and FORWARDED.isdisjoint(map(str.lower, request.headers))


def _gauge(session: Session) -> None:
    counted = dict(session.execute(select(Job.state, func.count()).group_by(Job.state)).all())
    for state in ("queued", "running", "done", "failed"):
        JOBS.labels(state).set(counted.get(state, 0))
    unfinished = select(func.count()).select_from(Upload).where(Upload.resource_id.is_(None))
    UPLOADS_OPEN.set(session.scalar(unfinished) or 0)
    entries, age = outbox.backlog(session)
    OUTBOX.set(entries)
    OUTBOX_AGE.set(age)
    for queue, load in queues.loads(session, clock.now()).items():
        QUEUE_JOBS.labels(queue.value, "queued").set(load.queued)
        QUEUE_JOBS.labels(queue.value, "running").set(load.running)
        QUEUE_AGE.labels(queue.value).set(load.oldest_s)


def mount(app: web.Application) -> None:
    app.router.add_get(PATH, metrics)
