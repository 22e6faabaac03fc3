"""What a file is called becomes what its author would call the lesson."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.library.world import World
from tongke.library.fields import TITLE_MAX, fields_of_upload
from tongke.library.titles import title_of


@pytest.mark.parametrize(
    ("filename", "title"),
    [
        ("声音.mp4", "声音"),
        ("背影_第一课时.MP4", "背影 第一课时"),
        ("01_有理数的加法.mp4", "有理数的加法"),
        ("02-绝对值.mp4", "绝对值"),
        ("3、绝对值.mp4", "绝对值"),
        ("1.观潮.mp4", "观潮"),
        ("考勤制度 (1).docx", "考勤制度"),
        ("考勤制度 - 副本.docx", "考勤制度"),
        ("整章课件.pptx.pdf", "整章课件"),
        ("备课\\七年级/绝对值.mp4", "绝对值"),
        # What only looks like an ending, an order or a copy.
        ("第1.2节 有理数", "第1.2节 有理数"),
        ("5.3", "5.3"),
        ("1.2.4 绝对值.mp4", "1.2.4 绝对值"),
        ("5.3\u3000实际问题.mp4", "5.3\u3000实际问题"),
        ("有理数的加法(2).mp4", "有理数的加法(2)"),
        ("2026 年秋季运动会方案.docx", "2026 年秋季运动会方案"),
        ("3 的倍数.mp4", "3 的倍数"),
        ("0.1 与 0.10.mp4", "0.1 与 0.10"),
        ("01.mp4", "01"),
        # Of what says nothing, all that there is.
        (".mp4", ".mp4"),
        ("", ""),
    ],
)
def test_a_title_is_read_off_a_name(filename: str, title: str) -> None:
    assert title_of(filename) == title


@given(st.text(max_size=40))
def test_a_name_that_says_something_gives_a_title(name: str) -> None:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    assert bool(title_of(name)) == bool(last.strip())


def test_who_sends_no_title_gets_one_and_who_sends_one_keeps_it(world: World) -> None:
    assert world.begin("zhou", filename="01_绝对值.mp4").fields["title"] == "绝对值"
    assert world.begin("zhou", filename="01_绝对值.mp4", title=" ").fields["title"] == "绝对值"
    assert world.begin("zhou", filename="a.mp4", title="01_绝对值").fields["title"] == "01_绝对值"


def test_nobody_is_refused_over_a_long_name() -> None:
    assert fields_of_upload({"filename": f"{'a' * 240}.mp4"}).title == "a" * TITLE_MAX
