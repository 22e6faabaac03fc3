"""The numbers that Word makes by itself, written into the text of a .docx.

In many school rules 第一条 is no text but a list level whose pattern is `第%1条`. mammoth only
knows that such a paragraph is in a list, so the number would be lost to the page and to the
search. Here every ordered level is counted as Word counts it (ECMA-376 part 1, 17.9) and written
out; bullets stay lists.

The XML is read with the standard library rather than python-docx, which refuses the dangling
relationships that WPS leaves behind.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.etree import ElementTree as ET

from tongke.documents.limits import MIB

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DOCUMENT, _NUMBERING, _STYLES = "word/document.xml", "word/numbering.xml", "word/styles.xml"
_DIGITS = "〇一二三四五六七八九"
# ST_NumberFormat (17.18.59); Word itself writes the Japanese name for 一、二、三.
_CHINESE = frozenset(
    {
        "chineseCounting",
        "chineseCountingThousand",
        "chineseLegalSimplified",
        "ideographDigital",
        "japaneseCounting",
        "taiwaneseCounting",
        "taiwaneseCountingThousand",
    }
)
# Chains of styles are short; a loop of them is damage.
_MAX_STYLE_CHAIN = 16


@dataclass
class _Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""


@dataclass
class _List:
    """An abstract numbering: its levels and how far each has counted."""

    levels: dict[int, _Level]
    counts: dict[int, int] = field(default_factory=dict)

    def label(self, depth: int) -> str:
        """Counts one on at `depth` and gives the number as it is shown."""
        level = self.levels[depth]
        self.counts[depth] = self.counts.get(depth, level.start - 1) + 1
        self.counts = {at: count for at, count in self.counts.items() if at <= depth}
        label = level.text
        for at, shown in self.levels.items():
            count = self.counts.get(at, shown.start)
            label = label.replace(f"%{at + 1}", written(count, shown.format))
        return label


@contextmanager
def written_out(path: Path) -> Iterator[IO[bytes]]:
    """The .docx at `path` with its numbers as text; the file itself when it has none."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        changed = None
        if {_DOCUMENT, _NUMBERING} <= names:
            styles = archive.read(_STYLES) if _STYLES in names else None
            changed = write_numbers(archive.read(_DOCUMENT), archive.read(_NUMBERING), styles)
        if changed is None:
            with path.open("rb") as unchanged:
                yield unchanged
            return
        with tempfile.SpooledTemporaryFile(max_size=64 * MIB) as copy:
            _replace(archive, changed, copy)
            yield copy


def write_numbers(document: bytes, numbering: bytes, styles: bytes | None) -> bytes | None:
    """`document.xml` with its numbers as text; None when no paragraph is numbered."""
    root = _parse(document)
    lists = _lists(_parse(numbering))
    by_style = _numbered_styles(_parse(styles)) if styles else {}
    found = False
    for paragraph in root.iter(f"{_W}p"):
        number = _number_of(paragraph, by_style)
        if number is None or (listed := lists.get(number[0])) is None:
            continue
        level = listed.levels.get(number[1])
        if level is None or level.format in ("bullet", "none"):
            continue
        _write(paragraph, listed.label(number[1]))
        found = True
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) if found else None


def written(count: int, number_format: str) -> str:
    """`count` in a number format of Word; formats that are not in use here show as digits."""
    if number_format in _CHINESE:
        return chinese(count)
    if number_format == "decimalEnclosedCircle" and 1 <= count <= 20:
        return chr(ord("①") + count - 1)
    if number_format in ("upperLetter", "lowerLetter") and 1 <= count <= 26:
        return chr((ord("A") if number_format == "upperLetter" else ord("a")) + count - 1)
    return str(count)


def chinese(count: int) -> str:
    """`23` -> `二十三`, for 1 to 999; digits beyond."""
    if not 0 < count < 1000:
        return str(count)
    hundreds, rest = divmod(count, 100)
    tens, ones = divmod(rest, 10)
    head = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if not rest:
        return head
    if not tens:
        return f"{head}零{_DIGITS[ones]}" if head else _DIGITS[ones]
    # 一百一十, but 十 alone at the beginning.
    middle = "十" if tens == 1 and not head else f"{_DIGITS[tens]}十"
    return head + middle + (_DIGITS[ones] if ones else "")


