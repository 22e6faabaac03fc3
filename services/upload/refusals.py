"""Why an upload request is refused, in the statuses that tus 1.0.0 asks for.

Two more come from the store and mean the same there: `WrongOffset` (409) and `ObjectBusy` (423).
"""

from __future__ import annotations

from tongke.errors import Conflict, Text, TongkeError

_RELOAD = Text("请刷新页面后重新选择文件", "Reload the page and choose the file again")


class UnsupportedVersion(TongkeError):
    """The header `Tus-Resumable` is missing or names another version ("Tus-Resumable")."""

    code = "tus-version"
    status = 412
    message = Text("上传程序的协议版本不对", "The upload speaks another version of tus")
    remedy = Text("请使用 tus {version}", "Use tus {version}")


class UnsupportedMethod(TongkeError):
    code = "method-not-allowed"
    status = 405
    message = Text("这个地址不接受 {method} 请求", "{method} is not understood here")
    remedy = Text("请查阅接口说明", "See the description of the API")


class MalformedHeader(TongkeError):
    """A header that is missing, or does not say what it should; `header` is its name."""

    code = "malformed-header"
    status = 400
    message = Text("请求头 {header} 有误：{reason}", "The header {header} is wrong: {reason}")
    remedy = _RELOAD

    def __init__(self, header: str, reason: Text) -> None:
        super().__init__(header=header, reason=reason.en)
        kind = type(self)
        self.header = header
        self.message = Text(
            kind.message.zh.format(header=header, reason=reason.zh),
            kind.message.en.format(header=header, reason=reason.en),
        )


class UploadTooLarge(TongkeError):
    """More than `Tus-Max-Size` ("Creation: POST")."""

    code = "upload-too-large"
    status = 413
    message = Text("文件太大，最多 {limit}", "The file is too large: {limit} at most")
    remedy = Text(
        "请先压缩，或分成几段再传",
        "Compress it, or upload it in several parts",
    )

    @classmethod
    def than(cls, most_bytes: int) -> UploadTooLarge:
        return cls(limit=f"{most_bytes / 2**30:.3g} GB")


class BodyTooLong(TongkeError):
    """More bytes than the upload was announced with."""

    code = "body-beyond-length"
    status = 413
    message = Text("传来的内容比申报的文件长", "More bytes came than the file was announced with")
    remedy = Text(
        "文件在上传时可能被改动过，请重新选择文件",
        "The file may have changed meanwhile: choose it again",
    )


class WrongContentType(TongkeError):
    """Bytes of an upload come as `application/offset+octet-stream` and nothing else ("PATCH")."""

    code = "wrong-content-type"
    status = 415
    message = Text("上传内容的类型应为 {expected}", "Bytes have to come as {expected}")
    remedy = _RELOAD


class UploadExpired(TongkeError):
    """The unfinished upload was not gone on with in time ("Expiration")."""

    code = "upload-expired"
    status = 410
    message = Text("这次上传搁置太久，已经清除", "This upload was left too long and is gone")
    remedy = Text("请重新上传", "Upload the file again")


class UploadFinished(Conflict):
    """The upload is a resource now, and cannot be taken back as an upload."""

    code = "upload-finished"
    message = Text("这个文件已经交上去了", "This upload is finished already")
    remedy = Text("要删除的话，请到资源页操作", "To delete it, go to the page of the resource")
