"""A class's own page: the partner answers, it is moved, called off; and everyone is told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.booking.test_booking import notices, paper, rows
from tests.services.classes.plan import arrange, booked, day_ahead, form, page
from tests.services.house import House
from tongke import clock
from tongke.classes.models import LiveClass
from tongke.library.models import Asset
from tongke.people.models import Account, Role, Room


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


async def post(house: House, name: str, path: str, status: int = 303, **values: str) -> str:
    answer = await house.ask(name, "POST", path, data=values)
    text = await answer.text()
    assert answer.status == status, text
    return text


async def shift(house: House, number: int, **by: float) -> None:
    """Have a class be at another time, as if time had passed."""

    def move(session: Session) -> None:
        live = session.get_one(LiveClass, number)
        lasts = live.ends_at - live.begins_at
        live.begins_at = clock.now() + timedelta(**by)
        live.ends_at = live.begins_at + lasts

    await house.ground.database.write(move)


async def test_the_partner_confirms_with_a_teacher_who_then_sees_the_class(house: House) -> None:
    number = await booked(house)
    path = f"/classes/{number}"
    assert "确认参加" in await page(house, "long", path)
    assert "确认参加" not in await page(house, "zhou", path)
    await page(house, "xiang", path, 404)
    await post(house, "long", f"{path}/seats/2/confirm", teacher=str(house.ids["xiang"]))
    shown = await page(house, "xiang", path)
    assert "陪同：xiang" in shown and "已确认" in shown
    assert ("zhou", "confirmed") in await notices(house)


async def test_it_says_to_each_whose_answer_it_waits_for(house: House) -> None:
    number = await booked(house)
    for path in (f"/classes/{number}", "/notices"):
        shown = await page(house, "long", path)
        assert "等本校确认" in shown and "等对方确认" not in shown
    shown = await page(house, "zhou", f"/classes/{number}")
    assert "等对方确认" in shown and "等本校确认" not in shown

    def send_long(session: Session) -> None:
        session.get_one(LiveClass, number).seats[0].teacher_id = house.ids["long"]

    await house.ground.database.write(send_long)
    assert "等你确认" in await page(house, "long", f"/classes/{number}")


async def test_who_has_answered_is_not_told_any_more_that_they_are_asked(house: House) -> None:
    number = await booked(house)
    assert "1 条没看" in await page(house, "long", "/notices")
    await post(house, "long", f"/classes/{number}/seats/2/confirm")
    assert "都看过了" in await page(house, "long", "/notices")


async def test_nor_are_the_others_of_the_school_once_none_of_its_rooms_waits(house: House) -> None:
    def appoint(session: Session) -> None:
        session.add(Role(account_id=house.ids["xiang"], name="school_admin", school_id=2))

    await house.ground.database.write(appoint)
    number = await booked(house, seat=["2", "4"])
    await post(house, "long", f"/classes/{number}/seats/2/confirm")
    assert "都看过了" in await page(house, "long", "/notices")
    assert "1 条没看" in await page(house, "xiang", "/notices")
    await post(house, "long", f"/classes/{number}/seats/4/decline")
    assert "都看过了" in await page(house, "xiang", "/notices")


async def test_who_is_not_of_the_partner_does_not_answer_for_it(house: House) -> None:
    number = await booked(house)
    path = f"/classes/{number}/seats/2/confirm"
    await post(house, "zhou", path, 403)
    await post(house, "county", path, 403)
    await post(house, "xiang", path, 404)
    # Nor may the partner send somebody else's teacher.
    await post(house, "long", path, 422, teacher=str(house.ids["zhou"]))


async def test_a_room_that_declined_is_free_and_is_asked_for_again_in_vain(house: House) -> None:
    number = await booked(house)
    await post(house, "long", f"/classes/{number}/seats/2/decline")
    assert "对方不参加" in await page(house, "zhou", f"/classes/{number}")
    other = await booked(house, name="tang", teacher=str(house.ids["tang"]), room="")
    await post(house, "long", f"/classes/{other}/seats/2/confirm")
    text = await post(house, "long", f"/classes/{number}/seats/2/confirm", 409)
    assert "七（2）班已有《有理数的加法》" in text


async def test_who_is_sent_to_sit_with_the_pupils_is_told_and_who_is_spared(house: House) -> None:
    number = await booked(house)
    path = f"/classes/{number}/seats/2"
    xiang, long = (str(house.ids[name]) for name in ("xiang", "long"))
    await post(house, "long", f"{path}/confirm", teacher=xiang)
    assert await notices_of(house, "xiang") == ["booked"]
    await post(house, "long", f"{path}/confirm", teacher=xiang)
    assert await notices_of(house, "xiang") == ["booked"], "it was told once"
    await post(house, "long", f"{path}/confirm", teacher=long)
    assert await notices_of(house, "xiang") == ["booked", "spared"]
    await post(house, "long", f"{path}/confirm", teacher=xiang)
    # Whoever stands in the form of a refusal is sent nowhere.
    await post(house, "long", f"{path}/decline", teacher=long)
    assert await notices_of(house, "xiang") == ["booked", "spared", "booked", "spared"]
    told = await house.json("long", "GET", f"/api/v1/classes/{number}")
    assert [seat["teacher"] for seat in told["seats"]] == ["xiang"]


async def test_a_form_that_was_open_while_the_partner_chose_leaves_its_choice(house: House) -> None:
    number = await booked(house)
    opened = f"/classes/{number}/edit"
    found = re.findall(r'name="(had-teacher-\d+)" value="(\d*)"', await page(house, "zhou", opened))
    assert found == [("had-teacher-2", "")]
    xiang, long = (str(house.ids[name]) for name in ("xiang", "long"))
    await post(house, "long", f"/classes/{number}/seats/2/confirm", teacher=xiang)
    values = {**form(house), **dict(found), "teacher-2": "", "title": "有理数的减法"}
    await post(house, "zhou", opened, **values)
    told = await house.json("long", "GET", f"/api/v1/classes/{number}")
    assert (told["title"], told["seats"][0]["teacher"]) == ("有理数的减法", "xiang")
    await post(house, "zhou", opened, **{**values, "teacher-2": long})
    told = await house.json("long", "GET", f"/api/v1/classes/{number}")
    assert told["seats"][0]["teacher"] == "long", "what was chosen in the form is so"


async def test_of_a_series_each_is_told_of_what_was_theirs(house: House) -> None:
    """Of one of its weeks somebody else may have been sent to the pupils."""
    number = await booked(house, repeat="every")
    third = (await rows(house))[2]["id"]
    xiang = str(house.ids["xiang"])
    await post(house, "long", f"/classes/{third}/seats/2/confirm", teacher=xiang)
    values = {**form(house), "period": "3", "scope": "following"}
    await post(house, "zhou", f"/classes/{number}/edit", **values)
    # The class of hers is hers still, at another time.
    assert await notices_of(house, "xiang") == ["booked", "moved"]
    await post(house, "long", f"/classes/{third}/seats/2/confirm", teacher=xiang)
    await post(house, "zhou", f"/classes/{number}/cancel", because="停课", scope="following")
    assert (await notices_of(house, "xiang"))[-1] == "cancelled"
    assert (await notices_of(house, "long")).count("cancelled") == 1


async def notices_of(house: House, name: str) -> list[str]:
    return [kind for person, kind in await notices(house) if person == name]


async def test_one_answer_holds_for_the_whole_term(house: House) -> None:
    number = await booked(house, repeat="every")
    await post(house, "long", f"/classes/{number}/seats/2/confirm", scope="following")
    assert {each["standing"] for each in await rows(house)} == {"confirmed"}


async def test_a_class_is_moved_and_its_partner_asked_again(house: House) -> None:
    number = await booked(house)
    await post(house, "long", f"/classes/{number}/seats/2/confirm")
    path = f"/classes/{number}/edit"
    assert 'value="08:50"' in await page(house, "zhou", path)
    moved = {**form(house), "period": "3", "title": "有理数的加法（改）"}
    await post(house, "zhou", path, **moved)
    told = await house.json("zhou", "GET", f"/api/v1/classes/{number}")
    assert (told["title"], told["standing"]) == ("有理数的加法（改）", "asked")
    assert await notices_of(house, "long") == ["asked", "moved"]
    # A partner who is asked for nothing new keeps its answer, and is told.
    await post(house, "long", f"/classes/{number}/seats/2/confirm")
    await post(house, "zhou", path, **{**moved, "title": "有理数的加法"})
    assert (await house.json("zhou", "GET", f"/api/v1/classes/{number}"))["standing"] == "confirmed"
    assert ("long", "changed") in await notices(house)


async def test_those_that_follow_are_moved_by_as_much_and_those_before_stay(house: House) -> None:
    await booked(house, repeat="every")
    before = await rows(house)
    third = before[2]
    day = day_ahead(3 + 14 + 1)
    values = {**form(house), "day": day.isoformat(), "scope": "following"}
    await post(house, "zhou", f"/classes/{third['id']}/edit", **values)
    after = {each["id"]: each["begins_at"] for each in await rows(house)}
    same = [each["begins_at"] == after[each["id"]] for each in before]
    assert same == [True, True, False, False, False, False]


async def test_a_room_that_is_no_longer_in_it_sees_it_no_more(house: House) -> None:
    number = await booked(house)
    await post(house, "zhou", f"/classes/{number}/edit", **{**form(house), "seat": ""})
    await page(house, "long", f"/classes/{number}", 404)
    assert "你们已经不在这节课里了" in await page(house, "long", "/notices")


async def test_it_is_called_off_with_a_reason_that_everyone_reads(house: House) -> None:
    number = await booked(house, repeat="every")
    path = f"/classes/{number}/cancel"
    assert "请写明为什么取消" in await post(house, "zhou", path, 422, because=" ")
    await post(house, "tang", path, 404, because="外出")
    await post(house, "long", path, 403, because="外出")
    await post(house, "head", path, because="老师外出开会")
    shown = await page(house, "long", f"/classes/{number}")
    assert "老师外出开会" in shown
    assert "等回复" not in shown, "nobody waits for an answer any more"
    assert {("zhou", "cancelled"), ("long", "cancelled")} <= set(await notices(house))
    standings = [each["standing"] for each in await rows(house)]
    assert standings == ["cancelled", *["asked"] * 5]
    following = (await rows(house))[1]["id"]
    await post(house, "zhou", f"/classes/{following}/cancel", because="停课", scope="following")
    assert {each["standing"] for each in await rows(house)} == {"cancelled"}
    await page(house, "zhou", f"/classes/{number}/edit", 409)


async def test_what_is_past_stays_as_it_was(house: House) -> None:
    number = await booked(house)
    await shift(house, number, hours=-2)
    assert "这节课没有上" in await page(house, "zhou", f"/classes/{number}")
    await post(house, "zhou", f"/classes/{number}/cancel", 409, because="忘了")
    await post(house, "zhou", f"/classes/{number}/edit", 409, **form(house))


async def test_the_doors_open_ten_minutes_before(house: House) -> None:
    number = await booked(house, **{"teacher-2": str(house.ids["xiang"])})
    path = f"/classes/{number}"
    assert "上课前 10 分钟可以进教室" in await page(house, "xiang", path)
    assert f'href="{path}/lead"' in await page(house, "zhou", path)
    await shift(house, number, minutes=9)
    assert f'href="{path}/watch"' in await page(house, "xiang", path)
    assert "进入听讲教室" in await page(house, "xiang", path)
    assert "观摩这节课" in await page(house, "head", path)


async def test_a_room_whose_device_never_came_is_told_of(house: House) -> None:
    number = await booked(house)
    assert "教室里的设备还没登录过" in await page(house, "zhou", f"/classes/{number}")

    def come(session: Session) -> None:
        session.get_one(Account, house.ids["room"]).last_sign_in_at = clock.now()

    await house.ground.database.write(come)
    assert "教室里的设备还没登录过" not in await page(house, "zhou", f"/classes/{number}")


async def test_a_paper_is_a_link_only_for_who_may_read_it(house: House) -> None:
    number = await paper(house, "zhou", [])
    class_id = await booked(house, material=str(number))
    link = f'href="/resources/{number}"'
    assert link in await page(house, "zhou", f"/classes/{class_id}")
    shown = await page(house, "long", f"/classes/{class_id}")
    assert link not in shown and "zhou 的一节课" in shown


async def test_a_paper_without_pages_is_marked_where_it_is_chosen_and_taken(house: House) -> None:
    drawn, bare = await paper(house, "zhou", []), await paper(house, "zhou", [])

    def draw(session: Session) -> None:
        details = {"width": 1280, "height": 720, "small": "s.webp", "large": "l.webp"}
        session.add(
            Asset(resource_id=drawn, role="page", number=1, prefix="a/", name="", details=details)
        )

    await house.ground.database.write(draw)
    mark = "这份在课堂里翻不了页，请另存为 PDF 再传"
    form = await page(house, "zhou", "/classes/new")
    assert form.count(mark) == 1
    assert mark in form.split(f'name="material" value="{bare}"')[1].split("</label>")[0]
    both = await booked(house, material=[str(drawn), str(bare)])
    assert (await page(house, "zhou", f"/classes/{both}")).count(mark) == 1


async def test_a_training_without_rooms_says_nothing_of_rooms(house: House) -> None:
    training = await booked(house, seat="", purpose="training", audience="agreement:1")
    shown = await page(house, "zhou", f"/classes/{training}")
    assert "已约好" in shown and "已确认" not in shown
    (names,) = re.findall(r"请了哪些老师</dt><dd>(.*?)</dd>", shown)
    assert re.sub("<[^>]+>", "", names) == "橘洲路中学、桐木溪中学"
    # Those who were asked and never came may watch the recording too.
    assert "参加的老师和主讲学校的管理员，还有请了的老师" in shown
    assert "看得到听讲教室" not in shown
    assert "看得到听讲教室" in await page(house, "zhou", f"/classes/{await lesson_of(house)}")


async def lesson_of(house: House) -> int:
    return await booked(house, day=day_ahead(6).isoformat())


async def test_rooms_stand_as_a_school_counts_them(house: House) -> None:
    def add(session: Session) -> None:
        for number, name in ((11, "九（1）班"), (12, "八（1）班"), (13, "七（10）班")):
            session.add(Room(id=number, school_id=2, name=name))

    await house.ground.database.write(add)
    number = await booked(house, seat=["11", "12", "13", "2"])
    expected = ["七（2）班", "七（10）班", "八（1）班", "九（1）班"]
    for name, path in (
        ("zhou", f"/classes/{number}"), ("long", "/rooms?school=2"), ("zhou", "/classes/new"),
    ):  # fmt: skip
        shown = await page(house, name, path)
        places = [shown.index(room) for room in expected]
        assert places == sorted(places), path


async def test_notices_are_counted_until_they_are_read(house: House) -> None:
    await booked(house)
    shown = await page(house, "long", "/notices")
    assert "请你们确认一节课" in shown and "没看过" in shown
    assert "有理数的加法" in await page(house, "long", "/")
    found = shown.split('name="until" value="')[1].split('"')[0]
    await post(house, "long", "/notices/read", until=found)
    assert "没看过" not in await page(house, "long", "/notices")
    # Home still says that an answer is awaited.
    assert "等你们确认" in await page(house, "long", "/")
