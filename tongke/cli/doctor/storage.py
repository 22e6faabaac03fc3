"""Checks of what is kept beside the database: the objects, the index; and of our own clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.bootstrap import Ground
from tongke.cli import unusable
from tongke.cli.doctor.clocks import CLOCK_AHEAD_MAX_S
from tongke.cli.doctor.finding import Finding, State, note, ok, wrong
from tongke.errors import Text, Unavailable
from tongke.library import outbox
from tongke.library.models import Job
from tongke.storage.objects.errors import ObjectsUnavailable

# The indexer takes an entry within a second; the sweeper after `sweep_every_s` at most.
OUTBOX_AGE_MAX_S = 120.0


async def objects(ground: Ground) -> Finding:
    try:
        health = await ground.objects.check()
    except ObjectsUnavailable as error:
        raise unusable.objects(ground.settings, error) from error.__cause__
    named = f"{health.server}, {health.where}" if health.server else health.where
    return ok("objects", f"{named}, {health.round_trip_s * 1000:.0f} ms")


async def index(ground: Ground) -> Finding:
    """The index can be read and written, and has what the database has, but for what is announced
    and on its way; no rebuild was left unfinished.

    Raises `IndexUnusable`, `DamagedIndex` and the like.
    """
    try:
        return await _index(ground)
    except Unavailable as error:
        raise unusable.index(ground.settings, error) from error.__cause__


async def _index(ground: Ground) -> Finding:
    health = await ground.index.health()
    if health.lacking:
        lacking = ", ".join(health.lacking)
        return wrong(
            "index",
            Text(
                f"{health.engine} 不给我们这些权限：{lacking}",
                f"{health.engine} does not give us these rights: {lacking}",
            ),
            Text(
                "给 TONGKE_ELASTICSEARCH_API_KEY 的密钥（或地址里的用户）补上，"
                "见 docs/operating.md",
                "Give them to the key of TONGKE_ELASTICSEARCH_API_KEY, or the user in the address:"
                " see docs/operating.md",
            ),
        )
    if not health.whole:
        return wrong(
            "index",
            Text(f"{health.engine}，有一部分够不着", f"{health.engine}: a part cannot be reached"),
            Text("看看搜索服务器各节点是否在运行", "See that every node of the search server runs"),
        )
    if not health.writable:
        return wrong(
            "index",
            Text(
                f"{health.engine} 把索引改成了只读，多半是它的磁盘快满了",
                f"{health.engine} has made the index read-only: its disk is full, most likely",
            ),
            Text(
                "给它的磁盘腾出空间；它会自行解除只读，等着的改动随后补上",
                "Make room on its disk: it then takes changes again by itself, and those that wait"
                " come in",
            ),
        )
    compared = await _compared(ground, health.engine)
    if compared.state is State.OK and health.building_since is not None:
        return _being_built(compared.seen, health.building_since)
    return compared


def _being_built(seen: Text, since: datetime) -> Finding:
    """One that was killed cannot be told from one that works on; the person knows."""
    since = since.astimezone(clock.CHINA)
    return note(
        "index",
        Text(
            f"{seen.zh}；{since:%F %H:%M} 开始的重建还没有做完",
            f"{seen.en}; a rebuild that began on {since:%F %H:%M} is not finished",
        ),
        Text(
            "tongke reindex 已经不在运行（被中断了），就再运行一次：没做完的那个会丢掉，"
            "在那之前每处改动都要写两遍",
            "Where no tongke reindex runs any more, run it again: it drops what was left, for which"
            " every change is written twice",
        ),
    )


async def _compared(ground: Ground, engine: str) -> Finding:
    wanted = await ground.database.read(outbox.expected)
    waiting = await ground.database.read(outbox.announced)
    found = {number: version async for number, version in ground.index.versions()}
    drifted = outbox.drift(wanted, found, waiting)
    if drifted:
        return wrong(
            "index",
            Text(
                f"{len(drifted)} 条与数据库不一致（共 {len(wanted)} 条）",
                f"{len(drifted)} of {len(wanted)} differ from the database",
            ),
            Text(
                "服务运行时一分钟内会自行补齐；若一直这样，运行 tongke reindex",
                "A running service mends it within a minute; if it stays, run tongke reindex",
            ),
        )
    return ok(
        "index",
        f"{engine}，{len(found)} 条，与数据库一致",
        f"{engine}, {len(found)} documents, none differs",
    )


async def changes(ground: Ground) -> Finding:
    """The outbox: changes that the index has not taken yet."""
    entries, age_s = await ground.database.read(outbox.backlog)
    seen = Text(
        f"{entries} 条待入索引，最早 {age_s:.0f} 秒前", f"{entries} waiting, oldest {age_s:.0f} s"
    )
    if age_s > OUTBOX_AGE_MAX_S:
        return wrong(
            "outbox",
            seen,
            Text(
                "检查 index 队列的后台进程是否在运行（tongke serve）",
                "See that the worker of the queue index runs (tongke serve)",
            ),
        )
    return ok("outbox", seen.zh, seen.en)


async def time(ground: Ground) -> Finding:
    """No row is from the future: the clock was not set back."""
    newest = await ground.database.read(_newest)
    now = clock.now()
    if newest is not None and newest - now > timedelta(seconds=CLOCK_AHEAD_MAX_S):
        return wrong(
            "clock",
            Text(
                f"本机时间 {now:%F %T} UTC 早于已有记录",
                f"This machine says {now:%F %T} UTC, and there are later records",
            ),
            Text("校准时间并打开自动校时（NTP）", "Set the clock and turn NTP on"),
        )
    return ok("clock", f"{now:%F %T} UTC")


def _newest(session: Session) -> datetime | None:
    return session.scalar(select(func.max(Job.created_at)))
