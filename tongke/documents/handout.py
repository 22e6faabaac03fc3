"""The copy of a document that others take along: the same, without what it says of people.

An Office file names its author, its company and everyone who commented; a photograph in it names
the place and the device. None of it is needed to use the document, and none was meant to be
published.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import pypdfium2

from tongke.documents.result import DocumentKind

_NAME = "download"
_XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PROPERTIES = b"http://schemas.openxmlformats.org/officeDocument/2006/"
_PACKAGE = b"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
# The parts stay, since others refer to them; only what they say goes (ECMA-376 part 2, 8.3).
_BLANK = {
    "docProps/core.xml": _XML + b'<coreProperties xmlns="' + _PACKAGE + b'"/>',
    "docProps/app.xml": _XML + b'<Properties xmlns="' + _PROPERTIES + b'extended-properties"/>',
    "docProps/custom.xml": _XML + b'<Properties xmlns="' + _PROPERTIES + b'custom-properties"/>',
}
# Who commented or changed: w:author, w:initials, w15:author; p:cmAuthor name.
_WORD_NAMES = re.compile(rb'(\bw\d*:(?:author|initials|userId)=")[^"]*"')
_SLIDES_NAMES = re.compile(rb'(\b(?:name|initials|userId)=")[^"]*"')
_SLIDES_AUTHORS = ("ppt/commentAuthors.xml", "ppt/authors.xml")
_JPEG = (".jpg", ".jpeg")


def write(path: Path, kind: DocumentKind, folder: Path) -> str:
    """Writes the copy of the document at `path` into `folder`; its name there."""
    name = f"{_NAME}.{kind}"
    target = folder / name
    if kind is DocumentKind.PDF:
        _write_pdf(path, target)
    elif kind in (DocumentKind.WORD, DocumentKind.SLIDES):
        _write_office(path, target)
    else:
        shutil.copyfile(path, target)
    return name


def _write_pdf(path: Path, target: Path) -> None:
    """The pages in a new file: PDFium keeps Info and XMP when it saves, and cannot blank them."""
    source, copy = pypdfium2.PdfDocument(path), pypdfium2.PdfDocument.new()
    try:
        copy.import_pages(source)
        copy.save(target)
    finally:
        copy.close()
        source.close()


def _write_office(path: Path, target: Path) -> None:
    with (
        zipfile.ZipFile(path) as archive,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for part in archive.infolist():
            copy.writestr(part.filename, _without_people(part.filename, archive.read(part)))


def _without_people(name: str, data: bytes) -> bytes:
    if name in _BLANK:
        return _BLANK[name]
    if name.startswith("word/") and name.endswith(".xml"):
        return _WORD_NAMES.sub(rb'\1-"', data)
    if name in _SLIDES_AUTHORS:
        return _SLIDES_NAMES.sub(rb'\1-"', data)
    if name.lower().endswith(_JPEG):
        return without_exif(data)
    return data


def without_exif(jpeg: bytes) -> bytes:
    """A JPEG without APP1 (EXIF, XMP) and APP13 (IPTC); its picture is not touched.

    The segments before the picture data are walked (ITU T.81 B.1.1); anything unexpected ends the
    walk and the rest is kept as it is.
    """
    if not jpeg.startswith(b"\xff\xd8"):
        return jpeg
    kept, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] not in (0xDA, 0xFF):
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if jpeg[at + 1] not in (0xE1, 0xED):
            kept.append(jpeg[at:end])
        at = end
    return b"".join([*kept, jpeg[at:]])
