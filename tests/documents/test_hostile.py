"""Files made to hurt, and files that are simply broken: each is refused in words, quickly."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from tests.documents import made
from tongke.documents import errors, limits
from tongke.documents.limits import MIB
from tongke.documents.process import process
from tongke.documents.result import Caveat, DocumentKind, DocumentResult
from tongke.errors import Unpublishable


async def read(path: Path, tmp_path: Path, **options: float) -> DocumentResult:
    return await process(
        path, path.name, tmp_path / "out", on_progress=lambda done, total: None, **options
    )


async def refused(path: Path, tmp_path: Path, **options: float) -> str:
    with pytest.raises(Unpublishable) as caught:
        await read(path, tmp_path, **options)
    return caught.value.code


async def test_a_zip_bomb_in_a_docx(tmp_path: Path) -> None:
    honest = made.word(tmp_path / "honest.docx")
    padding = b"<w:p/>" * (20 * MIB // 6)
    bomb = made.repacked(honest, tmp_path / "bomb.docx", {"word/document.xml": padding})
    assert await refused(bomb, tmp_path) == "document-bomb"


async def test_deeply_nested_xml(tmp_path: Path) -> None:
    honest = made.word(tmp_path / "honest.docx")
    deep = b"<w:body>" + b"<w:sdt>" * 200_000
    nested = made.repacked(honest, tmp_path / "deep.docx", {"word/document.xml": deep})
    assert await refused(nested, tmp_path) in ("document-damaged", "document-too-heavy")


async def test_entities_of_xml_fetch_and_multiply_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP-SECRET")
    honest = made.word(tmp_path / "honest.docx")
    document = made.part(honest, "word/document.xml")
    kind = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()
    head, rest = document.split(b"?>", 1)
    body = rest.replace("班主任".encode(), b"&x;", 1)
    asking = made.repacked(
        honest, tmp_path / "asking.docx", {"word/document.xml": head + b"?>" + kind + body}
    )
    assert await refused(asking, tmp_path) == "document-damaged"


async def test_a_docx_with_script_remote_picture_and_javascript_link(tmp_path: Path) -> None:
    honest = made.word(tmp_path / "honest.docx")
    relations = made.part(honest, "word/_rels/document.xml.rels").decode()
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    added = "".join(
        f'<Relationship Id="{name}" Type="{office}/{kind}" Target="{target}"'
        ' TargetMode="External"/>'
        for name, kind, target in [
            ("rIdA", "hyperlink", "javascript:alert(1)"),
            ("rIdB", "image", "http://127.0.0.1:9/pixel.png"),
        ]
    )
    relations = relations.replace("</Relationships>", added + "</Relationships>")
    document = made.part(honest, "word/document.xml").decode()
    text = "&lt;script&gt;alert(1)&lt;/script&gt;"
    link = f'<w:p><w:hyperlink r:id="rIdA"><w:r><w:t>{text}</w:t></w:r></w:hyperlink></w:p>'
    document = document.replace("<w:body>", "<w:body>" + link).replace("r:embed=", "r:link=")
    document, pictures = re.subn(r'r:link="[^"]+"', 'r:link="rIdB"', document)
    assert pictures == 1
    hostile = made.repacked(
        honest,
        tmp_path / "hostile.docx",
        {
            "word/document.xml": document.encode(),
            "word/_rels/document.xml.rels": relations.encode(),
        },
    )
    result = await read(hostile, tmp_path)
    assert result.html
    html = (tmp_path / "out" / result.html).read_text(encoding="utf-8")
    assert "javascript:" not in html
    assert "127.0.0.1" not in html
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert Caveat.IMAGES_LEFT_OUT in result.warnings


async def test_macros(tmp_path: Path) -> None:
    honest = made.word(tmp_path / "honest.docx")
    types = made.part(honest, "[Content_Types].xml").replace(
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    macros = made.repacked(honest, tmp_path / "macros.docx", {"[Content_Types].xml": types})
    assert await refused(macros, tmp_path) == "document-macros"


async def test_an_encrypted_pdf(tmp_path: Path) -> None:
    path = made.pdf(tmp_path / "a.pdf", [["成绩"]], password="2026")
    assert await refused(path, tmp_path) == "document-encrypted"


async def test_an_encrypted_office_document(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(
        bytes.fromhex("D0CF11E0A1B11AE1") + bytes(504) + "EncryptedPackage".encode("utf-16-le")
    )
    assert await refused(path, tmp_path) == "document-encrypted"


async def test_a_truncated_pdf(tmp_path: Path) -> None:
    path = made.pdf(tmp_path / "a.pdf", [made.RULES])
    path.write_bytes(path.read_bytes()[:400])
    assert await refused(path, tmp_path) == "document-damaged"


async def test_a_truncated_docx(tmp_path: Path) -> None:
    path = made.word(tmp_path / "a.docx")
    path.write_bytes(path.read_bytes()[:-2000])
    assert await refused(path, tmp_path) == "document-damaged"


async def test_a_docx_without_its_document(tmp_path: Path) -> None:
    honest = made.word(tmp_path / "honest.docx")
    broken = made.repacked(honest, tmp_path / "a.docx", {"word/document.xml": b"<w:document"})
    assert await refused(broken, tmp_path) == "document-damaged"


async def test_ten_thousand_pages(tmp_path: Path) -> None:
    path = made.many_pages(tmp_path / "a.pdf", 10_000)
    with pytest.raises(errors.TooManyPages) as caught:
        await read(path, tmp_path)
    assert caught.value.message.zh == f"这份文件有 10000 页，最多能读 {limits.MAX_PAGES} 页"


@pytest.mark.parametrize(
    "text",
    ["一、学生\n" * (limits.MAX_SECTIONS + 1), "a" * (limits.MAX_HTML_CHARACTERS + 1)],
    ids=["headings", "one line"],
)
async def test_a_text_that_no_page_holds(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    assert await refused(path, tmp_path) == "document-too-much-text"


async def test_a_pdf_that_never_ends(tmp_path: Path) -> None:
    """Stopped by the clock, well before it can fill the memory it may have."""
    path = made.endless_pdf(tmp_path / "a.pdf")
    with pytest.raises(errors.TooHeavyDocument) as caught:
        await read(path, tmp_path, wall_s=0.5)
    assert caught.value.values["detail"] == "0.5 s"


async def test_a_pdf_that_eats_memory_is_stopped_at_the_limit(tmp_path: Path) -> None:
    """The same file, given time: PDFium takes all the memory it may have, then gives up."""
    path = made.endless_pdf(tmp_path / "a.pdf")
    with pytest.raises(errors.TooHeavyDocument) as caught:
        await read(path, tmp_path)
    assert caught.value.values["detail"] in ("SIGABRT", "SIGTRAP", "SIGILL")


async def test_a_page_tree_that_bites_its_tail(tmp_path: Path) -> None:
    path = made.bare_pdf(
        tmp_path / "a.pdf",
        ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[2 0 R]>>"],
    )
    assert await refused(path, tmp_path) == "document-damaged"


async def test_a_page_as_long_as_a_street_is_drawn_small(tmp_path: Path) -> None:
    path = made.bare_pdf(
        tmp_path / "a.pdf",
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Count 1/Kids[3 0 R]>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 10 1000000]>>",
        ],
    )
    image = (await read(path, tmp_path)).page_images[0].images[-1]
    assert image.width * image.height < 20_000_000


@pytest.mark.parametrize("content", [b"", b"   \r\n\r\n", "\ufeff".encode()])
async def test_empty_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    assert await refused(path, tmp_path) == "document-empty"


async def test_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        archive.writestr("[Content_Types].xml", f'<Override ContentType="{kind}"/>')
    assert await refused(path, tmp_path) == "document-spreadsheet"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><body>x</body></html>", "document-web-page"),
        (bytes(range(256)) * 8, "document-unrecognised"),
        (b"PK\x05\x06" + bytes(18), "document-unrecognised"),
    ],
)
async def test_what_only_pretends_to_be_a_document(
    tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(content)
    assert await refused(path, tmp_path) == code


PLAYLIST = "#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n"


@pytest.mark.parametrize("name", ["第一课.mp4", "制度.doc", "制度.docx", "表.CSV", "录音.3gp"])
async def test_a_text_under_the_name_of_something_else(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(PLAYLIST)
    assert await refused(path, tmp_path) == "document-text-under-another-name"


@pytest.mark.parametrize("name", ["说明.txt", "说明.TXT", "说明.md", "说明", "5.3 说明", "1.2.3"])
async def test_a_text_under_its_own_name_or_none(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("网页用 <html> 开头。\n" if name.endswith(".txt") else PLAYLIST)
    assert (await read(path, tmp_path)).kind is DocumentKind.PLAIN


def test_every_refusal_crosses_the_pipe_and_says_what_to_do() -> None:
    values = {"pages": 1, "limit": 2, "wanted": ".docx", "ending": ".mp4"}
    kinds = errors.DocumentRefused.__subclasses__()
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        made_again = errors.refusal(kind.code, values)
        assert type(made_again) is kind
        assert made_again.status == 422
        assert made_again.remedy.zh != Unpublishable.remedy.zh
        assert "{" not in "".join([*made_again.message, *made_again.remedy])
