"""What a file is, decided by its content: names lie, and WPS writes .doc into anything.

Only what can be read in a page is let through; each other kind is refused with what to do. Of a
plain text the content says least, since almost anything can be read as one (a playlist, a page that
was saved in place of the file, a program's notes): it has to be called one as well.
"""

from __future__ import annotations

import mmap
import re
from pathlib import Path

from tongke.documents import archive, decode, office
from tongke.documents.errors import (
    EmptyDocument,
    EncryptedDocument,
    OldFormat,
    Spreadsheet,
    TextUnderAnotherName,
    UnrecognisedDocument,
    WebPage,
)
from tongke.documents.limits import MAX_PLAIN_BYTES
from tongke.documents.result import DocumentKind

# ISO 32000-1 Annex H: readers accept the header anywhere in the first 1,024 bytes.
_PDF_HEADER_WITHIN = 1024
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_RTF = b"{\\rtf"
# The 3 of 「5.3」 is no ending: one has a letter.
_ENDING = re.compile(r"\.(?=[0-9]*[a-z])[a-z0-9]{1,5}$", re.IGNORECASE)
_TEXT_ENDINGS = frozenset({".txt", ".text", ".md"})
# "Save as web page" of Word, often under the name .doc.
_WEB_PAGE = (b"<html", b"<!doctype html", b"mime-version:")


def recognise(path: Path, filename: str) -> DocumentKind:
    """What the file at `path` is, which its owner knows as `filename`. Raises the refusals of
    `errors`."""
    if path.stat().st_size == 0:
        raise EmptyDocument
    with path.open("rb") as file:
        head = file.read(_PDF_HEADER_WITHIN)
    if b"%PDF-" in head:
        return DocumentKind.PDF
    if head.startswith(_ZIP):
        return archive.recognise(path)
    if head.startswith(_OLE):
        return _readable(_ole_kind(path))
    if head.startswith(_RTF):
        return _readable(DocumentKind.OLD_WORD)
    return _plain(path, head, filename)


def _plain(path: Path, head: bytes, filename: str) -> DocumentKind:
    ending = "".join(_ENDING.findall(filename)).lower()
    called_text = ending in _TEXT_ENDINGS
    # Under the name of a text it is one that teaches how a web page is written.
    if not called_text and any(sign in head.lower() for sign in _WEB_PAGE):
        raise WebPage
    if path.stat().st_size > MAX_PLAIN_BYTES:
        raise UnrecognisedDocument
    if not decode.decode(path.read_bytes()).strip():
        raise EmptyDocument
    if ending and not called_text:
        raise TextUnderAnotherName(ending=ending)
    return DocumentKind.PLAIN


def _ole_kind(path: Path) -> DocumentKind:
    """By the names of the streams, which stand in the directory as UTF-16 (MS-CFB 2.6.1)."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:

        def has(stream: str) -> bool:
            return content.find(stream.encode("utf-16-le")) >= 0

        if has("EncryptedPackage"):
            raise EncryptedDocument
        if has("PowerPoint Document"):
            return DocumentKind.OLD_SLIDES
        if has("WordDocument"):
            return DocumentKind.OLD_WORD
        if has("Workbook"):
            raise Spreadsheet
    raise UnrecognisedDocument


def _readable(kind: DocumentKind) -> DocumentKind:
    if office.program() is None:
        raise OldFormat(wanted=".pptx" if kind is DocumentKind.OLD_SLIDES else ".docx")
    return kind
