"""`tongke backup`, `tongke restore`: a whole installation into a folder, and back."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import click

from tongke.archive import backup as backing_up
from tongke.archive import last
from tongke.archive import restore as restoring
from tongke.archive.folder import BackupFolder
from tongke.bootstrap import Ground, build
from tongke.cli.opening import check_objects, load_settings, on_ground, sole_service
from tongke.cli.output import json_option, print_json, progress
from tongke.cli.words import say

# Two weeks of nights.
KEEP = 14


@click.command(
    help=say(
        """备份数据库和全部文件，服务不用停。

        同一个文件夹可以反复用：没变的文件只存一份，只留最近 --keep 份备份。备份之后的改动不在里面；
        没传完的文件要由上传的人重传。请把文件夹放在另一块盘上，定时运行。

        \b
        例：  tongke backup --to /mnt/backup/tongke
              tongke backup --to /mnt/backup/tongke --keep 30 --json""",
        """Back up the database and every file, while the service goes on.

        The folder is used again and again: what did not change is kept once, and the newest --keep
        backups stay. What comes after it is not in it, and unfinished uploads are sent again by
        whoever sent them. Put the folder on another disk, and run this by the clock.

        \b
        Example:  tongke backup --to /mnt/backup/tongke
                  tongke backup --to /mnt/backup/tongke --keep 30 --json""",
    )
)
@click.option(
    "--to",
    "place",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help=say("备份到哪个文件夹", "The folder to back up to"),
)
@click.option(
    "--keep",
    default=KEEP,
    show_default=True,
    type=click.IntRange(min=1),
    help=say("保留最近几份", "How many backups stay"),
)
@json_option
def backup(place: Path, keep: int, as_json: bool) -> None:
    made = on_ground(load_settings(), lambda ground: _make(ground, place, keep))
    manifest = made.manifest
    if as_json:
        print_json(
            {
                "name": made.name,
                "made_at": manifest.made_at,
                "rows": sum(tally.rows for tally in manifest.tables.values()),
                "objects": manifest.objects,
                "bytes": manifest.bytes,
                "removed": made.removed,
            }
        )
        return
    size = manifest.bytes / 1e9
    click.echo(
        say(
            f"已备份 {made.name}：{manifest.objects} 个文件，共 {size:.2f} GB",
            f"Backed up as {made.name}: {manifest.objects} objects, {size:.2f} GB",
        )
    )


async def _make(ground: Ground, place: Path, keep: int) -> backing_up.Made:
    folder = BackupFolder(place)
    try:
        await asyncio.to_thread(folder.create)
        with progress(say("备份文件", "Backing up objects"), await _count(ground)) as advance:
            made = await backing_up.make(
                ground.database, ground.objects, folder, keep=keep, on_object=advance
            )
    finally:
        await folder.close()
    await last.note(ground.objects, datetime.fromisoformat(made.manifest.made_at))
    return made


async def _count(ground: Ground) -> int:
    count = 0
    async for _ in ground.objects.list():
        count += 1
    return count


@click.command(
    help=say(
        """从备份恢复到一个空的安装：数据库、文件，并重建索引。

        恢复到哪里由设置决定，可以和原来的不同（换机器、换数据库都行）。先停下服务。
        中断了就再运行一次，接着做。

        \b
        例：  tongke restore --from /mnt/backup/tongke
              tongke restore --from /mnt/backup/tongke --name 20261125T020000.000000Z""",
        """Bring a backup back into an empty installation: database, files, and a new index.

        Where to is what the settings say; it may be other parts than before (another machine,
        another database). Stop the service first. Interrupted, it goes on when run again.

        \b
        Example:  tongke restore --from /mnt/backup/tongke
                  tongke restore --from /mnt/backup/tongke --name 20261125T020000.000000Z""",
    )
)
@click.option(
    "--from",
    "place",
    required=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help=say("备份所在的文件夹", "The folder of the backups"),
)
@click.option("--name", help=say("哪一份；不写就是最近一份", "Which one; the newest by default"))
@json_option
def restore(place: Path, name: str | None, as_json: bool) -> None:
    settings = load_settings()
    with sole_service(settings):

        async def run() -> tuple[restoring.Restored, int]:
            ground = build(settings)
            try:
                return await _restore(ground, place, name)
            finally:
                await ground.close()

        restored, documents = asyncio.run(run())
    rows = sum(tally.rows for tally in restored.manifest.tables.values())
    if as_json:
        print_json(
            {
                "name": restored.name,
                "made_at": restored.manifest.made_at,
                "rows": rows,
                "objects": restored.manifest.objects,
                "documents": documents,
            }
        )
        return
    click.echo(
        say(
            f"已恢复到备份 {restored.name} 的样子：{rows} 行数据，"
            f"{restored.manifest.objects} 个文件，索引 {documents} 条",
            f"Restored as of {restored.name}: {rows} rows, {restored.manifest.objects} objects,"
            f" {documents} documents in the index",
        )
    )


async def _restore(ground: Ground, place: Path, name: str | None) -> tuple[restoring.Restored, int]:
    from tongke.cli.reindex import rebuild

    await check_objects(ground)
    folder = BackupFolder(place)
    try:
        name = name or await restoring.newest(folder)
        total = (await folder.manifest(name)).objects
        with progress(say("恢复文件", "Restoring objects"), total) as advance:
            restored = await restoring.restore(
                ground.database, ground.objects, folder, name, advance
            )
    finally:
        await folder.close()
    # There is one, as of then: what is in it is what is here.
    await last.note(ground.objects, datetime.fromisoformat(restored.manifest.made_at))
    return restored, await rebuild(ground)
