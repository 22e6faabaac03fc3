"""Observing a lesson: a draft is its author's, a form that was sent is the teacher's and the heads'
of both schools, and nobody else's."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.http.kept_rights import KEPT_RIGHTS
from tests.services.classes.lessons import held
from tests.services.house import House, session_cookie
from tongke import clock
from tongke.classes.models import LiveClass, LiveSegment
from tongke.classes.plan import tokens
from tongke.observation.models import Observation
from tongke.observation.rubrics import DEFAULT
from tongke.people.models import Account, Role

STARS = {f"star-{position}": "4" for position in range(len(DEFAULT))}


async def sent(house: House, class_id: int, name: str, **more: str) -> int:
    """A form that somebody sent; its number."""
    form = {**STARS, "strengths": "提问有层次", "advice": "多等三秒", "action": "send", **more}
    answer = await house.ask(name, "POST", f"/classes/{class_id}/observe", data=form)
    assert answer.status == 303, await answer.text()
    found = re.match(r"/observations/(\d+)\?", answer.headers["Location"])
    assert found
    return int(found[1])


async def page(house: House, name: str, path: str) -> tuple[int, str]:
    answer = await house.ask(name, "GET", path)
    return answer.status, await answer.text()


async def other_head(house: House) -> None:
    """The administrator of the supported school."""

    def add(session: Session) -> int:
        account = Account(
            username="head2", name="head2", created_at=clock.now(),
            roles=[Role(name="school_admin", school_id=2)],
        )  # fmt: skip
        session.add(account)
        session.flush()
        return account.id

    house.ids["head2"] = await house.ground.database.write(add)


async def test_a_draft_is_kept_and_nobody_else_reads_it(house: House, running: int) -> None:
    draft = {"star-0": "5", "strengths": "还没想好", "action": "keep"}
    answer = await house.ask("xiang", "POST", f"/classes/{running}/observe", data=draft)
    assert answer.status == 303
    _, text = await page(house, "xiang", f"/classes/{running}/observe")
    assert "还没想好" in text
    assert re.search(r'name="star-0" value="5" checked', text)
    number = await house.ground.database.read(
        lambda s: s.query(Observation.id).filter_by(account_id=house.ids["xiang"]).scalar()
    )
    for name in ("zhou", "head", "county", "tang"):
        assert (await page(house, name, f"/observations/{number}"))[0] == 404, name
    assert "还没想好" not in (await page(house, "zhou", f"/classes/{running}/after"))[1]
    assert (await page(house, "xiang", f"/observations/{number}"))[0] == 200


async def test_a_draft_that_is_kept_again_changes_nobodys_rights(
    house: House, running: int
) -> None:
    """Each change of rights has every process ask anew about everybody."""
    kept = house.client.server.app[KEPT_RIGHTS]  # type: ignore[attr-defined]
    draft = {"star-0": "5", "strengths": "还没想好", "action": "keep"}
    await house.ask("xiang", "POST", f"/classes/{running}/observe", data=draft)
    before = kept.epoch
    draft["strengths"] = "想好了一半"
    answer = await house.ask("xiang", "POST", f"/classes/{running}/observe", data=draft)
    assert (answer.status, kept.epoch) == (303, before)


async def test_an_officer_writes_for_her_bureau(house: House, running: int) -> None:
    number = await sent(house, running, "county")
    for path in (f"/observations/{number}", "/observations", f"/classes/{running}/after"):
        assert "芙蓉区教育部门" in (await page(house, "zhou", path))[1], path


async def test_a_sent_form_is_read_by_the_teacher_and_both_heads_alone(
    house: House, running: int
) -> None:
    number = await sent(house, running, "county")
    await other_head(house)
    cookies = await session_cookie(house, "head2")
    for name, status in (
        ("county", 200), ("zhou", 200), ("head", 200),
        ("xiang", 404), ("city", 404), ("province", 404), ("tang", 404), ("long", 404),
        ("operator", 404),
    ):  # fmt: skip
        assert (await page(house, name, f"/observations/{number}"))[0] == status, name
        shown = (await page(house, name, f"/classes/{running}/after"))[1]
        assert (f"/observations/{number}" in shown) == (name in {"zhou", "head", "county"}), name
    asked = await house.ask("", "GET", f"/observations/{number}", cookies=cookies)
    assert asked.status == 200
    device = await session_cookie(house, "room")
    assert (await house.ask("", "GET", f"/observations/{number}", cookies=device)).status == 404


async def test_whoever_sees_the_class_fills_one_but_its_teacher_and_its_device(
    house: House, running: int
) -> None:
    path = f"/classes/{running}/observe"
    for name, status in (
        ("xiang", 200), ("head", 200), ("county", 200), ("zhou", 403),
        ("tang", 404), ("long", 404), ("operator", 404),
    ):  # fmt: skip
        assert (await page(house, name, path))[0] == status, name
        posted = await house.ask(name, "POST", path, data={"action": "keep"})
        assert posted.status == (303 if status == 200 else status), name
    device = await session_cookie(house, "room")
    assert (await house.ask("", "GET", path, cookies=device)).status == 404


async def test_what_is_sent_has_all_its_stars_and_stays_as_it_is(
    house: House, running: int
) -> None:
    path = f"/classes/{running}/observe"
    lacking = {**STARS, "star-3": "", "strengths": "写了这些", "action": "send"}
    answer = await house.ask("county", "POST", path, data=lacking)
    text = await answer.text()
    assert answer.status == 422
    assert "请给一到五星" in text
    assert "写了这些" in text
    await sent(house, running, "county")
    again = await house.ask("county", "POST", path, data={**STARS, "action": "keep"})
    assert again.status == 409


async def test_nothing_is_sent_before_the_class(house: House, running: int) -> None:
    def not_begun(session: Session) -> None:
        live = session.get_one(LiveClass, running)
        live.state, live.started_at = "booked", None

    await house.ground.database.write(not_begun)
    answer = await house.ask(
        "county", "POST", f"/classes/{running}/observe", data={**STARS, "action": "send"}
    )
    assert answer.status == 409
    assert "这节课还没有上" in await answer.text()


async def test_the_teacher_answers_once(house: House, running: int) -> None:
    number = await sent(house, running, "county")
    path = f"/observations/{number}/reply"
    assert (await house.ask("head", "POST", path, data={"reply": "我来答"})).status == 403
    assert (await house.ask("tang", "POST", path, data={"reply": "我来答"})).status == 404
    assert (await house.ask("zhou", "POST", path, data={"reply": ""})).status == 422
    assert (await house.ask("zhou", "POST", path, data={"reply": "下次多等"})).status == 303
    assert (await house.ask("zhou", "POST", path, data={"reply": "再说一句"})).status == 409
    assert "下次多等" in (await page(house, "county", f"/observations/{number}"))[1]


async def test_the_teacher_is_told_of_a_form_and_its_author_of_the_answer(
    house: House, running: int
) -> None:
    await house.ask("county", "POST", f"/classes/{running}/observe", data={"action": "keep"})
    word = "有人给你的课交了评课表"
    assert word not in (await page(house, "zhou", "/notices"))[1], "a draft is nobody else's"
    number = await sent(house, running, "county")
    text = (await page(house, "zhou", "/notices"))[1]
    assert word in text
    assert f'href="/classes/{running}/after#forms"' in text
    assert word not in (await page(house, "head", "/notices"))[1]
    await house.ask("zhou", "POST", f"/observations/{number}/reply", data={"reply": "下次多等"})
    text = (await page(house, "county", "/notices"))[1]
    assert "上课的老师回复了你的评课表" in text
    assert f'href="/classes/{running}/observe"' in text


async def test_who_may_see_a_class_no_longer_is_not_told_its_name_by_their_own_form(
    house: House, running: int
) -> None:
    number = await sent(house, running, "othercounty")
    assert "有理数的加法" in (await page(house, "othercounty", "/observations"))[1]
    assert (await page(house, "othercounty", f"/observations/{number}"))[0] == 200

    def alone(session: Session) -> None:
        live = session.get_one(LiveClass, running)
        live.seats.clear()
        session.flush()
        tokens.carry(session, live, ())

    await house.ground.database.write(alone)
    assert "有理数的加法" not in (await page(house, "othercounty", "/observations"))[1]
    assert (await page(house, "othercounty", f"/observations/{number}"))[0] == 404
    assert (await page(house, "zhou", f"/observations/{number}"))[0] == 200


async def test_an_own_form_is_led_to_from_what_is_kept_of_the_class(
    house: House, running: int
) -> None:
    path, write = f"/classes/{running}/after", f'href="/classes/{running}/observe"'
    assert f"{write}>写评课表<" in (await page(house, "county", path))[1]
    await house.ask("county", "POST", f"/classes/{running}/observe", data={"action": "keep"})
    assert f"{write}>接着写评课表<" in (await page(house, "county", path))[1]
    number = await sent(house, running, "county")
    text = (await page(house, "county", path))[1]
    assert f'href="/observations/{number}">看我的评课表' in text
    assert write not in text and "老师已回复" not in text
    await house.ask("zhou", "POST", f"/observations/{number}/reply", data={"reply": "下次多等"})
    assert "老师已回复" in (await page(house, "county", path))[1]


async def test_a_note_has_the_same_time_on_the_form_as_on_the_class_that_is_over(
    house: House, running: int
) -> None:
    """That of the recording, which begins after the class did."""
    number = await held(house, running)

    def later(session: Session) -> None:
        early = LiveSegment.sequence < 20
        session.execute(delete(LiveSegment).where(LiveSegment.class_id == running, early))

    await house.ground.database.write(later)
    for part in ("observe", "after"):
        text = (await page(house, "county", f"/classes/{running}/{part}"))[1]
        assert "<time>01:00</time>" in text, part
    text = (await page(house, "county", f"/classes/{running}/observe"))[1]
    assert f"/resources/{number}" not in text, "she may not watch it"


async def test_a_note_of_a_class_that_runs_counts_from_its_begin(
    house: House, running: int
) -> None:
    await held(house, running, ended=False)
    text = (await page(house, "county", f"/classes/{running}/observe"))[1]
    assert "<time>01:40</time>" in text
    assert "时间从上课算起" in text


async def test_forms_sum_up_for_the_teacher(house: House, running: int) -> None:
    await sent(house, running, "county")
    await sent(house, running, "head", **{"star-0": "5"})
    _, text = await page(house, "zhou", "/observations")
    assert "2 份评课表" in text
    assert re.search(r"教学目标</th>.*?<b>4\.5</b>", text)
    assert "我的课，各项平均" in text
    assert "有理数的加法" in (await page(house, "county", "/observations"))[1]


async def test_a_mean_of_four_and_a_quarter_is_said_as_a_teacher_says_it(
    house: House, running: int
) -> None:
    await sent(house, running, "county", **{"star-0": "5", "star-1": "5"})
    for path in ("/observations", f"/classes/{running}/after"):
        assert "平均 4.3 星" in (await page(house, "zhou", path))[1], path


async def rubric(house: House, who: str, name: str, items: str) -> int:
    answer = await house.ask(who, "POST", "/rubric", data={"name": name, "items": items})
    return answer.status


async def test_a_school_sets_its_rubric_and_a_bureau_that_of_the_rest(
    house: House, running: int
) -> None:
    path = f"/classes/{running}/observe"
    assert await rubric(house, "province", "全省", "同步：各室一致") == 303
    assert "各室一致" in (await page(house, "county", path))[1]
    assert await rubric(house, "head", "本校", "板书\n提问：有层次") == 303
    _, text = await page(house, "county", path)
    assert "有层次" in text
    assert "各室一致" not in text
    for name in ("zhou", "operator", "xiang"):
        assert (await page(house, name, "/rubric"))[0] == 403, name
        assert await rubric(house, name, "x", "y") == 403, name
    assert await rubric(house, "head", "", "板书") == 422
    assert await rubric(house, "head", "本校", "板书\n板书") == 422


async def test_a_rubric_of_ones_own_is_given_up_for_the_one_above(
    house: House, running: int
) -> None:
    path, word = f"/classes/{running}/observe", "不用自己的，改用上级的"
    await rubric(house, "province", "全省", "同步：各室一致")
    assert word not in (await page(house, "head", "/rubric"))[1], "there is none to give up"
    await rubric(house, "head", "本校", "板书")
    assert word in (await page(house, "head", "/rubric"))[1]
    for name in ("zhou", "operator"):
        answer = await house.ask(name, "POST", "/rubric", data={"action": "give-up"})
        assert answer.status == 403, name
    assert "各室一致" not in (await page(house, "county", path))[1]
    answer = await house.ask("head", "POST", "/rubric", data={"action": "give-up"})
    assert answer.status == 303
    assert "各室一致" in (await page(house, "county", path))[1]
    _, text = await page(house, "head", "/rubric")
    assert word not in text and "各室一致" in text


async def test_a_form_that_was_begun_keeps_its_rubric(house: House, running: int) -> None:
    path = f"/classes/{running}/observe"
    await house.ask("county", "POST", path, data={"star-0": "3", "action": "keep"})
    await rubric(house, "head", "本校", "板书")
    assert "教学目标" in (await page(house, "county", path))[1]
    assert "教学目标" not in (await page(house, "xiang", path))[1]


@pytest.mark.parametrize("path", ["/observations", "/rubric", "/observations/1", "/patrol"])
async def test_nobody_gets_in_without_signing_in(house: House, path: str) -> None:
    assert (await house.ask("", "GET", path)).status in {401, 303}
