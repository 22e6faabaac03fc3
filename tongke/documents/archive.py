"""A first look at an Office file (OOXML), which is a zip of XML, before any reader opens it.

The readers trust the archive: they inflate each part whole and build a tree of it. So its sizes
are added up from the central directory first. That directory may lie, but `zipfile` never gives
more than it declares, so what is declared is what can happen.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from tongke.documents.errors import (
    DamagedDocument,
    EncryptedDocument,
    MacroDocument,
    OldFormat,
    OversizedArchive,
    Spreadsheet,
    UnrecognisedDocument,
)
from tongke.documents.limits import MIB
from tongke.documents.result import DocumentKind

# Word writes a handful of parts and one for each picture.
MAX_PARTS = 5_000
# A tree of XML takes about twenty times its text; a 100-page policy has 2 MiB of it.
MAX_XML_BYTES = 32 * MIB
# Pictures hardly shrink in a zip, so the whole is near the size of the upload.
MAX_TOTAL_BYTES = 512 * MIB
# Tidy XML shrinks to a fortieth at most; only padding shrinks further.
MAX_RATIO = 100
# Below this even padding does no harm.
RATIO_MATTERS_FROM_BYTES = 8 * MIB

_ENCRYPTED_FLAG = 0x1
_MAIN = re.compile(rb'ContentType="application/([^"]+)"')


def recognise(path: Path) -> DocumentKind:
    """What the zip at `path` is. Raises the refusals of `errors`."""
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bomb(archive.infolist())
            content_types = _content_types(archive)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise DamagedDocument(detail=str(error)) from error
    return _kind_of(content_types)


def _refuse_bomb(parts: list[zipfile.ZipInfo]) -> None:
    if any(part.flag_bits & _ENCRYPTED_FLAG for part in parts):
        raise EncryptedDocument
    total = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    xml = sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels")))
    padded = total > RATIO_MATTERS_FROM_BYTES and total > packed * MAX_RATIO
    if len(parts) > MAX_PARTS or total > MAX_TOTAL_BYTES or xml > MAX_XML_BYTES or padded:
        raise OversizedArchive


def _content_types(archive: zipfile.ZipFile) -> frozenset[str]:
    try:
        listing = archive.read("[Content_Types].xml")
    except KeyError as error:
        raise UnrecognisedDocument from error
    return frozenset(match.decode("ascii", "replace") for match in _MAIN.findall(listing))


def _kind_of(content_types: frozenset[str]) -> DocumentKind:
    def has(fragment: str) -> bool:
        return any(fragment in name for name in content_types)

    if has("macroEnabled.main") or has("vnd.ms-office.vbaProject"):
        raise MacroDocument
    if has("wordprocessingml.document.main"):
        return DocumentKind.WORD
    if has("presentationml.presentation.main"):
        return DocumentKind.SLIDES
    if has("presentationml.slideshow.main"):
        raise OldFormat(wanted=".pptx")
    if has("wordprocessingml.template.main"):
        raise OldFormat(wanted=".docx")
    if has("spreadsheetml"):
        raise Spreadsheet
    raise UnrecognisedDocument
