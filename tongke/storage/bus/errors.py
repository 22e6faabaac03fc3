"""What can go wrong with the bus."""

from __future__ import annotations

from tongke.errors import Text, Unavailable


class BusUnavailable(Unavailable):
    """No answer within the time limit, or a refusal; `__cause__` says which."""

    code = "bus-unavailable"
    message = Text("系统内部的消息服务暂时连不上", "The internal message bus cannot be reached")


class ServerMissing(Unavailable):
    """No Valkey or Redis server program is to be found on this machine."""

    code = "valkey-missing"
    message = Text(
        "这台机器上找不到 valkey-server：{looked}",
        "No valkey-server on this machine: {looked}",
    )
    remedy = Text(
        "用 TONGKE_VALKEY_SERVER 指明程序位置，或用 TONGKE_BUS_URL 指向已有的服务",
        "Name the program in TONGKE_VALKEY_SERVER, or a running server in TONGKE_BUS_URL",
    )


class SocketPathTooLong(Unavailable):
    """The kernel ends a Unix socket's path at 107 bytes."""

    code = "socket-path-too-long"
    message = Text("套接字路径太长：{path}", "This socket path is too long: {path}")
    remedy = Text(
        "把 TONGKE_RUNTIME_DIR 设成一个更短的文件夹",
        "Set TONGKE_RUNTIME_DIR to a shorter folder",
    )


class ServerFailed(Unavailable):
    """The embedded server ended, or never answered; `log` is the end of what it said."""

    code = "valkey-failed"
    message = Text("内置的消息服务没有启动起来：{log}", "The embedded bus did not start: {log}")
    remedy = Text(
        "看看是否已有一个在运行，再看运行文件夹里的 valkey.log",
        "See whether another one runs already, then read valkey.log in the runtime folder",
    )
