"""Checks of what keeping takes: room on the disks, a backup, and rows that name the files."""

from __future__ import annotations

import asyncio
import shutil

from tongke.archive import last
from tongke.bootstrap import Ground
from tongke.cli.doctor.finding import Finding, note, ok, wrong
from tongke.errors import Text
from tongke.publishing import orphans
from tongke.storage.bus.errors import BusUnavailable


async def space(ground: Ground) -> Finding:
    """There is room for files, and for the scratch of this machine, which may be on another disk
    and is all there is of it where files are in a store."""
    least = ground.settings.min_free_bytes
    scratch = await asyncio.to_thread(_scratch_bytes, ground)
    kept = await ground.objects.free_bytes()
    if kept is None:
        seen = Text("文件由存储服务管理", "Files are managed by the object store")
    else:
        seen = Text(f"存文件的地方还剩 {_gb(kept)}", f"{_gb(kept)} free for files")
    if scratch is not None:
        seen = Text(
            f"{seen.zh}，工作文件夹还剩 {_gb(scratch)}", f"{seen.en}, {_gb(scratch)} for scratch"
        )
    if kept is not None and kept < least:
        return wrong(
            "space",
            seen,
            Text(
                f"少于 TONGKE_MIN_FREE_BYTES（{_gb(least)}），上传会被拒绝：腾出空间",
                f"Less than TONGKE_MIN_FREE_BYTES ({_gb(least)}), uploads are refused: make room",
            ),
        )
    if scratch is not None and scratch < least:
        folder = ground.settings.work_dir
        return wrong(
            "space",
            seen,
            Text(
                f"{folder} 所在的盘快满了，处理会停下：腾出空间，至少要有最大文件的两倍",
                f"The disk of {folder} fills up, and work will wait: make room, for the largest"
                " file twice at least",
            ),
        )
    return ok("space", seen.zh, seen.en)


async def backup(ground: Ground) -> Finding:
    """There is a backup, and it is not an old one; nor was there none for as long as that."""
    made_at = await last.made_at(ground.objects)
    age_s = await last.age_s(ground.database, ground.objects)
    hours = age_s / 3600
    if made_at is None:
        return (wrong if age_s > last.TOO_OLD_S else note)(
            "backup",
            Text(
                f"还没有用 tongke backup 备份过，用了 {hours:.0f} 小时",
                f"tongke backup has never made one, in {hours:.0f} hours of use",
            ),
            Text(
                "每夜备份到另一块盘上：docs/operating.md“备份与恢复”",
                "Make one every night, on another disk: docs/operating.md, Backup and restore",
            ),
        )
    seen = Text(f"最近一次备份在 {hours:.0f} 小时前", f"The last backup is {hours:.0f} hours old")
    if age_s > last.TOO_OLD_S:
        return wrong(
            "backup",
            seen,
            Text(
                "看定时备份为什么没做成（journalctl -u tongke-backup），备份盘满没满，"
                "再运行 tongke backup",
                "See why the nightly one failed (journalctl -u tongke-backup), and whether its disk"
                " is full; then run tongke backup",
            ),
        )
    return ok("backup", seen.zh, seen.en)


async def unnamed(ground: Ground) -> Finding:
    """The sweeper found rows for the files; where it did not, it has left them."""
    try:
        counted = await orphans.left(ground.bus)
    except BusUnavailable:
        return note("orphans", Text("没有 Valkey，无从得知", "Unknown without Valkey"))
    if counted is None:
        return ok("orphans", "没有成批认不出的文件", "No mass of files without rows")
    return wrong(
        "orphans",
        Text(
            f"数据库认不出 {counted.orphans} 份文件，认得的只有 {counted.named} 份；没有清除",
            f"The database knows nothing of {counted.orphans} originals and folders, and"
            f" names {counted.named}; none was removed",
        ),
        Text(
            "多半是恢复没做完，或者数据库和文件不是一套：先停服务，看 TONGKE_DATABASE_URL、"
            "TONGKE_S3_URL、TONGKE_DATA_DIR，或再恢复一次。确是一套的（恢复了很早的备份），"
            "多出来的只占地方",
            "Most likely a restore was not finished, or database and files are not of one"
            " installation: stop the service, look at TONGKE_DATABASE_URL, TONGKE_S3_URL and"
            " TONGKE_DATA_DIR, or restore again. Where they belong together (an early backup was"
            " restored), the files only take room",
        ),
    )


def _scratch_bytes(ground: Ground) -> int | None:
    """The space left for scratch; None where it is on the disk of the files."""
    settings = ground.settings
    local = settings.s3_url is None and settings.objects_dir.exists()
    if local and settings.objects_dir.stat().st_dev == settings.work_dir.stat().st_dev:
        return None
    return shutil.disk_usage(settings.work_dir).free


def _gb(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:.1f} GB"
