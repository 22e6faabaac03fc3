"""`tongke doctor`: checks every part, and says of each what is wrong and how to mend it.

A check that fails stops no other: what can be looked at is looked at. Checks of the machine need
no ground; those of storage and of what runs share one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import click

from tongke.bootstrap import Ground, build
from tongke.cli.doctor import database, front, keeping, machine, running, storage
from tongke.cli.doctor.finding import Finding, State, broken, note
from tongke.cli.opening import load_settings
from tongke.cli.output import json_option, print_json
from tongke.cli.words import in_words, say
from tongke.errors import Text
from tongke.settings import Settings
from tongke.storage.objects.errors import ObjectsUnavailable

OBJECTS, DATABASE = "objects", "database"
NOT_KNOWN = Text("现在还看不出来", "Not known yet")
MACHINE: tuple[tuple[str, Callable[[Settings], Finding]], ...] = (
    ("python", machine.python),
    ("valkey-server", machine.valkey_program),
    ("libreoffice", machine.libreoffice),
    ("page-scripts", machine.page_scripts),
    ("secrets", machine.secrets),
)
GROUND: tuple[tuple[str, Callable[[Ground], Awaitable[Finding]]], ...] = (
    ("ffmpeg", machine.ffmpeg),
    ("https", front.https),
    ("nginx", front.nginx),
    (DATABASE, database.check),
    (OBJECTS, storage.objects),
    ("space", keeping.space),
    ("backup", keeping.backup),
    ("orphans", keeping.unnamed),
    ("clock", storage.time),
    ("service", running.service),
    ("bus", running.bus),
    ("rtmp", running.rtmp),
    ("workers", running.workers),
    ("jobs", running.jobs),
    ("outbox", storage.changes),
    ("index", storage.index),
)

MARKS = {State.OK: ("✓", "green"), State.NOTE: ("·", "yellow"), State.WRONG: ("✗", "red")}


@click.command(
    help=say(
        """检查每个部分：Python、ffmpeg、证书、nginx、Valkey、数据库、文件、空间、备份、时钟、索引、队列、后台进程。

        有问题的写明怎么解决，退出码为 1。服务运行与否都可以检查。

        \b
        例：  tongke doctor
              tongke doctor --json""",
        """Check every part: Python, ffmpeg, certificate, nginx, Valkey, database, objects, space,
        backup, clock, index, queue, workers.

        What is wrong comes with how to mend it, and makes the exit code 1. The service may run or
        not.

        \b
        Example:  tongke doctor
                  tongke doctor --json""",
    )
)
@json_option
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    settings = load_settings()
    findings = [_checked(part, check, settings) for part, check in MACHINE]
    findings += asyncio.run(_on_ground(settings))
    healthy = all(finding.state is not State.WRONG for finding in findings)
    if as_json:
        print_json({"ok": healthy, "checks": [_as_json(finding) for finding in findings]})
    else:
        _show(findings, healthy=healthy)
    ctx.exit(0 if healthy else 1)


async def _on_ground(settings: Settings) -> list[Finding]:
    if nothing := database.nothing_here(settings):
        return [nothing]
    try:
        ground = build(settings)
    except Exception as error:
        return [broken("ground", error)]
    try:
        return await _checked_all(ground)
    finally:
        await ground.close()


async def _checked_all(ground: Ground) -> list[Finding]:
    found: list[Finding] = []
    for part, check in GROUND:
        seen = await _checked_on(part, check, ground)
        if seen.state is State.WRONG and _is_wrong(found, DATABASE):
            # What is kept there cannot be told; the check of the database itself says why.
            seen = note(part, NOT_KNOWN, Text(f"先看 {DATABASE} 一项", f"See {DATABASE} first"))
        found.append(seen)
    return found


def _is_wrong(found: list[Finding], part: str) -> bool:
    return any(each.part == part and each.state is State.WRONG for each in found)


def _checked(part: str, check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return check(settings)
    except Exception as error:
        return broken(part, error)


async def _checked_on(
    part: str, check: Callable[[Ground], Awaitable[Finding]], ground: Ground
) -> Finding:
    try:
        return await check(ground)
    except ObjectsUnavailable as error:
        if part == OBJECTS:
            return broken(part, error)
        # What is kept there cannot be told; the check of the store itself says why.
        return note(part, error.message, Text(f"先看 {OBJECTS} 一项", f"See {OBJECTS} first"))
    except Exception as error:
        return broken(part, error)


def _as_json(finding: Finding) -> dict[str, Any]:
    return {
        "part": finding.part,
        "state": finding.state.value,
        "seen": in_words(finding.seen),
        "remedy": in_words(finding.remedy) if finding.remedy else None,
    }


def _show(findings: list[Finding], *, healthy: bool) -> None:
    for finding in findings:
        mark, colour = MARKS[finding.state]
        line = f"{click.style(mark, fg=colour)} {finding.part:<14} {in_words(finding.seen)}"
        click.echo(line)
        if finding.remedy is not None:
            click.echo(f"{'':<17}→ {in_words(finding.remedy)}")
    click.echo()
    if healthy:
        click.echo(say("一切正常。", "All is well."))
    else:
        click.echo(say("有问题，见上面标 ✗ 的几行。", "Something is wrong: see the lines with ✗."))
