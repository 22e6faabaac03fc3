"""`tongke move`: from the parts of one machine to those that another settings file names."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from tongke.archive import moving
from tongke.archive.errors import NotTheSame, SamePlace
from tongke.archive.moving import Place
from tongke.bootstrap import Ground, build
from tongke.cli.opening import (
    check_objects,
    load_settings,
    require_schema,
    revision_of,
    settings_of,
    sole_service,
)
from tongke.cli.output import json_option, print_json, progress
from tongke.cli.words import say
from tongke.settings import Settings
from tongke.storage.objects.files import FileObjects


@click.command(
    help=say(
        """把这个安装搬到另一份设置文件写明的数据库、文件存储和索引上，最后逐一核对。

        先停下服务。目标的数据库和文件存储要是空的。原来的数据一点不改；中断了就再运行一次，接着搬。

        \b
        例：  tongke move --to city.env
        之后：用 city.env 的设置启动服务""",
        """Move this installation to the database, the store and the index that another settings
        file names, and compare at the end.

        Stop the service first. The database and the store there have to be empty. Nothing of the
        old installation is changed; interrupted, it goes on when run again.

        \b
        Example:  tongke move --to city.env
        Then:     start the service with the settings of city.env""",
    )
)
@click.option(
    "--to",
    "file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help=say("写有新设置的文件（同 .env）", "The file of the new settings, as .env is"),
)
@json_option
def move(file: Path, as_json: bool) -> None:
    here = load_settings()
    there = settings_of(file)
    _require_elsewhere(here, there)
    with sole_service(here):
        require_schema(here)
        found = asyncio.run(_move(here, there))
    if as_json:
        print_json(found)
        return
    click.echo(
        say(
            f"搬完并核对无误：{found['rows']} 行数据，{found['objects']} 个文件，"
            f"没传完的上传 {found['unfinished']} 个，索引 {found['documents']} 条。\n"
            f"现在用 {file} 的设置启动服务；原来的数据还在 {here.data_dir}。",
            f"Moved and compared: {found['rows']} rows, {found['objects']} objects,"
            f" {found['unfinished']} unfinished uploads, {found['documents']} documents.\n"
            f"Start the service with the settings of {file}; the old data stay in {here.data_dir}.",
        )
    )


def _require_elsewhere(here: Settings, there: Settings) -> None:
    if here.sqlalchemy_url == there.sqlalchemy_url:
        raise SamePlace(part="TONGKE_DATABASE_URL")
    if (here.s3_url, here.s3_bucket) == (there.s3_url, there.s3_bucket) and (
        here.s3_url is not None or here.objects_dir == there.objects_dir
    ):
        raise SamePlace(part="TONGKE_S3_URL")


async def _move(here: Settings, there: Settings) -> dict[str, int]:
    source, target = build(here), build(there)
    try:
        return await _move_all(source, target)
    finally:
        await target.close()
        await source.close()


async def _move_all(source: Ground, target: Ground) -> dict[str, int]:
    from tongke.cli.reindex import rebuild

    old, new = _place(source), _place(target)
    # Before hours of copying: what a newer version has made there cannot be written to.
    await asyncio.to_thread(revision_of, new.database)
    await check_objects(target)
    await moving.claim(old, new)
    total = 0
    async for _ in old.objects.list():
        total += 1
    with progress(say("搬文件", "Moving objects"), total) as advance:
        copied, unfinished = await moving.move_objects(old, new, advance)
    tallies = await moving.move_rows(old.database, new.database)
    documents = await rebuild(target)
    click.echo(say("逐一核对……", "Comparing …"), err=True)
    await moving.compare(old, new)
    indexed = dict([pair async for pair in target.index.versions()])
    if len(indexed) != documents:
        raise NotTheSame(what=f"{len(indexed)} of {documents} documents are in the index")
    await moving.release(new)
    return {
        "rows": sum(tally.rows for tally in tallies.values()),
        "objects": copied.objects,
        "bytes": copied.bytes,
        "unfinished": unfinished,
        "documents": documents,
    }


def _place(ground: Ground) -> Place:
    readable = ground.objects if isinstance(ground.objects, FileObjects) else None
    return Place(ground.database, ground.objects, ground.appendable, readable)
