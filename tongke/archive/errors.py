"""What stops a backup, a restore or a move; each says what to do at the terminal."""

from __future__ import annotations

from tongke.errors import Conflict, Invalid, Text, TongkeError


class TargetInUse(Conflict):
    code = "target-in-use"
    message = Text(
        "目标数据库里已有别的数据（{table} 表 {rows} 行）",
        "The target's database holds other data already ({table}: {rows} rows)",
    )
    remedy = Text("请换一个空的数据库", "Give it an empty database")


class SamePlace(Invalid):
    code = "same-place"
    message = Text("目标和现在用的是同一个{part}", "The target is the {part} in use now")
    remedy = Text(
        "请在目标设置文件里写上新的地址", "Name the new address in the target's settings file"
    )


class NoBackup(Invalid):
    code = "no-backup"
    message = Text("{place} 里没有完整的备份", "There is no complete backup in {place}")
    remedy = Text(
        "请指明 tongke backup 写到的文件夹", "Name the folder that tongke backup wrote to"
    )


class BackupTooNew(Invalid):
    code = "backup-too-new"
    message = Text(
        "备份 {name} 是更新的版本做的（数据库结构 {revision}）",
        "A newer version than this one made the backup {name} (schema {revision})",
    )
    remedy = Text("请先升级，再恢复", "Upgrade first, then restore")


class BackupUnderWay(Conflict):
    code = "backup-under-way"
    message = Text(
        "{place} 里有另一次备份或恢复正在进行",
        "Another backup is being made in {place}, or restored from it",
    )
    remedy = Text("请等它结束后再运行", "Wait for it to end, then run this again")


class DamagedBackup(TongkeError):
    code = "damaged-backup"
    message = Text("备份损坏：{what}", "The backup is damaged: {what}")
    remedy = Text("请用另一份备份恢复", "Restore from another backup")


class NotTheSame(TongkeError):
    """A check at the end found a difference: what was copied is not to be used."""

    code = "copy-differs"
    message = Text("核对没有通过：{what}", "The check at the end failed: {what}")
    remedy = Text(
        "原来的数据没有动过。请再运行一次；还不行，请检查目标的磁盘和网络",
        "The original is untouched. Run it again; if it fails again, look at the target's disk"
        " and network",
    )
