"""Old formats and pictures of slides, on machines that have LibreOffice."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.documents import made
from tests.servers.process import LEFT_OUT
from tongke.documents import office
from tongke.documents.process import process
from tongke.documents.result import DocumentKind, DocumentResult

pytestmark = pytest.mark.skipif(
    office.program() is None,
    reason=f"{LEFT_OUT}no LibreOffice: install libreoffice-writer and -impress (Debian: -nogui)",
)


async def read(path: Path, out: Path) -> DocumentResult:
    return await process(path, path.name, out, on_progress=lambda done, total: None)


def saved_as(path: Path, suffix: str, target: Path) -> Path:
    """What an old program would have written, under whatever name."""
    with office.converted(path, suffix, target.parent) as old:
        shutil.copyfile(old, target)
    return target


@pytest.mark.parametrize("name", ["制度.doc", "制度.wps"])
async def test_an_old_word_document_reads_like_its_new_one(tmp_path: Path, name: str) -> None:
    new = made.word(tmp_path / "new.docx")
    old = await read(saved_as(new, "doc", tmp_path / name), tmp_path / "old")
    assert old.kind is DocumentKind.OLD_WORD
    assert old.title == "学生考勤与请销假管理办法"
    assert "第三条 请假半日以内由班主任批准。" in old.text
    assert sorted(path.name for path in (tmp_path / "old").iterdir() if path.is_file()) == [
        "document.html",
        "download.docx",
    ]


async def test_a_macro_free_rtf_is_read(tmp_path: Path) -> None:
    new = made.word(tmp_path / "new.docx")
    old = await read(saved_as(new, "rtf", tmp_path / "a.rtf"), tmp_path / "old")
    assert "第三条 请假半日以内由班主任批准。" in old.text


@pytest.mark.parametrize("suffix", ["pptx", "ppt"])
async def test_slides_are_shown_as_pictures(tmp_path: Path, suffix: str) -> None:
    deck = made.slides(tmp_path / "new.pptx")
    if suffix == "ppt":
        deck = saved_as(deck, "ppt", tmp_path / "old.ppt")
    out = tmp_path / "out"
    result = await read(deck, out)
    assert (result.html, result.media) == (None, ())
    assert [page.number for page in result.page_images] == [1, 2]
    assert result.outline[1].anchor == "page-2"
    assert "先请学生说出符号" in result.text
    assert {path.name for path in out.rglob("*") if path.is_file()} == set(result.files)
