"""Checks of what runs: the service, Valkey, the workers, the queue."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import datetime
from ipaddress import ip_address, ip_network
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tongke import clock, tasks
from tongke.bootstrap import Ground
from tongke.cli.doctor.finding import Finding, note, ok, wrong
from tongke.cli.doctor.storage import CLOCK_AHEAD_MAX_S
from tongke.cli.opening import service_runs
from tongke.errors import Text
from tongke.library.jobs import JobState, next_step
from tongke.library.models import Job
from tongke.library.vocabulary import QUEUE_OF, Queue, Step
from tongke.settings import Settings
from tongke.storage.bus import embedded
from tongke.storage.bus.port import BusHealth
from tongke.storage.bus.valkey import ValkeyBus

# An idle worker answers at once; one in the middle of a step does not answer at all.
ANSWER_LIMIT_S = 1.5
# Longer than any lesson's step takes on the smallest machine we know of.
QUEUED_AGE_MAX_S = 3600.0

START = Text("运行 tongke serve", "Run tongke serve")


async def service(ground: Ground) -> Finding:
    if service_runs(ground.settings):
        return ok("service", "正在运行", "Running")
    if not ground.settings.embedded_bus:
        return note(
            "service",
            Text(
                "各进程分开运行，看 bus、workers 两项",
                "Its processes may run anywhere: see bus and workers",
            ),
        )
    return note("service", Text("没有运行", "Not running"), START)


async def bus(ground: Ground) -> Finding:
    """Valkey answers; where it is ours and the service is off, whether it could."""
    if ground.settings.embedded_bus and not service_runs(ground.settings):
        health = await _tried_out(ground.settings.valkey_server)
    else:
        health = await ground.bus.check()
    seen = f"{health.server}, {health.round_trip_s * 1000:.1f} ms"
    if abs(health.clock_ahead_s) > CLOCK_AHEAD_MAX_S:
        ahead = f"{health.clock_ahead_s:+.0f} s"
        return wrong(
            "bus",
            Text(f"{seen}，时钟相差 {ahead}", f"{seen}, its clock is off by {ahead}"),
            Text("给两台机器打开自动校时（NTP）", "Turn NTP on, on both machines"),
        )
    return ok("bus", seen)


async def rtmp(ground: Ground) -> Finding:
    """Recording appliances are taken: the greeting of RTMP comes back from the port."""
    settings = ground.settings
    if not settings.rtmp_port:
        return note("rtmp", Text("不收录播主机的推流", "Appliances are not taken"))
    place = f"{settings.host}:{settings.rtmp_port}"
    try:
        async with asyncio.timeout(ANSWER_LIMIT_S):
            await _greeted(settings)
    except (OSError, TimeoutError, EOFError):
        seen = Text(f"{place} 没有应答", f"{place} does not answer")
        if not (settings.embedded_bus and service_runs(settings)):
            where = Text("在运行网页进程的机器上再检查", "Check where a web process runs")
            return note("rtmp", seen, where)
        remedy = Text("看端口是不是被别的程序占着", "See whether another program has the port")
        return wrong("rtmp", seen, remedy)
    return ok("rtmp", f"{place} 可以推流", f"{place} takes appliances")


async def _greeted(settings: Settings) -> None:
    """Raises OSError, TimeoutError, EOFError: nobody who speaks RTMP is there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    reader, writer = await asyncio.open_connection(host, settings.rtmp_port)
    try:
        trusted = [ip_network(network) for network in settings.trusted_proxies]
        if any(ip_address(writer.get_extra_info("sockname")[0]) in each for each in trusted):
            writer.write(b"PROXY UNKNOWN\r\n")
        writer.write(b"\3" + bytes(1536))
        if await reader.readexactly(1) != b"\3":
            raise EOFError
    finally:
        writer.close()


async def workers(ground: Ground) -> Finding:
    """Every queue has a worker: one that answers, or one that holds a step of it."""
    if not await _bus_answers(ground):
        return note("workers", Text("没有 Valkey，无从得知", "Unknown without Valkey"), START)
    answered = await asyncio.to_thread(_queues_answered, ground.settings.bus_address)
    busy = await ground.database.read(_queues_busy)
    missing = [queue.value for queue in Queue if queue.value not in answered | busy]
    if missing:
        names = ", ".join(missing)
        return wrong(
            "workers",
            Text(f"没有后台进程处理：{names}", f"No worker takes from: {names}"),
            Text("运行 tongke serve，或 tongke worker", "Run tongke serve, or tongke worker"),
        )
    return ok("workers", ", ".join(queue.value for queue in Queue))


async def jobs(ground: Ground) -> Finding:
    """What waits, and for how long; what failed."""
    waiting, oldest, failed = await ground.database.read(_queue)
    age_s = (clock.now() - oldest).total_seconds() if oldest else 0.0
    seen = Text(
        f"{waiting} 项在等，最久 {age_s:.0f} 秒；{failed} 项失败",
        f"{waiting} waiting, the oldest {age_s:.0f} s; {failed} failed",
    )
    if age_s > QUEUED_AGE_MAX_S:
        return wrong(
            "jobs",
            seen,
            Text(
                "后台进程没有运行或忙不过来：再加一个 tongke worker --queue ladder",
                "Workers are off or too few: add one with tongke worker --queue ladder",
            ),
        )
    return ok("jobs", seen.zh, seen.en)


async def _tried_out(program: Path | None) -> BusHealth:
    """Start a Valkey of our own for a moment. Raises what its start raises."""
    with (
        tempfile.TemporaryDirectory(prefix="tk-") as folder,
        embedded.running(embedded.find_server(program), Path(folder)) as url,
    ):
        tried = ValkeyBus(url)
        try:
            return await tried.check()
        finally:
            await tried.close()


async def _bus_answers(ground: Ground) -> bool:
    if ground.settings.embedded_bus:
        pid = await asyncio.to_thread(embedded.serving_process, ground.settings.sockets_dir)
        return pid is not None
    return bool(await ground.bus.check())


def _queues_answered(bus_address: str) -> set[str]:
    control = tasks.celery(bus_address).control
    answers = control.inspect(timeout=ANSWER_LIMIT_S).active_queues() or {}
    return {queue["name"] for queues in answers.values() for queue in queues}


def _queues_busy(session: Session) -> set[str]:
    held = select(Job).where(Job.state == JobState.RUNNING, Job.leased_until > clock.now())
    steps = (next_step(job) for job in session.scalars(held))
    return {QUEUE_OF[Step(step.name)].value for step in steps if step is not None}


def _queue(session: Session) -> tuple[int, datetime | None, int]:
    due = (Job.state == JobState.QUEUED) & (Job.due_at <= clock.now())
    waiting, oldest = session.execute(
        select(func.count(), func.min(Job.due_at)).select_from(Job).where(due)
    ).one()
    failed = select(func.count()).select_from(Job).where(Job.state == JobState.FAILED)
    return waiting, oldest, session.scalar(failed) or 0
