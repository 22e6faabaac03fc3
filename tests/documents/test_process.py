"""Real files through the child process, as a worker sends them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import zipfile
from pathlib import Path

import psutil
import pypdfium2
import pytest
from PIL import Image

from tests.documents import made
from tests.waiting import LIMIT_S
from tongke.documents import errors
from tongke.documents import process as reading
from tongke.documents.process import process
from tongke.documents.result import Caveat, DocumentKind, DocumentResult, OutlineEntry


async def read(path: Path, out: Path) -> DocumentResult:
    return await process(path, path.name, out, on_progress=lambda done, total: None)


async def test_a_word_document_becomes_clean_html(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = await read(made.word(tmp_path / "a.docx"), out)
    assert result.kind is DocumentKind.WORD
    assert result.title == "学生考勤与请销假管理办法"
    assert result.language == "zh"
    assert [(entry.level, entry.text) for entry in result.outline] == [
        (1, "第一章　总则"),
        (1, "第二章　请假与销假"),
        (1, "附件 1　学生请假条"),
    ]
    assert "晚点名 21:15" in result.text.replace("\n", " ")
    assert result.html
    html = (out / result.html).read_text(encoding="utf-8")
    assert '<h2 class="chapter" id="section-2">第一章　总则</h2>' in html
    assert '<p class="article" id="article-3"><b>第三条</b>　请假半日以内由班主任批准。</p>' in html
    assert "<td><p>一、项目</p></td>" in html
    assert result.media == ("media/1.webp",)
    assert 'src="media/1.webp"' in html
    assert all((out / name).is_file() for name in result.files)


async def test_what_is_handed_out_names_no_person_place_or_device(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = await read(made.word(tmp_path / "a.docx"), out)
    with zipfile.ZipFile(out / result.clean_copy) as copy:
        everything = b"".join(copy.read(name) for name in copy.namelist())
    assert "向雨禾".encode() not in everything
    assert b"CAMERA-OF-A-TEACHER" not in everything
    assert not Image.open(out / result.media[0]).getexif()
    again = await read(out / result.clean_copy, tmp_path / "again")
    assert again.text == result.text


async def test_a_pdf_handed_out_names_no_person(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = await read(made.pdf(tmp_path / "a.pdf", [made.RULES]), out)
    assert pypdfium2.PdfDocument(out / result.clean_copy).get_metadata_value("Author") == ""
    assert (await read(out / result.clean_copy, tmp_path / "again")).text == result.text


async def test_numbers_that_word_makes_are_found(tmp_path: Path) -> None:
    result = await read(made.automatic_numbering(tmp_path / "a.docx"), tmp_path / "out")
    assert result.text.splitlines() == [
        "第一章 总则",
        "第一条 为规范考勤，制定本办法。",
        "一.1 适用范围",
        "第二条 班主任负责考勤。",
        "第二章 附则",
        "第三条 本办法自印发之日起施行。",
    ]


@pytest.fixture
def without_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with Python and nothing else."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("without_office")
async def test_slides_one_section_each(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = await read(made.slides(tmp_path / "a.pptx"), out)
    assert (result.kind, result.title, result.pages) == (DocumentKind.SLIDES, "有理数的加法", 2)
    assert [section.anchor for section in result.sections] == ["slide-1", "slide-2"]
    assert result.outline[1] == OutlineEntry(1, "同号两数相加", "slide-2", 2)
    assert "(−3) + (−5) −8" in result.text
    assert "先请学生说出符号" in result.text
    assert result.html
    html = (out / result.html).read_text(encoding="utf-8")
    assert 'id="slide-2"' in html
    assert 'src="media/1.webp"' in html


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8", "utf-8-sig"])
async def test_a_plain_text_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\r\n".join(made.RULES).encode(encoding))
    result = await read(path, tmp_path / "out")
    assert result.title == "学生考勤与请销假管理办法"
    assert "第三条 请假半日以内由班主任批准。" in result.text
    assert [entry.text for entry in result.outline][:1] == ["第一章　总则"]


async def test_pdf_pages_have_pictures_and_a_text_layer(tmp_path: Path) -> None:
    pages = [[*made.RULES[2:]], ["第三章　附则", "第四条　本办法自印发之日起施行。"]]
    seen: list[tuple[int, int]] = []
    out = tmp_path / "out"
    result = await process(
        made.pdf(tmp_path / "a.pdf", pages),
        "a.pdf",
        out,
        on_progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(1, 2), (2, 2)]
    assert (result.title, result.pages) == ("学生考勤与请销假管理办法", 2)
    assert OutlineEntry(1, "第三章　附则", "page-2", 2) in result.outline
    assert result.sections[1].page == 2
    for page in result.page_images:
        for image in page.images:
            assert Image.open(out / image.name).size == (image.width, image.height)
        assert [image.width for image in page.images] == [800, 1600]


async def test_a_slide_has_a_picture_for_a_large_screen_too(tmp_path: Path) -> None:
    """As wide as it is, it is the same page: nothing is cut off, nothing drawn out."""
    upright = made.pdf(tmp_path / "a.pdf", [made.RULES])
    document = pypdfium2.PdfDocument(upright)
    document[0].set_rotation(90)
    document.save(tmp_path / "slides.pdf")
    (page,) = (await read(tmp_path / "slides.pdf", tmp_path / "out")).page_images
    assert [image.width for image in page.images] == [800, 1600, 2560]
    large, wide = (Image.open(tmp_path / "out" / image.name) for image in page.images[1:])
    assert wide.height / wide.width == pytest.approx(large.height / large.width, abs=0.001)


async def test_slides_without_bookmarks_are_headed_by_their_largest_type(tmp_path: Path) -> None:
    """Not by what is no heading: a page in one type, its number, a formula, a whole text."""
    pages = [
        [(40, "有理数的加法"), (16, "人教版七年级上册")],
        [(14, "请同学们先看这道题"), (30, "同号两数相加"), (14, "取相同的符号"), (40, "2")],
        [(18, "先看符号"), (18, "再算绝对值")],
        [(40, "(−3) + (−5)"), (14, "等于多少？")],
        [(30, "把绝对值相加" * 7), (14, "记住了吗")],
        [(30, "How do you get"), (30, "to school?"), (14, "by bus")],
        [(30, "课堂小结")],
    ]
    result = await read(made.wide_pdf(tmp_path / "a.pdf", pages), tmp_path / "out")
    assert result.outline == (
        OutlineEntry(1, "有理数的加法", "page-1", 1),
        OutlineEntry(1, "同号两数相加", "page-2", 2),
        OutlineEntry(1, "How do you get to school?", "page-6", 6),
        OutlineEntry(1, "课堂小结", "page-7", 7),
    )


async def test_a_list_gets_the_first_page_small(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = await read(made.pdf(tmp_path / "a.pdf", [made.RULES, made.RULES]), out)
    assert result.poster is not None
    assert Image.open(out / result.poster.name).size == (400, result.poster.height)
    page = out / result.page_images[0].images[0].name
    assert (out / result.poster.name).stat().st_size < page.stat().st_size / 2


async def test_the_text_layer_lies_on_the_ink(tmp_path: Path) -> None:
    """Where a character is said to stand there is ink; left of its line there is none."""
    out = tmp_path / "out"
    result = await read(made.pdf(tmp_path / "a.pdf", [["制度", "校服 ABC 每周一穿"]]), out)
    page = result.page_images[0]
    picture = Image.open(out / page.images[-1].name).convert("L")
    layer = json.loads((out / page.text_layer).read_text(encoding="utf-8"))
    line = next(line for line in layer["lines"] if line["text"] == "校服 ABC 每周一穿")
    assert len(line["edges"]) == len(line["text"]) + 1
    assert line["edges"] == sorted(line["edges"])
    x, y, width, height = line["box"]

    def darkest(left: float, right: float) -> float:
        box = [left * picture.width, y * picture.height, right * picture.width]
        crop = picture.crop(tuple(round(v / 10_000) for v in [*box, (y + height) * picture.height]))
        return crop.getextrema()[0]

    for character, left, right in zip(line["text"], line["edges"], line["edges"][1:], strict=False):
        assert (darkest(left, right) < 100) == (character != " ")
    assert darkest(0, x - 20) > 250
    assert darkest(x + width + 20, 10_000) > 250


async def test_a_turned_page_is_read_as_it_is_shown(tmp_path: Path) -> None:
    upright = made.pdf(tmp_path / "a.pdf", [["横放的表格"]])
    document = pypdfium2.PdfDocument(upright)
    document[0].set_rotation(90)
    document.save(tmp_path / "turned.pdf")
    out = tmp_path / "out"
    result = await read(tmp_path / "turned.pdf", out)
    image = result.page_images[0].images[-1]
    assert image.width > image.height
    layer = json.loads((out / "page-0001.json").read_text(encoding="utf-8"))
    # The head of the sheet is at the right after a quarter turn.
    assert all(line["box"][0] > 8_000 for line in layer["lines"])


async def test_a_scan_is_shown_and_said_to_have_no_text(tmp_path: Path) -> None:
    result = await read(made.many_pages(tmp_path / "扫描件.pdf", 3), tmp_path / "out")
    assert result.warnings == (Caveat.NO_TEXT,)
    assert (result.title, result.pages, result.text) == ("扫描件", 3, "")


@pytest.mark.usefixtures("without_office")
@pytest.mark.parametrize("name", ["课件.ppt", "制度.doc", "制度.wps"])
async def test_old_formats_are_refused_with_what_to_do(tmp_path: Path, name: str) -> None:
    stream = "PowerPoint Document" if name.endswith("ppt") else "WordDocument"
    path = tmp_path / name
    path.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + stream.encode("utf-16-le"))
    with pytest.raises(errors.OldFormat) as refused:
        await read(path, tmp_path / "out")
    suffix = ".pptx" if name.endswith("ppt") else ".docx"
    assert refused.value.remedy.zh == f"请在 Word 或 WPS 里另存为 {suffix} 再传"


async def test_more_text_than_can_be_handed_over_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_MAX_LINE_BYTES", 1024)
    (tmp_path / "长.txt").write_text("说得太多了。" * 1000)
    with pytest.raises(errors.TooHeavyDocument):
        await read(tmp_path / "长.txt", tmp_path / "out")


async def test_cancelling_ends_the_child(tmp_path: Path) -> None:
    started = asyncio.Event()
    others = set(psutil.Process().children(recursive=True))  # servers of this run
    task = asyncio.create_task(
        process(
            made.many_pages(tmp_path / "a.pdf", 400),
            "a.pdf",
            tmp_path / "out",
            on_progress=lambda done, total: started.set(),
        )
    )
    await asyncio.wait_for(started.wait(), LIMIT_S)
    children = set(psutil.Process().children(recursive=True)) - others
    assert children
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not any(child.is_running() for child in children)


async def test_the_child_dies_with_its_parent(tmp_path: Path) -> None:
    """kill -9 of a worker must not leave a reader running (architecture.md)."""
    path = made.many_pages(tmp_path / "a.pdf", 450)
    code = (
        "import asyncio, sys; from pathlib import Path\n"
        "from tongke.documents.process import process\n"
        "asyncio.run(process(Path(sys.argv[1]), 'a.pdf', Path(sys.argv[2]),"
        " on_progress=lambda done, total: print(done, flush=True)))"
    )
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, str(path), str(tmp_path / "out")),
        stdout=asyncio.subprocess.PIPE,
    )
    assert worker.stdout
    await worker.stdout.readline()
    readers = psutil.Process(worker.pid).children(recursive=True)
    assert readers
    worker.kill()
    await worker.wait()
    _, alive = await asyncio.to_thread(psutil.wait_procs, readers, LIMIT_S)
    assert not alive


async def test_the_child_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGKE_SECRET_KEY", "not-for-documents")
    environments: list[dict[str, str]] = []

    def look(done: int, total: int) -> None:
        environments.extend(child.environ() for child in psutil.Process().children())

    await process(
        made.many_pages(tmp_path / "a.pdf", 2), "a.pdf", tmp_path / "out", on_progress=look
    )
    assert environments
    assert not any("TONGKE_SECRET_KEY" in environment for environment in environments)
    assert "TONGKE_SECRET_KEY" in os.environ
