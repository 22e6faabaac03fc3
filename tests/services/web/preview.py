"""Write every sample page as HTML, with pictures and the built page scripts, to look at.

`python -m tests.services.web.preview FOLDER` writes both languages; the folder has to be served
at the root of an address (`python -m http.server`), since pages name their files from `/`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from services.http.language import LANGUAGES
from services.web.rendering import STATIC_ROOT, StaticFiles
from tests.services.web.pages import draw

PAPER, INK, BOARD, WOOD, PINE, RED = (
    "#fbf6ea",
    "#1c2421",
    "#2a4a40",
    "#9a7444",
    "#12604c",
    "#c9462c",
)


def font(size: int) -> ImageFont.FreeTypeFont:
    import noto_cjk_sans_otc

    return ImageFont.truetype(noto_cjk_sans_otc.FONT_PATH, size, index=2)


def classroom(path: Path, heading: str, lines: list[str], coat: str) -> None:
    """A frame of a lesson: board, slide, teacher, and the heads of the first row."""
    image = Image.new("RGB", (1280, 720), "#ddd5c5")
    pen = ImageDraw.Draw(image)
    pen.rectangle((40, 90, 1240, 560), WOOD)
    pen.rectangle((56, 106, 1224, 544), BOARD)
    pen.rectangle((90, 124, 790, 510), INK)
    pen.rectangle((98, 132, 782, 502), PAPER)
    pen.rectangle((98, 132, 782, 144), RED)
    pen.text((140, 170), heading, INK, font(44))
    for row, line in enumerate(lines):
        pen.text((140, 250 + 60 * row), line, INK, font(30))
    pen.rounded_rectangle((950, 380, 1130, 720), 60, coat)
    pen.ellipse((980, 240, 1100, 390), "#e9c19c")
    pen.pieslice((972, 225, 1108, 375), 180, 360, INK)
    for seat in range(5):
        pen.ellipse((60 + 250 * seat, 600, 190 + 250 * seat, 730), INK)
    image.save(path)


def page(path: Path, title: str) -> None:
    image = Image.new("RGB", (800, 1131), "white")
    pen = ImageDraw.Draw(image)
    pen.text((96, 170), title, INK, font(22), anchor="ls")
    for row, text in enumerate(
        (
            "一、备课检查每月一次，由教研组长负责。",
            "二、听课每学期不少于 15 节，听后当天交换意见。",
            "三、作业批改看数量，更看有没有写给学生的话。",
        )
    ):
        pen.text((96, 214 + 44 * row), text, INK, font(22), anchor="ls")
    image.save(path)


def pictures(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    classroom(
        folder / "lesson.png",
        "灯架和灯穗，怎样刚好配套？",
        ["七（2）班 24 名同学做灯笼", "3 个灯架 或 20 条灯穗"],
        "#6d3f50",
    )
    classroom(folder / "circle.png", "圆的面积", ["剪开，拼成什么图形？", "S = πr²"], "#35597a")
    classroom(
        folder / "number-line.png", "绝对值", ["−4 −3 −2 −1 0 1 2 3 4", "|−3| = |3| = 3"], "#4a5a3a"
    )
    page(folder / "policy.png", "学生考勤与请销假管理办法")
    page(folder / "page-1.png", "教师教学常规检查与评价方案")
    page(folder / "page-2.png", "教师教学常规检查与评价方案")


def write(folder: Path, files: StaticFiles | None = None) -> None:
    """Every page in both languages, with the static files and pictures they name."""
    shutil.copytree(STATIC_ROOT, folder / "static", dirs_exist_ok=True)
    pictures(folder / "samples")
    for language in LANGUAGES:
        for name, html in draw(language, files).items():
            (folder / f"{name}.{language}.html").write_text(html, "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), StaticFiles())
