"""What can go wrong with objects, whatever adapter keeps them."""

from __future__ import annotations

from tongke.errors import Conflict, NotFound, Text, TongkeError, Unavailable


class ObjectMissing(NotFound):
    """No object, or no unfinished one, has this `key`."""

    code = "object-missing"


class BadKey(TongkeError):
    """A key outside the rule of `port.check_key`, or one that is another key's folder."""

    code = "bad-key"
    status = 400
    message = Text("存储名称不合规则：{key}", "Not a valid object key: {key}")
    remedy = Text(
        "这是程序的问题，请把页面上的编号告诉管理员",
        "This is a fault of ours: give your administrator the number on this page",
    )


class ObjectBusy(TongkeError):
    """Another connection, perhaps of another process, is writing this object."""

    code = "object-busy"
    status = 423
    message = Text("这个文件正在另一处上传", "This file is being uploaded elsewhere")
    remedy = Text(
        "请关掉另一处，或稍等几秒再接着传",
        "Close the other place, or go on in a few seconds",
    )


class WrongOffset(Conflict):
    """Bytes were offered for another place than the end; `offset` is where the end is."""

    code = "wrong-offset"
    message = Text(
        "接续的位置不对：已经收好 {offset} 字节", "Wrong offset: {offset} bytes are kept"
    )
    remedy = Text("请从第 {offset} 字节接着传", "Go on at byte {offset}")

    def __init__(self, *, offset: int) -> None:
        super().__init__(offset=offset)
        self.offset = offset


class AppendInterrupted(TongkeError):
    """The source of the bytes broke (`__cause__`); the first `offset` bytes are durable."""

    code = "append-interrupted"
    status = 503
    message = Text(
        "上传中断了，已经收好 {offset} 字节", "The upload broke off; {offset} bytes are kept"
    )
    remedy = Text("网络恢复后会从这里接着传", "It goes on from here once the line is back")

    def __init__(self, *, offset: int) -> None:
        super().__init__(offset=offset)
        self.offset = offset


class StoreFull(TongkeError):
    """The disk or the quota is used up."""

    code = "store-full"
    status = 507
    message = Text("存储空间不够了", "There is no space left to store this")
    remedy = Text(
        "请联系管理员腾出空间，已经收好的部分不会丢",
        "Ask your administrator to make room; what is already kept is not lost",
    )


class ObjectsUnavailable(Unavailable):
    """The place where objects are kept does not answer, or refuses us."""

    code = "objects-unavailable"
    message = Text("文件存储暂时用不了：{reason}", "The object store does not work: {reason}")
