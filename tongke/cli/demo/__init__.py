"""`tongke demo`: the whole service with a small library, from one command.

It starts what `tongke serve` starts, says the address as soon as the service answers, then fills
the library through it and shows how far each file is; beside that a class is running. Everything is
in one data folder; run again it goes on with what is there.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import click
import structlog

from tongke import bootstrap, logs
from tongke.cli import parts
from tongke.cli.demo import plan, record, workers, world
from tongke.cli.demo.board import board
from tongke.cli.demo.filling import Filling
from tongke.cli.demo.members import members
from tongke.cli.opening import load_settings, sole_service, upgrade_schema
from tongke.cli.words import say
from tongke.demo_library.catalogue import ITEMS
from tongke.settings import Settings
from tongke.supervisor import Supervisor
from tongke.supervisor.part import Part

DATA_DIR = Path("data/demo")
LOGS_NAME, LIBRARY_NAME = "logs", "library"
CLASS_STOP_LIMIT_S = 5.0

_log = structlog.get_logger("tongke.supervisor")


@click.command(
    help=say(
        """启动演示：两市四县八所学校、两对结对、各种身份的账号、一个小资源库，还有一节正在上的同步课。

        示例课和制度当场做出来，走真实的上传和处理流程。服务一能用就给出地址；全部发布后列出账号
        和可以试的事，并写进数据文件夹的 demo.json。Ctrl-C 停下一切；再运行就接着用。

        \b
        例：  tongke demo
              TONGKE_PORT=8700 tongke demo
              TONGKE_DATA_DIR=/srv/demo tongke demo""",
        """Start a demonstration: two cities, four counties, eight schools, two pairings, accounts
        of every role, a small library, and a synchronized class that is running.

        Lessons and policies are made on the spot and go through the real upload and pipeline. The
        address is printed as soon as the service answers; when all is published, the accounts and
        what to try, also in demo.json in the data folder. Ctrl-C ends everything; run again, it
        goes on with what is there.

        \b
        Example:  tongke demo
                  TONGKE_PORT=8700 tongke demo
                  TONGKE_DATA_DIR=/srv/demo tongke demo""",
    )
)
@click.option(
    "--exit-when-ready",
    is_flag=True,
    help=say("全部发布后就停下（供测试和计时）", "End when all is published (to test, to measure)"),
)
@click.pass_context
def demo(ctx: click.Context, exit_when_ready: bool) -> None:
    settings = load_settings(data_dir=DATA_DIR)
    complete = asyncio.run(_run(settings, stay=not exit_when_ready))
    ctx.exit(0 if complete or not exit_when_ready else 1)


async def _run(settings: Settings, *, stay: bool) -> bool:
    """Run until stopped, or until the library is there; whether all of it was published."""
    _log_to_file(settings)
    with sole_service(settings):
        parts.check_port(settings)
        record.forget(settings.data_dir)
        upgrade_schema(settings)
        failed: dict[str, str] = {}
        async with Supervisor(
            [*parts.stages(settings), [_class_feed()]],
            environment=parts.environment(settings),
            logs=settings.data_dir / LOGS_NAME,
            on_event=lambda part, what: _log.warning("part", part=part, what=what),
        ) as supervisor:
            filled = await supervisor.during(_fill(settings, failed))
            if filled and stay:
                click.echo(say("按 Ctrl-C 停下。", "Press Ctrl-C to end it."))
                await supervisor.until_asked_to_stop()
        return filled and not failed


def _class_feed() -> Part:
    """Named and not imported: a process of its own runs it."""
    return Part("class", [sys.executable, "-m", "tongke.cli.demo.class_feed"], CLASS_STOP_LIMIT_S)


async def _fill(settings: Settings, failed: dict[str, str]) -> None:
    """Fill the library, tell where it is; `failed` takes what failed, and why."""
    click.echo(say(f"服务已经可用：{settings.url}", f"The service answers: {settings.url}"))
    click.echo(say("正在准备示例资源……", "Making and publishing the library …"))
    ground = bootstrap.build(settings)
    try:
        await ground.database.write(world.create)
        await ground.database.write(plan.make)
        async with members(ground, parts.local_url(settings)) as people:
            with board(item.filename for item in ITEMS) as shown:
                folder = settings.data_dir / LIBRARY_NAME
                filling = Filling(ground.database, people, folder, shown)
                looking = asyncio.create_task(
                    workers.missing(ground, settings.data_dir / LOGS_NAME)
                )
                try:
                    failed.update(await filling.run(ground.programs.ffmpeg))
                    failed.update(await looking)
                finally:
                    looking.cancel()
    finally:
        await ground.close()
    record.write(settings.data_dir, settings.url)
    record.show(settings.url)
    for title, reason in failed.items():
        click.secho(say(f"失败：{title}：{reason}", f"Failed: {title}: {reason}"), fg="red")


def _log_to_file(settings: Settings) -> None:
    """Our own log beside those of the parts: the terminal belongs to the progress."""
    folder = settings.data_dir / LOGS_NAME
    folder.mkdir(parents=True, exist_ok=True)
    logs.configure(settings)
    root = logging.getLogger()
    handler = logging.FileHandler(folder / "demo.log")
    handler.setFormatter(root.handlers[0].formatter)
    root.handlers = [handler]
