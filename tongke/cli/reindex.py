"""`tongke reindex`: the search index anew, from the database."""

from __future__ import annotations

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tongke.bootstrap import Ground
from tongke.cli import unusable
from tongke.cli.opening import load_settings, on_ground
from tongke.cli.output import json_option, print_json, progress
from tongke.cli.words import say
from tongke.errors import Unavailable
from tongke.library import outbox
from tongke.library.models import Resource


@click.command(
    help=say(
        """重建搜索索引。期间旧索引照常回答，服务不用停。

        索引文件丢了、坏了，或升级说明要求时运行。

        \b
        例：  tongke reindex
              tongke reindex --json""",
        """Build the search index anew. The old one answers meanwhile; nothing has to stop.

        For an index that was lost or damaged, or where the notes of a version ask for it.

        \b
        Example:  tongke reindex
                  tongke reindex --json""",
    )
)
@json_option
def reindex(as_json: bool) -> None:
    settings = load_settings()
    try:
        documents = on_ground(settings, rebuild)
    except Unavailable as error:
        raise unusable.index(settings, error) from error.__cause__
    if as_json:
        print_json({"documents": documents})
    else:
        click.echo(say(f"索引已重建，共 {documents} 条", f"The index has {documents} documents"))


async def rebuild(ground: Ground) -> int:
    """Build the index anew, and show how far it is; how many documents."""
    from workers import indexing

    total = await ground.database.read(_count)
    with progress(say("重建索引", "Indexing"), total) as advance:
        return await indexing.rebuild(ground, advance)


def _count(session: Session) -> int:
    wanted = select(func.count()).select_from(Resource).where(outbox.in_index())
    return session.scalar(wanted) or 0
