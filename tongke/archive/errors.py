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


class TargetStoreInUse(Conflict):
    code = "target-store-in-use"
    message = Text(
        "目标的文件存储里已有别的安装的文件（{key}）",
        "The target's store holds objects of another installation already ({key})",
    )
    remedy = Text(
        "请换一个空的存储桶或文件夹；里面的文件一个也没有动",
        "Give it an empty bucket or folder; nothing in this one was touched",
    )


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


class BackupFolderUnusable(TongkeError):
    code = "backup-folder-unusable"
    message = Text("备份文件夹不能写入：{place}（{reason}）", "Cannot write to {place}: {reason}")
    remedy = Text(
        "看那块盘挂上了没有，运行备份的用户能不能写；或者用 --to 换一个文件夹",
        "See that its disk is mounted, and that the user of the backup may write there; or name"
        " another folder with --to",
    )


class BackupFolderFull(TongkeError):
    code = "backup-folder-full"
    message = Text("备份盘满了：{place}", "The disk of the backups is full: {place}")
    remedy = Text(
        "这次没有做成，以前的备份都还在。请腾出空间，或用 --to 换一块更大的盘，再运行一次",
        "This backup was not made; those of before are whole. Make room, or name a larger disk with"
        " --to, and run it again",
    )


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