def _parse(xml: bytes) -> ET.Element:
    # Safe here: expat takes no external entities, and bounds the growth of internal ones.
    return ET.fromstring(xml)  # noqa: S314


def _lists(root: ET.Element) -> dict[str, _List]:
    """Lists by numId. Those of one abstract numbering count on together, as in Word."""
    abstract = {
        element.get(f"{_W}abstractNumId", ""): _List(_levels(element))
        for element in root.findall(f"{_W}abstractNum")
    }
    lists: dict[str, _List] = {}
    for element in root.findall(f"{_W}num"):
        listed = abstract.get(_value(element, "abstractNumId"))
        if listed is None:
            continue
        restarted = element.find(f"{_W}lvlOverride/{_W}startOverride") is not None
        number = element.get(f"{_W}numId", "")
        lists[number] = _List(listed.levels) if restarted else listed
    return lists


def _levels(abstract: ET.Element) -> dict[int, _Level]:
    return {
        int(element.get(f"{_W}ilvl", "0")): _Level(
            start=int(_value(element, "start") or 1),
            format=_value(element, "numFmt") or "decimal",
            text=_value(element, "lvlText"),
        )
        for element in abstract.findall(f"{_W}lvl")
    }


def _numbered_styles(root: ET.Element) -> dict[str, tuple[str, int]]:
    styles = {style.get(f"{_W}styleId", ""): style for style in root.findall(f"{_W}style")}
    numbered = {name: _inherited(name, styles) for name in styles}
    return {name: number for name, number in numbered.items() if number}


def _inherited(name: str, styles: dict[str, ET.Element]) -> tuple[str, int] | None:
    for _ in range(_MAX_STYLE_CHAIN):
        style = styles.get(name)
        if style is None:
            return None
        if number := _numbering_in(style):
            return number
        name = _value(style, "basedOn")
    return None


def _number_of(
    paragraph: ET.Element, by_style: dict[str, tuple[str, int]]
) -> tuple[str, int] | None:
    if number := _numbering_in(paragraph):
        return number
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return None if style is None else by_style.get(style.get(f"{_W}val", ""))


def _numbering_in(element: ET.Element) -> tuple[str, int] | None:
    """(numId, level) of the `numPr` of a paragraph or a style. numId 0 says: not numbered."""
    properties = element.find(f"{_W}pPr/{_W}numPr")
    if properties is None or not (number := _value(properties, "numId")):
        return None
    return number, int(_value(properties, "ilvl") or 0)


def _value(element: ET.Element, child: str) -> str:
    found = element.find(f"{_W}{child}")
    return "" if found is None else found.get(f"{_W}val", "")


def _write(paragraph: ET.Element, label: str) -> None:
    """Puts `label` before the text, and numId 0 in place of the numbering."""
    properties = paragraph.find(f"{_W}pPr")
    if properties is None:
        properties = ET.Element(f"{_W}pPr")
        paragraph.insert(0, properties)
    for old in properties.findall(f"{_W}numPr"):
        properties.remove(old)
    ET.SubElement(ET.SubElement(properties, f"{_W}numPr"), f"{_W}numId", {f"{_W}val": "0"})
    run = ET.Element(f"{_W}r")
    text = ET.SubElement(run, f"{_W}t", {"{http://www.w3.org/XML/1998/namespace}space": "preserve"})
    text.text = label + _gap_after(label)
    paragraph.insert(list(paragraph).index(properties) + 1, run)


def _gap_after(label: str) -> str:
    if label.endswith(("章", "节", "条", "编")):
        return "　"
    return "" if label.endswith(("、", "）", "．")) else " "


def _replace(archive: zipfile.ZipFile, document: bytes, target: IO[bytes]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as copy:
        for part in archive.infolist():
            data = document if part.filename == _DOCUMENT else archive.read(part)
            copy.writestr(part.filename, data)
    target.seek(0)
