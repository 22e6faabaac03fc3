"""What a Valkey or Redis that does not serve us says against it, and how that is mended."""

from __future__ import annotations

from redis.exceptions import (
    AuthenticationError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)

from tongke.cli.doctor.finding import Finding, wrong
from tongke.errors import Text
from tongke.storage.bus.errors import BusUnavailable

# A server that is told to keep snapshots, and cannot, answers every write so.
_NO_SNAPSHOT = "MISCONF"


def refused(error: BusUnavailable) -> Finding:
    """What was found when the bus could not be used."""
    said, remedy = _meaning(error.__cause__)
    own = str(error.__cause__ or "")
    return wrong("bus", Text(f"{said.zh}：{own}", f"{said.en}: {own}") if own else said, remedy)


def _meaning(cause: BaseException | None) -> tuple[Text, Text]:
    """What a cause means to whoever runs the server, and what to do."""
    match cause:
        case AuthenticationError():
            return (
                Text("它不认这个密码", "It does not take this password"),
                Text("改正 TONGKE_BUS_URL 里的密码", "Correct the password in TONGKE_BUS_URL"),
            )
        case NoPermissionError():
            return (
                Text("这个用户的权限不够", "This user may not do what has to be done"),
                Text(
                    "让它能读写所有键、收发所有频道，并能用 INFO 和 TIME",
                    "Allow it all keys and channels, INFO and TIME",
                ),
            )
        case ReadOnlyError():
            return (
                Text("它是只读的副本", "It is a replica, for reading only"),
                Text("在 TONGKE_BUS_URL 里写主节点的地址", "Name the primary in TONGKE_BUS_URL"),
            )
        case OutOfMemoryError():
            return (
                Text("它的内存用满了", "Its memory is used up"),
                Text(
                    "调大它的 maxmemory，别和缓存合用",
                    "Raise its maxmemory, and share it with no cache",
                ),
            )
        case ResponseError() if str(cause).startswith(_NO_SNAPSHOT):
            return (
                Text(
                    "它写不了快照，于是不收改动",
                    "It cannot write its snapshot, and so takes no changes",
                ),
                Text(
                    "这里没有要落盘的东西：关掉快照（save 设为空），或给它的磁盘腾出空间",
                    'Nothing here needs a disk: turn snapshots off (save ""), or make room on its'
                    " disk",
                ),
            )
    return (
        Text("连不上，或没有应答", "It cannot be reached, or does not answer"),
        Text(
            "看 TONGKE_BUS_URL 指的服务是否在运行、地址和端口对不对、防火墙是否放行",
            "See that the server of TONGKE_BUS_URL runs, that address and port are right, and that"
            " no firewall is between",
        ),
    )
