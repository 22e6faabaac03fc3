"""Observing a lesson: a draft is its author's, a form that was sent is the teacher's and the heads'
of both schools, and nobody else's."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.http.kept_rights import KEPT_RIGHTS
from tests.services.classes.lessons import held
from tests.services.classes.plan import hold_alone
from tests.services.house import House, session_cookie
from tongke import clock
from tongke.classes.models import LiveClass, LiveSegment
from tongke.classes.vocabulary import SeatState
from tongke.observation.models import Observation
from tongke.observation.rubrics import DEFAULT
from tongke.people.models import Account, Role

STARS = {f"star-{position}": "4" for position in range(len(DEFAULT))}
HIDDEN = re.compile(r'type="hidden" name="(version|item-\d+)" value="([^"]*)"')


async def opened(house: House, class_id: int, name: str) -> dict[str, str]:
    """What the page of somebody's form posts besides what is typed."""
    _, text = await page(house, name, f"/classes/{class_id}/observe")
    return dict(HIDDEN.findall(text))


async def keep(house: House, class_id: int, name: str, **typed: str) -> int:
    """What comes of keeping a form that is opened just now."""
    form = {**await opened(house, class_id, name), "action": "keep", **typed}
    answer = await house.ask(name, "POST", f"/classes/{class_id}/observe", data=form)
    return answer.status


async def sent(house: House, class_id: int, name: str, **more: str) -> int:
    """A form that somebody sent; its number."""
    said = {"strengths": "提问有层次", "advice": "多等三秒", "action": "send"}
    form = {**await opened(house, class_id, name), **STARS, **said, **more}
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
    draft = {"star-0": "5", "strengths": "还没想好"}
    assert await keep(house, running, "xiang", **draft) == 303
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
    await keep(house, running, "xiang", strengths="还没想好")
    before = kept.epoch
    status = await keep(house, running, "xiang", strengths="想好了一半")
    assert (status, kept.epoch) == (303, before)


async def test_an_officer_writes_for_her_bureau(house: House, running: int) -> None:
    number = await sent(house, running, "county")
    for path in (f"/observations/{number}", "/observations", f"/classes/{running}/after"):
        assert "芙蓉区教育部门" in (await page(house, "zhou", path))[1], path


async def answered(house: House, class_id: int, state: SeatState) -> None:
    """What the partner says of its room."""

    def write(session: Session) -> None:
        session.get_one(LiveClass, class_id).seats[0].state = state

    await house.ground.database.write(write)


async def test_a_sent_form_is_read_by_the_teacher_and_both_heads_alone(
    house: House, running: int
) -> None:
    await answered(house, running, SeatState.CONFIRMED)
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


@pytest.mark.parametrize("state", [SeatState.ASKED, SeatState.DECLINED])
async def test_a_school_that_was_asked_and_did_not_come_reads_none(
    house: House, running: int, state: SeatState
) -> None:
    await answered(house, running, state)
    number = await sent(house, running, "county")
    await other_head(house)
    cookies = await session_cookie(house, "head2")
    for path, status in ((f"/observations/{number}", 404), (f"/classes/{running}/after", 200)):
        answer = await house.ask("", "GET", path, cookies=cookies)
        assert answer.status == status
        assert "提问有层次" not in await answer.text()


async def test_whoever_sees_the_class_fills_one_but_its_teacher_and_its_device(
    house: House, running: int
) -> None:
    path = f"/classes/{running}/observe"
    for name, status in (
        ("xiang", 200), ("head", 200), ("county", 200), ("zhou", 403),
        ("tang", 404), ("long", 404), ("operator", 404),
    ):  # fmt: skip
        assert (await page(house, name, path))[0] == status, name
        assert await keep(house, running, name) == (303 if status == 200 else status), name
    device = await session_cookie(house, "room")
    assert (await house.ask("", "GET", path, cookies=device)).status == 404


async def test_what_is_sent_has_all_its_stars_and_stays_as_it_is(
    house: House, running: int
) -> None:
    path = f"/classes/{running}/observe"
    form = await opened(house, running, "county")
    lacking = {**form, **STARS, "star-3": "", "strengths": "写了这些", "action": "send"}
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
    form = {**await opened(house, running, "county"), **STARS, "action": "send"}
    answer = await house.ask("county", "POST", f"/classes/{running}/observe", data=form)
    assert answer.status == 409
    assert "这节课还没有上" in await answer.text()


async def test_the_teacher_answers_once(house: House, running: int) -> None:
    number = await sent(house, running, "county")
    shown = (await page(house, "zhou", f"/observations/{number}"))[1]
    assert 'data-confirm="回复只能写一次，发出以后就不能再改了。"' in shown
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
    await keep(house, running, "county")
    word = "county交了评课表"
    assert word not in (await page(house, "zhou", "/notices"))[1], "a draft is nobody else's"
    number = await sent(house, running, "county")
    text = (await page(house, "zhou", "/notices"))[1]
    assert word in text
    assert f'href="/observations/{number}"' in text
    assert word not in (await page(house, "head", "/notices"))[1]
    await house.ask("zhou", "POST", f"/observations/{number}/reply", data={"reply": "下次多等"})
    text = (await page(house, "county", "/notices"))[1]
    assert "zhou回复了你的评课表" in text
    assert f'href="/observations/{number}"' in text


async def test_who_may_see_a_class_no_longer_is_not_told_its_name_by_their_own_form(
    house: House, running: int
) -> None:
    number = await sent(house, running, "othercounty")
    assert "有理数的加法" in (await page(house, "othercounty", "/observations"))[1]
    assert (await page(house, "othercounty", f"/observations/{number}"))[0] == 200
    await hold_alone(house, running)
    text = (await page(house, "othercounty", "/observations"))[1]
    assert "有理数的加法" not in text
    assert "你写过的，都是你现在看不到的课" in text and "还没有写过" not in text
    assert (await page(house, "othercounty", f"/observations/{number}"))[0] == 404
    assert (await page(house, "zhou", f"/observations/{number}"))[0] == 200


async def test_an_own_form_is_led_to_from_what_is_kept_of_the_class(
    house: House, running: int
) -> None:
    path, write = f"/classes/{running}/after", f'href="/classes/{running}/observe"'
    assert f"{write}>写评课表<" in (await page(house, "county", path))[1]
    await keep(house, running, "county")
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


async def test_who_wrote_no_notes_is_led_into_a_class_that_runs_and_to_one_that_is_over(
    house: House, running: int
) -> None:
    async def form(name: str) -> str:
        return (await page(house, name, f"/classes/{running}/observe"))[1]

    assert "进去观摩" in await form("xiang")
    number = await held(house, running)
    text = await form("xiang")
    assert "没有写听课记录" in text and "进去观摩" not in text
    assert f'href="/resources/{number}">看录像' in text
    text = await form("city")
    assert "没有写听课记录" in text and "看录像" not in text, "she may not watch it"


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


@pytest.mark.parametrize("path", ["/observations", "/rubric", "/observations/1", "/patrol"])
async def test_nobody_gets_in_without_signing_in(house: House, path: str) -> None:
    assert (await house.ask("", "GET", path)).status in {401, 303}
