"""What a person says of a resource, whoever sends it and however it was typed."""

from __future__ import annotations

import pytest

from tests.library.world import World, send_back
from tongke.errors import Invalid
from tongke.library import resources, uploads
from tongke.library.fields import fields_of_upload, parse_fields
from tongke.library.vocabulary import Kind


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\t", "\x0b", "\x85", "\u2028", " \n\n "])
@pytest.mark.parametrize("field", ["title", "edition", "unit", "lesson"])
def test_what_lists_show_is_one_line(field: str, end: str) -> None:
    values = {"title": "题", field: f"{end}有理数{end}的加法{end}"}
    assert getattr(parse_fields(values), field) == "有理数 的加法"


def test_a_summary_keeps_its_lines_however_they_were_ended() -> None:
    assert (
        parse_fields({"title": "题", "summary": "一\r\n二\r三\u2028四"}).summary == "一\n二\n三\n四"
    )


def test_the_space_of_chinese_setting_stays() -> None:
    assert parse_fields({"title": "5.3\u3000实际问题"}).title == "5.3\u3000实际问题"


@pytest.mark.parametrize("title", ["\u200b", "\ufeff \u2060", "\n", "\u202e"])
def test_a_title_that_nobody_could_see_is_asked_for(title: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_fields({"title": title})
    assert list(refused.value.fields) == ["title"]


@pytest.mark.parametrize(
    ("filename", "kind"),
    [
        ("有理数的加法.pdf", Kind.COURSEWARE),
        ("绝对值.PPTX", Kind.COURSEWARE),
        ("5.3 配套问题.mp4", Kind.LESSON_RECORDING),
        ("pdf", Kind.LESSON_RECORDING),
        ("", Kind.LESSON_RECORDING),
    ],
)
def test_a_document_without_a_kind_is_courseware(filename: str, kind: Kind) -> None:
    sent = {"title": "题", "filename": filename}
    assert fields_of_upload(sent).kind is kind
    assert fields_of_upload({**sent, "kind": ""}).kind is kind
    assert fields_of_upload({**sent, "kind": "teaching_case"}).kind is Kind.TEACHING_CASE


def test_a_kind_that_is_taken_back_is_guessed_anew(world: World) -> None:
    upload = world.begin("zhou", title="题", filename="有理数.pdf", kind="teaching_case")
    uploads.describe(world.session, world.viewer("zhou"), upload.id, {"kind": ""})
    assert upload.fields["kind"] == Kind.COURSEWARE


def test_one_line_by_every_way_in(world: World) -> None:
    upload = world.begin("zhou", title="一\n二")
    assert upload.fields["title"] == "一 二"
    uploads.describe(world.session, world.viewer("zhou"), upload.id, {"title": "三\r\n四"})
    assert upload.fields["title"] == "三 四"
    made = world.publish("zhou")
    resources.edit(world.session, world.viewer("zhou"), made.id, {"title": "五\t六"})
    assert made.title == "五 六"


def test_an_officers_word_holds_nothing_that_cannot_be_seen(world: World) -> None:
    made = world.publish("zhou", ["region:430102"])
    review, county = world.review(made), world.viewer("county")
    with pytest.raises(Invalid):
        send_back(world, county, review.id, "\u200b")
    send_back(world, county, review.id, "一、补上\x07学段\r\n二、\u202e写明日期")
    assert review.comment == "一、补上学段\n二、写明日期"
