"""What is kept of a class, and who reads it."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.services.classes.lessons import held
from tests.services.house import House, session_cookie
from tests.services.live.camera import Camera
from tests.services.live.carrying.test_ending import given
from tests.services.live.signalling.test_socket import ask, entered
from tongke import clock
from tongke.classes.models import ClassEvent, LiveClass
from tongke.library.models import Asset
from tongke.live.bodies import Answer
from tongke.live.events import Event
from tongke.live.vocabulary import Role, Who
from tongke.people.models import School
from tongke.publishing import class_words
from tongke.storage.objects.port import once
from workers import indexing

PATHS = (
    "/classes/{id}/after",
    "/classes/{id}/attendance.xlsx",
    "/api/v1/classes/{id}/attendance",
    "/api/v1/classes/{id}/cues",
    "/api/v1/classes/{id}/results",
)
NOTES = "/api/v1/classes/{id}/notes"


async def test_whoever_sees_a_class_reads_what_is_kept_but_its_device(
    house: House, running: int
) -> None:
    await held(house, running)
    device = await session_cookie(house, "room")
    for path in PATHS:
        asked = path.format(id=running)
        for name in ("zhou", "xiang", "head", "county", "province"):
            assert (await house.ask(name, "GET", asked)).status == 200, (name, path)
        for name in ("tang", "long", "operator"):
            assert (await house.ask(name, "GET", asked)).status == 404, (name, path)
        assert (await house.ask("", "GET", asked, cookies=device)).status == 404, path
        assert (await house.ask("", "GET", asked)).status in {401, 303}
    page = f"/classes/{running}"
    for cookies, offered in ((await session_cookie(house, "zhou"), True), (device, False)):
        answer = await house.ask("", "GET", page, cookies=cookies)
        assert answer.status == 200
        assert (f"{page}/after" in await answer.text()) is offered


async def test_notes_are_for_the_teacher_and_who_observes(house: House, running: int) -> None:
    await held(house, running)
    for name, status in (("zhou", 200), ("head", 200), ("county", 200), ("xiang", 404)):
        assert (await house.ask(name, "GET", NOTES.format(id=running))).status == status, name
    found = await house.json("zhou", "GET", NOTES.format(id=running))
    assert [(note["text"], note["author"]) for note in found["items"]] == [
        ("导入自然", "head"), ("板书清楚", "county"),
    ]  # fmt: skip
    assert [note["seconds"] for note in found["items"]] == pytest.approx([30, 100], abs=0.01)
    page = await (await house.ask("xiang", "GET", f"/classes/{running}/after")).text()
    assert "板书清楚" not in page
    assert "板书清楚" in await (await house.ask("zhou", "GET", f"/classes/{running}/after")).text()


async def test_attendance_says_who_was_there(house: House, running: int) -> None:
    await held(house, running)
    told = await house.json("zhou", "GET", f"/api/v1/classes/{running}/attendance")
    assert told["outcome"] == "held"
    (room,) = told["rooms"]
    assert (room["school"], room["room"]) == ("桐木溪中学", "七（2）班")
    assert (room["late_s"], room["greatest_count"], room["gone"]) == (0, 31, None)
    answer = await house.ask("zhou", "GET", f"/classes/{running}/attendance.xlsx")
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    with ZipFile(BytesIO(await answer.read())) as book:
        words = book.read("xl/sharedStrings.xml").decode()
        assert "七（2）班" in words
        # Printed, it says of which class it is and what became of it.
        for said in ("有理数的加法", "橘洲路中学 zhou", "已上完"):
            assert said in words, said
        assert "两个负数相加得什么？" in words
        # Nothing that somebody typed is run as a formula.
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()


async def test_the_sheets_show_what_is_in_them(house: House, running: int) -> None:
    """A column is as wide as its names, and a long question is broken; each sheet says of which
    class it is."""
    await held(house, running)

    def rename(session: Session) -> None:
        session.get_one(School, 2).name = "湘西土家族苗族自治州龙山县里耶镇桐木溪九年一贯制学校"

    await house.ground.database.write(rename)
    answer = await house.ask("zhou", "GET", f"/classes/{running}/attendance.xlsx")
    with ZipFile(BytesIO(await answer.read())) as book:
        sheets = [book.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2)]
        strings = book.read("xl/sharedStrings.xml").decode()
    title = re.findall(r"<t[^>]*>(.*?)</t>", strings).index("有理数的加法")
    for sheet in sheets:
        assert f'r="B1" t="s"><v>{title}</v>' in sheet
        widths = [float(width) for width in re.findall(r'<col [^>]*width="([\d.]+)"', sheet)]
        assert 'orientation="landscape"' in sheet and 'fitToPage="1"' in sheet
        assert max(widths) > 45 and all(8 < width < 60 for width in widths)


async def test_a_room_that_did_not_report_is_told_from_a_roll_that_was_not_called(
    house: House, running: int
) -> None:
    await held(house, running)

    def forget(session: Session) -> None:
        counted = delete(ClassEvent).where(ClassEvent.kind == "head_count")
        session.execute(counted)

    await house.ground.database.write(forget)
    assert "没有点" in await (await house.ask("zhou", "GET", f"/classes/{running}/after")).text()

    def call(session: Session) -> None:
        session.add(ClassEvent(class_id=running, seq=999, media_ms=0, kind="roll_call", payload={}))

    await house.ground.database.write(call)
    page = await (await house.ask("zhou", "GET", f"/classes/{running}/after")).text()
    assert "没报" in page and "没有点" not in page


async def test_results_are_by_question_and_by_room(house: House, running: int) -> None:
    await held(house, running)
    (quiz,) = (await house.json("zhou", "GET", f"/api/v1/classes/{running}/results"))["items"]
    assert (quiz["answered"], quiz["right"], quiz["rate"]) == (1, 1, 1.0)
    assert quiz["seconds"] == pytest.approx(60, abs=0.01)
    assert [room["room"] for room in quiz["rooms"]] == ["桐木溪中学 七（2）班"]


async def test_a_class_that_answered_together_is_no_pupil(house: House, running: int) -> None:
    await held(house, running)
    path = f"/api/v1/classes/{running}/results"
    (quiz,) = (await house.json("zhou", "GET", path))["items"]
    class_answer = {"room": "桐木溪中学 七（2）班", "given": ["A"], "right": True}
    assert quiz["by_class"] and quiz["rooms"][0]["by_class"]
    assert quiz["together"] == [class_answer]
    page = await (await house.ask("zhou", "GET", f"/classes/{running}/after")).text()
    assert "1 个班作答，答对 1 个" in page
    assert "全班一起答：A（桐木溪中学 七（2）班），答对" in page
    assert "人作答" not in page
    sheet = await (await house.ask("zhou", "GET", f"/classes/{running}/attendance.xlsx")).read()
    words = ZipFile(BytesIO(sheet)).read("xl/sharedStrings.xml").decode()
    assert "桐木溪中学 七（2）班（全班一起答）" in words

    def one_alone(session: Session) -> None:
        asked_ms = session.scalars(
            select(ClassEvent.media_ms).where(ClassEvent.kind == "open_quiz")
        ).one()
        answer = Answer(quiz="q", given=("B",), shown_ms=asked_ms + 1)
        phone = Who(Role.DEVICE, "8", "2")
        happened: dict[str, Any] = Event(asked_ms + 1, asked_ms + 1, phone, answer).to_dict()
        session.add(ClassEvent(class_id=running, seq=999, **happened))

    await house.ground.database.write(one_alone)
    (quiz,) = (await house.json("zhou", "GET", path))["items"]
    assert (quiz["answered"], quiz["right"], quiz["by_class"]) == (1, 0, False)
    assert quiz["together"] == [class_answer]
    page = await (await house.ask("zhou", "GET", f"/classes/{running}/after")).text()
    assert "1 人作答，答对 0 人，0%" in page
    assert "全班一起答：A（桐木溪中学 七（2）班），答对" in page


async def test_cues_are_at_the_seconds_of_the_recording(house: House, running: int) -> None:
    await held(house, running)
    found = (await house.json("zhou", "GET", f"/api/v1/classes/{running}/cues"))["items"]
    slides = [cue["seconds"] for cue in found if cue["kind"] == "slide"]
    assert slides == pytest.approx([3, 40], abs=0.01)


async def test_the_recordings_page_has_chapters_and_notes(house: House, running: int) -> None:
    number = await held(house, running)
    page = await (await house.ask("zhou", "GET", f"/resources/{number}")).text()
    # Nobody uploaded it.
    assert "<dt>上课</dt>" in page and "<dt>上传</dt>" not in page
    assert "课件第 2 页" in page
    assert "小测：两个负数相加得什么？" in page
    assert "桐木溪中学 七（2）班发言" in page
    assert "导入自然" in page
    # Her class's teacher sees the recording and its chapters, and not what observers wrote.
    page = await (await house.ask("xiang", "GET", f"/resources/{number}")).text()
    assert "桐木溪中学 七（2）班发言" in page
    assert "导入自然" not in page


async def test_a_recording_is_offered_to_whom_it_is_for(house: House, running: int) -> None:
    """An officer may look into the class; the recording is for its people."""
    number = await held(house, running)
    link = f'href="/resources/{number}"'
    assert link in await (await house.ask("zhou", "GET", f"/classes/{running}/after")).text()
    page = await (await house.ask("county", "GET", f"/classes/{running}/after")).text()
    assert link not in page


async def test_who_may_not_watch_the_recording_reads_its_times_and_why_they_lead_nowhere(
    house: House, running: int
) -> None:
    number = await held(house, running)
    for name, may_watch in (("zhou", True), ("county", False)):
        page = await (await house.ask(name, "GET", f"/classes/{running}/after")).text()
        chapters = page.split('<ol class="chapters')[1].split("</ol>")[0]
        assert "小测：两个负数相加得什么？" in chapters
        assert (f'href="/resources/{number}#t=' in chapters) == may_watch, name
        assert ('href="#t=' in page) is False, name
        assert ("录像给参加这节课的老师看" in page) != may_watch, name


async def test_lists_say_what_became_of_a_class(house: House, running: int) -> None:
    await held(house, running)
    lists = (("zhou", "/timetable"), ("zhou", f"/classes/{running}"), ("head", "/patrol"))
    for name, path in lists:
        text = await (await house.ask(name, "GET", path)).text()
        assert "提前结束" not in text and "没有结对方参加" not in text, path

    def longer(session: Session) -> None:
        session.get_one(LiveClass, running).ends_at += timedelta(minutes=20)

    await house.ground.database.write(longer)
    for name, path in lists:
        assert "提前结束" in await (await house.ask(name, "GET", path)).text(), path

    def lonely(session: Session) -> None:
        session.execute(delete(ClassEvent).where(ClassEvent.kind == "join"))

    await house.ground.database.write(lonely)
    for name, path in lists:
        assert "没有结对方参加" in await (await house.ask(name, "GET", path)).text(), path


async def test_a_room_that_never_came_is_in_the_workbook(house: House, running: int) -> None:
    await house.ground.database.write(_alone, running)
    answer = await house.ask("zhou", "GET", f"/classes/{running}/attendance.xlsx")
    with ZipFile(BytesIO(await answer.read())) as book:
        words = book.read("xl/sharedStrings.xml").decode()
    assert "没有到课" in words and "没有结对方参加" in words


def _alone(session: Session, class_id: int) -> None:
    live = session.get_one(LiveClass, class_id)
    live.state, live.ended_at = "ended", clock.now()


async def test_a_class_that_nobody_held_says_so(house: House, running: int) -> None:
    await house.ground.database.write(_alone, running)
    told = await house.json("zhou", "GET", f"/api/v1/classes/{running}/attendance")
    assert told["outcome"] == "no_partner"
    page = await (await house.ask("zhou", "GET", f"/classes/{running}/after")).text()
    assert "没有结对方参加" in page


async def test_it_is_found_by_its_slides_and_its_questions(house: House, running: int) -> None:
    """By the slides that were shown, and by those of no deck that was not given with it."""
    deck, other = [await house.publish("zhou", ["school:1"], title=t) for t in ("课件", "别的")]
    sections = (
        '[{"anchor": "page-1", "heading": "绝对值", "text": "数轴上的距离", "page": 1},'
        ' {"anchor": "page-9", "heading": "答案", "text": "没有放过的一页", "page": 9}]'
    )
    for number in (deck, other):
        await house.ground.database.write(_with_sections, number)
        key = f"resources/{number}/a1-1/sections.json"
        await house.ground.objects.put(key, once(sections.encode()), "application/json")
    await held(house, running, deck=deck)
    words = await class_words.words_of(house.ground.database, house.ground.objects, running)
    assert "数轴上的距离" in words
    assert "两个负数相加得什么？" in words
    assert "没有放过的一页" not in words

    def forget(session: Session) -> None:
        live = session.get_one(LiveClass, running)
        live.materials.clear()

    await house.ground.database.write(forget)
    words = await class_words.words_of(house.ground.database, house.ground.objects, running)
    assert "数轴上的距离" not in words


def _with_sections(session: Session, number: int) -> None:
    session.add(
        Asset(resource_id=number, role="sections", prefix="a1-1/", name="sections.json", details={})
    )


@pytest.mark.media
async def test_as_soon_as_it_has_ended_it_is_found_by_what_was_asked(
    house: House, running: int, camera: Camera
) -> None:
    lead, _ = await entered(house, running, "zhou")
    await ask(lead, "begin")
    question = {"kind": "true_false", "text": "相反数的绝对值相等吗", "right": ["true"]}
    assert await ask(lead, "open_quiz", quiz="q", question=question) == {"done": 7}
    await lead.close()
    number = await given(house, running, camera, broken=False)
    await indexing.catch_up(house.ground)
    for name, found in (("xiang", [number]), ("long", [])):
        answer = await house.json(name, "GET", "/api/v1/search", params={"q": "相反数的绝对值"})
        assert [hit["resource"]["id"] for hit in answer["items"]] == found, name
