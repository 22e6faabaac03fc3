"""Checks of what runs: the service, Valkey, the workers, the queue."""

from __future__ import annotations

import asyncio
import tempfile
from ipaddress import ip_address, ip_network
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tongke import clock, tasks
from tongke.bootstrap import Ground
from tongke.cli.doctor import clocks
from tongke.cli.doctor.bus import refused
from tongke.cli.doctor.finding import Finding, note, ok, wrong
from tongke.cli.opening import service_runs
from tongke.errors import Text
from tongke.library import queues
from tongke.library.jobs import JobState, next_step
from tongke.library.models import Job
from tongke.library.vocabulary import QUEUE_OF, Queue, Step
from tongke.settings import Settings
from tongke.storage.bus import embedded
from tongke.storage.bus.errors import BusUnavailable
from tongke.storage.bus.port import BusHealth
from tongke.storage.bus.valkey import ValkeyBus

# An idle worker answers at once; one in the middle of a step does not answer at all.
ANSWER_LIMIT_S = 1.5
# What takes seconds should not wait for minutes; behind a long lesson's ladder another waits for
# hours on the smallest machine we know of. The alerts have the same.
WAIT_MAX_S = {queue: 7200.0 if queue is Queue.LADDER else 600.0 for queue in Queue}

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
    try:
        if ground.settings.embedded_bus and not service_runs(ground.settings):
            health = await _tried_out(ground.settings.valkey_server)
        else:
            health = await ground.bus.check()
    except BusUnavailable as error:
        return refused(error)
    seen = f"{health.server}, {health.round_trip_s * 1000:.1f} ms"
    if apart := clocks.apart("bus", Text(seen, seen), health.clock_ahead_s):
        return apart
    if health.evicts:
        return note(
            "bus",
            Text(f"{seen}，内存满了会自行丢键", f"{seen}, drops keys when its memory is full"),
            Text(
                "把它的 maxmemory-policy 设为 noeviction，别和缓存合用",
                "Set its maxmemory-policy to noeviction, and share it with no cache",
            ),
        )
    return ok("bus", seen)


async def rtmp(ground: Ground) -> Finding:
    """Recording appliances are taken: the greeting of RTMP comes back from the port."""
    settings = ground.settings
    if not settings.rtmp_port:
        how = Text("要收，就设 TONGKE_RTMP_PORT=1935", "To take them, set TONGKE_RTMP_PORT=1935")
        return note("rtmp", Text("不收录播主机的推流", "Appliances are not taken"), how)
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
    """What waits, for how long and for which queue; what failed."""
    loads = await ground.database.read(queues.loads, clock.now())
    failed = await ground.database.read(_failed)
    waiting = sum(load.queued for load in loads.values())
    oldest_s = max(load.oldest_s for load in loads.values())
    seen = Text(
        f"{waiting} 项在等，最久 {oldest_s:.0f} 秒；{failed} 项失败",
        f"{waiting} waiting, the oldest {oldest_s:.0f} s; {failed} failed",
    )
    late = [queue for queue, load in loads.items() if load.oldest_s > WAIT_MAX_S[queue]]
    if late:
        names = ", ".join(queue.value for queue in late)
        more = " ".join(f"--queue {queue.value}" for queue in late)
        return wrong(
            "jobs",
            Text(f"{seen.zh}；等得太久的队列：{names}", f"{seen.en}; too long in: {names}"),
            Text(
                f"后台进程没有运行或忙不过来：再加一个 tongke worker {more}",
                f"Workers are off or too few: add one with tongke worker {more}",
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


def _failed(session: Session) -> int:
    failed = select(func.count()).select_from(Job).where(Job.state == JobState.FAILED)
    return session.scalar(failed) or 0
