"""Documents made on the spot for the tests, honest and hostile ones."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import fpdf
import noto_cjk_sans_otc
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.shared import Pt
from PIL import Image
from pptx import Presentation
from pptx.util import Inches

# The face for simplified Chinese in the collection of the wheel.
SIMPLIFIED = 2
WORDS = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'"

RULES = [
    "橘洲路中学文件",
    "橘中发〔2026〕14 号",
    "学生考勤与请销假管理办法",
    "第一章　总　则",
    "第一条　为规范学生考勤，制定本办法。",
    "第二条 考勤由班主任负责。第一条规定的情形除外。",
    "第二章　请假与销假",
    "第三条　请假半日以内由班主任批准。",
    "附件 1　学生请假条",
]


def picture(colour: str = "teal") -> bytes:
    """A JPEG that says where it was taken (EXIF GPS) and by what."""
    image = Image.new("RGB", (2000, 1200), colour)
    exif = Image.Exif()
    exif[0x010F] = "CAMERA-OF-A-TEACHER"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def word(path: Path) -> Path:
    """A policy as schools type them: one style, structure only in its words, a table, a picture."""
    document = docx.Document()
    document.core_properties.author = "向雨禾"
    for index, line in enumerate(RULES[:3]):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run(line).font.size = Pt(22 if index == 2 else 14)
    for line in RULES[3:]:
        document.add_paragraph("　　" + line)
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ["一、项目", "时间", "晚点名", "21:15"], strict=True):
        cell.text = text
    document.add_picture(io.BytesIO(picture()), width=Inches(3))
    document.save(str(path))
    return path


def automatic_numbering(path: Path) -> Path:
    """A .docx whose 第一条 is made by Word and stands in no text."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f"<w:lvl w:ilvl='{depth}'><w:start w:val='1'/><w:numFmt w:val='{fmt}'/>"
        f"<w:lvlText w:val='{text}'/></w:lvl>"
        for depth, fmt, text in [
            (0, "chineseCountingThousand", "第%1章"),
            (1, "decimal", "%1.%2"),
        ]
    )
    articles = (
        "<w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='chineseCounting'/>"
        "<w:lvlText w:val='第%1条'/></w:lvl>"
    )
    numbers = [(90, levels), (91, articles)]
    for offset, (number, inner) in enumerate(numbers):
        numbering.insert(
            offset,
            parse_xml(f"<w:abstractNum {WORDS} w:abstractNumId='{number}'>{inner}</w:abstractNum>"),
        )
        numbering.append(
            parse_xml(
                f"<w:num {WORDS} w:numId='{number}'><w:abstractNumId w:val='{number}'/></w:num>"
            )
        )
    for number, depth, text in [
        (90, 0, "总则"),
        (91, 0, "为规范考勤，制定本办法。"),
        (90, 1, "适用范围"),
        (91, 0, "班主任负责考勤。"),
        (90, 0, "附则"),
        (91, 0, "本办法自印发之日起施行。"),
    ]:
        paragraph = document.add_paragraph(text)
        paragraph._p.get_or_add_pPr().append(
            parse_xml(
                f"<w:numPr {WORDS}><w:ilvl w:val='{depth}'/><w:numId w:val='{number}'/></w:numPr>"
            )
        )
    document.save(str(path))
    return path


def slides(path: Path) -> Path:
    deck = Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[0])
    first.shapes.title.text = "有理数的加法"
    first.placeholders[1].text = "人教版七年级上册"
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "同号两数相加"
    table = second.shapes.add_table(1, 2, Inches(1), Inches(2), Inches(6), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "(−3) + (−5)", "−8"
    second.shapes.add_picture(io.BytesIO(picture()), Inches(1), Inches(4), Inches(2))
    second.notes_slide.notes_text_frame.text = "先请学生说出符号，再算绝对值。"
    deck.save(str(path))
    return path


def pdf(path: Path, pages: list[list[str]], password: str | None = None) -> Path:
    document = fpdf.FPDF(format="A4")
    document.set_author("向雨禾")
    document.add_font("noto", fname=noto_cjk_sans_otc.FONT_PATH, collection_font_number=SIMPLIFIED)
    for lines in pages:
        document.add_page()
        for index, line in enumerate(lines):
            document.set_font("noto", size=22 if index == 0 and document.page == 1 else 12)
            document.multi_cell(0, 9, line, new_x="LMARGIN", new_y="NEXT")
    if password:
        document.set_encryption(owner_password="owner", user_password=password)
    document.output(str(path))
    return path


def wide_pdf(path: Path, pages: list[list[tuple[int, str]]]) -> Path:
    """Slides as a program saves them: each line in a size of its own, and no bookmarks."""
    document = fpdf.FPDF(orientation="landscape", format="A4")
    document.add_font("noto", fname=noto_cjk_sans_otc.FONT_PATH, collection_font_number=SIMPLIFIED)
    for lines in pages:
        document.add_page()
        for size, line in lines:
            document.set_font("noto", size=size)
            document.multi_cell(0, 18, line, new_x="LMARGIN", new_y="NEXT")
    document.output(str(path))
    return path


def bare_pdf(path: Path, objects: list[str], root: int = 1) -> Path:
    """A PDF of exactly these objects, numbered from 1."""
    body = b"%PDF-1.7\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode()
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    body += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    body += (
        f"trailer\n<</Size {len(objects) + 1}/Root {root} 0 R>>\nstartxref\n{start}\n%%EOF".encode()
    )
    path.write_bytes(body)
    return path


def many_pages(path: Path, count: int) -> Path:
    kids = " ".join(f"{number} 0 R" for number in range(3, 3 + count))
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>"
    return bare_pdf(
        path,
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            f"<</Type/Pages/Count {count}/Kids[{kids}]>>",
            *[page] * count,
        ],
    )


def stream(dictionary: str, content: str) -> str:
    return f"<<{dictionary}/Length {len(content)}>>\nstream\n{content}\nendstream"


def endless_pdf(path: Path) -> Path:
    """Each form draws the next one thirty times: 30^9 drawings of one line."""
    depth, fan = 9, 30
    first = 4
    forms = []
    for level in range(depth):
        inner = "/F Do " * fan if level < depth - 1 else "0 0 m 100 100 l S"
        below = f"/Resources<</XObject<</F {first + level + 1} 0 R>>>>" if level < depth - 1 else ""
        forms.append(stream(f"/Type/XObject/Subtype/Form/BBox[0 0 100 100]{below}", inner))
    page = (
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 13 0 R"
        f"/Resources<</XObject<</F {first} 0 R>>>>>>"
    )
    tree = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>", page]
    return bare_pdf(path, [*tree, *forms, stream("", "/F Do")])


def repacked(source: Path, target: Path, parts: dict[str, bytes]) -> Path:
    """The zip `source` with some parts replaced or added."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, data in parts.items():
            new.writestr(name, data)
    return target


def part(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)
