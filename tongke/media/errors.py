"""Why a recording cannot be published, in words for the person who made it."""

from __future__ import annotations

from tongke.errors import Text, TongkeError, Unpublishable


class NotARecording(Unpublishable):
    code = "not-a-recording"
    message = Text(
        "这个文件里没有画面，也没有声音", "There is no picture and no sound in this file"
    )
    remedy = Text(
        "请上传录像、录音、课件或文档", "Upload a recording, slides or a document instead"
    )


class EmptyFile(Unpublishable):
    code = "empty-file"
    message = Text("文件是空的", "The file is empty")
    remedy = Text("请检查原文件，重新导出后再传", "Check the original, export it again")


class TruncatedRecording(Unpublishable):
    code = "truncated-recording"
    message = Text(
        "录像没有写完：文件尾缺少索引", "The recording was cut off: its index is missing"
    )
    remedy = Text("请在录课机上重新导出", "Export it again on the recorder")


class DamagedRecording(Unpublishable):
    code = "damaged-recording"
    message = Text("录像损坏，读不出来", "The recording is damaged and cannot be read")
    remedy = Text(
        "请先在电脑上放一遍；能放的话，另存为 MP4 再传",
        "Play it on your computer first; if it plays, save it as MP4 and upload that",
    )


class UnknownCodec(Unpublishable):
    code = "unknown-codec"
    message = Text("录像用了少见的编码，放不出来", "The recording uses a codec that we cannot read")
    remedy = Text("请用录课软件另存为 MP4（H.264）再传", "Save it as MP4 (H.264) and upload that")


class EncryptedRecording(Unpublishable):
    code = "encrypted-recording"
    message = Text("录像加了密", "The recording is encrypted")
    remedy = Text("请导出不加密的版本", "Export it without encryption")


class TooLong(Unpublishable):
    code = "recording-too-long"
    message = Text("录像长 {hours} 小时，超过 {limit} 小时", "It is {hours} h long, over {limit} h")
    remedy = Text("请剪成几段再传", "Cut it into parts and upload those")


class TooLarge(Unpublishable):
    code = "picture-too-large"
    message = Text("画面太大：{width}×{height}", "The picture is too large: {width}×{height}")
    remedy = Text("请导出 4K 或更小的版本", "Export it at 4K or less")


class FfmpegFailed(TongkeError):
    """ffmpeg ended badly for a reason that may pass; `detail` is the tail of what it said."""

    code = "ffmpeg-failed"
    message = Text("转码中断了", "Transcoding was cut short")
    remedy = Text(
        "点“重试”再来一次；还不行就请管理员看看磁盘和内存",
        "Press retry; if it fails again, ask the operator to look at disk and memory",
    )

    def __init__(self, detail: str) -> None:
        super().__init__()
        self.detail = detail
        self.args = (f"{self.code}: {detail}",)
