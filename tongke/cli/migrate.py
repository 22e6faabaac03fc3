"""`tongke migrate`: the database at the schema of this version, and a place for objects."""

from __future__ import annotations

import asyncio

import click

from tongke.cli.output import json_option, print_json
from tongke.cli.words import say


@click.command(
    help=say(
        """把数据库升级到这一版的结构，没有存储桶就建一个；都已就绪就什么也不做。

        tongke serve 启动时会自动做。几个进程同时运行也没有关系。

        \b
        例：  tongke migrate
              tongke migrate --json""",
        """Bring the database to the schema of this version, and make the bucket where it is
        missing; nothing is done where all is there.

        tongke serve does it when it starts. Several at once do no harm.

        \b
        Example:  tongke migrate
                  tongke migrate --json""",
    )
)
@json_option
def migrate(as_json: bool) -> None:
    from tongke.cli.opening import load_settings, prepare_objects, upgrade_schema

    settings = load_settings()
    before, after = upgrade_schema(settings)
    asyncio.run(prepare_objects(settings))
    if as_json:
        print_json({"before": before, "after": after, "changed": before != after})
    elif before == after:
        click.echo(say(f"数据库已是最新结构（{after}）", f"The database is up to date ({after})"))
    else:
        start = before or say("空数据库", "empty")
        click.echo(say(f"已升级：{start} → {after}", f"Migrated: {start} -> {after}"))
