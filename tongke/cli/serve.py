"""`tongke serve`: the whole service on this machine, or one part of it."""

from __future__ import annotations

import asyncio
import os

import click
import structlog

from tongke.cli.words import say
from tongke.settings import Settings

_log = structlog.get_logger("tongke.supervisor")


@click.command(
    help=say(
        """启动整个服务：Valkey（没有另外指定时）、后台处理、定时器和网页。

        先把数据库升级到这一版。Ctrl-C 依次停下每个部分：网页不再接新请求、做完手上的；
        后台处理交还手上的步骤；最后停 Valkey。

        \b
        一台机器：        tongke serve
        让校园网能访问：  TONGKE_HOST=0.0.0.0 tongke serve
        只要网页：        tongke serve --only web
        只要内置 Valkey： tongke serve --only bus""",
        """Start the whole service: Valkey (unless another is set), workers, scheduler and web.

        The database is brought to this version first. Ctrl-C stops the parts in order: the web
        takes no new requests and finishes those under way, the workers give back their step,
        Valkey goes last.

        \b
        One machine:               tongke serve
        For the school's network:  TONGKE_HOST=0.0.0.0 tongke serve
        The web alone:             tongke serve --only web
        The embedded Valkey alone: tongke serve --only bus""",
    )
)
@click.option(
    "--only",
    type=click.Choice(["web", "bus"]),
    help=say("只启动这一部分", "Start this part alone"),
)
def serve(only: str | None) -> None:
    from tongke.cli.opening import load_settings

    settings = load_settings()
    if only == "web":
        from tongke.cli import web

        web.run(settings)
    elif only == "bus":
        _become_bus(settings)
    else:
        asyncio.run(_everything(settings))


def _become_bus(settings: Settings) -> None:
    from tongke.storage.bus import embedded

    program = embedded.find_server(settings.valkey_server)
    command = embedded.command(program, settings.sockets_dir)
    os.execv(command[0], command)  # noqa: S606 (becomes the server itself)


async def _everything(settings: Settings) -> None:
    from tongke import logs
    from tongke.cli import parts
    from tongke.cli.https import tls_context
    from tongke.cli.opening import prepare_objects, sole_service, upgrade_schema
    from tongke.supervisor import Supervisor

    logs.configure(settings)
    with sole_service(settings):
        # What the web process would end on is found before anything is started.
        tls_context(settings)
        parts.check_port(settings)
        before, after = upgrade_schema(settings)
        if before != after:
            _log.info("migrated", before=before, after=after)
        await prepare_objects(settings)
        async with Supervisor(
            parts.stages(settings),
            environment=parts.environment(settings),
            on_event=lambda part, what: _log.warning("part", part=part, what=what),
        ) as supervisor:
            _log.info("ready", url=settings.url)
            await supervisor.until_asked_to_stop()
