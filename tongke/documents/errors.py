"""Why a document cannot become a resource, in words its teacher can act on.

The reading happens in a child process, so a refusal crosses a pipe as its code and values;
`refusal` makes it again on the other side.
"""

from __future__ import annotations

from collections.abc import Mapping

from tongke.errors import Text, Unpublishable


class DocumentRefused(Unpublishable):
    """The root of what this package refuses."""


class EmptyDocument(DocumentRefused):
    code = "document-empty"
    message = Text("文件是空的，里面没有内容", "The file is empty")
    remedy = Text(
        "请打开原文件看看，存好后再传", "Open the original, save it, then upload it again"
    )


class DamagedDocument(DocumentRefused):
    code = "document-damaged"
    message = Text("文件损坏，打不开", "The file is damaged and cannot be opened")
    remedy = Text(
        "请在电脑上打开它，另存一份再传；若是从聊天里转来的，请让对方重发一次",
        "Open it on a computer and save a new copy; if it came through a chat, have it sent again",
    )


class EncryptedDocument(DocumentRefused):
    code = "document-encrypted"
    message = Text("文件设了打开密码", "The file needs a password to open")
    remedy = Text("请去掉密码，另存后再传", "Remove the password, save it, then upload it again")


class MacroDocument(DocumentRefused):
    code = "document-macros"
    message = Text("文件里带有宏", "The file carries macros")
    remedy = Text(
        "请另存为不带宏的 .docx 或 .pptx 再传",
        "Save it as a .docx or .pptx without macros, then upload that",
    )


class OversizedArchive(DocumentRefused):
    code = "document-bomb"
    message = Text(
        "文件展开后大得不正常，为安全起见没有打开",
        "The file unpacks to an abnormal size and was not opened",
    )
    remedy = Text(
        "请在 Word 或 WPS 里另存一份再传；图片太多太大时，请先压缩图片",
        "Save a new copy in Word or WPS; if it holds many large pictures, compress them first",
    )


class TooManyPages(DocumentRefused):
    code = "document-too-many-pages"
    message = Text(
        "这份文件有 {pages} 页，最多能读 {limit} 页",
        "The file has {pages} pages; up to {limit} can be read",
    )
    remedy = Text("请按章节拆成几份再传", "Split it into parts, then upload them")


class TooMuchText(DocumentRefused):
    code = "document-too-much-text"
    message = Text(
        "这份文件的文字或标题太多，一个网页放不下",
        "The file has too much text, or too many headings, for one page",
    )
    remedy = Text("请按章节拆成几份再传", "Split it into parts, then upload them")


class TooHeavyDocument(DocumentRefused):
    code = "document-too-heavy"
    message = Text(
        "文件太复杂，在限定的时间和内存里没能读完",
        "The file is too complex to be read within the limits of time and memory",
    )
    remedy = Text(
        "请把它拆小，或导出为普通的 PDF 再传",
        "Split it, or export it as a plain PDF, then upload that",
    )


class OldFormat(DocumentRefused):
    """`wanted` is the suffix to save as, such as `.docx`."""

    code = "document-old-format"
    message = Text(
        "这是旧格式的文件，这里读不了",
        "The file is in an old format that cannot be read here",
    )
    remedy = Text(
        "请在 Word 或 WPS 里另存为 {wanted} 再传",
        "Save it as {wanted} in Word or WPS, then upload that",
    )


class WebPage(DocumentRefused):
    code = "document-web-page"
    message = Text("这是网页文件，这里读不了", "This is a web page, which cannot be read here")
    remedy = Text(
        "请用浏览器打开，打印成 PDF 再传；如果是 Word 或 WPS 存出来的，请另存为 .docx 再传",
        "Open it in a browser and print it to PDF, then upload that; if Word or WPS saved it, "
        "save it as .docx instead",
    )


class Spreadsheet(DocumentRefused):
    code = "document-spreadsheet"
    message = Text("电子表格还不能在网页里读", "Spreadsheets cannot be read in the page yet")
    remedy = Text(
        "请导出为 PDF，或把表格放进 Word 文档再传",
        "Export it as PDF, or put the table into a Word document, then upload that",
    )


class TextUnderAnotherName(DocumentRefused):
    """`ending` is that of its name, such as `.mp4`."""

    code = "document-text-under-another-name"
    message = Text(
        "文件名以 {ending} 结尾，里面却只是一段纯文字",
        "The file is named {ending}, and holds nothing but plain text",
    )
    remedy = Text(
        "请在电脑上打开看看：要传的就是这段文字，请改名为 .txt 再传；不是，请找到原来的文件再传",
        "Open it on your computer: if the text is what you mean, rename it to .txt and upload "
        "that; otherwise find the original file and upload it",
    )


class UnrecognisedDocument(DocumentRefused):
    code = "document-unrecognised"
    message = Text("认不出这是什么文件", "The kind of this file is not recognised")
    remedy = Text(
        "请先在电脑上打开看看；录像存成 MP4，文档存成 .docx、.pptx、.pdf 或 .txt 再传",
        "Open it on your computer first; save a recording as MP4, a document as .docx, .pptx, "
        ".pdf or .txt, and upload that",
    )


_BY_CODE: dict[str, type[DocumentRefused]] = {
    error.code: error
    for error in (
        EmptyDocument,
        DamagedDocument,
        EncryptedDocument,
        MacroDocument,
        OversizedArchive,
        TooManyPages,
        TooHeavyDocument,
        TooMuchText,
        OldFormat,
        WebPage,
        Spreadsheet,
        TextUnderAnotherName,
        UnrecognisedDocument,
    )
}


def refusal(code: str, values: Mapping[str, object]) -> DocumentRefused:
    """The refusal that `code` and `values` stand for. KeyError: no such code."""
    return _BY_CODE[code](**values)
