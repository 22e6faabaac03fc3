"""Home on a first day, and on a day with more to do than fits."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from services.home import pages
from tests.services.classes.observing.test_observe import sent
from tests.services.house import House, session_cookie
from tongke import clock
from tongke.library.jobs import JobState
from tongke.library.models import Job, Resource


async def home(house: House, name: str) -> str:
    return await (await house.ask(name, "GET", "/")).text()


async def test_a_classrooms_screen_is_sent_to_its_own_page(house: House) -> None:
    answer = await house.ask("", "GET", "/", cookies=await session_cookie(house, "room"))
    assert (answer.status, answer.headers["Location"]) == (303, "/room")


async def test_who_has_no_partner_sees_what_the_library_has_however_old(house: House) -> None:
    """School 3 is paired with nobody."""
    empty = "资源库里还没有你能看到的资源"
    assert empty in await home(house, "long")
    number = await house.publish("long", ["school:3"], title="去年的一节课")
    last_year = clock.now() - timedelta(days=365)

    def age(session: Session) -> None:
        session.get_one(Resource, number).viewable_at = last_year

    await house.ground.database.write(age)
    text = await home(house, "long")
    assert empty not in text
    assert "资源库里新到的" in text
    assert "全部 1 份" in text
    assert f'<h3><a href="/resources/{number}">' in text


async def test_who_sees_nothing_is_not_told_that_nobody_sent_anything(house: House) -> None:
    await house.publish("zhou", ["school:1"])
    for name in ("operator", "long"):
        text = await home(house, name)
        assert "还没有你能看到的资源" in text
        # Only who can do it is asked to.
        assert ("传上来结对学校就能看" in text) == (name == "long")


async def test_forms_that_wait_for_a_teachers_answer_are_a_task_of_hers(
    house: House, running: int
) -> None:
    assert "评课表等你回复" not in await home(house, "zhou")
    first = await sent(house, running, "county")
    text = await home(house, "zhou")
    assert "1 份评课表等你回复" in text and "county的评课表" in text
    assert f'href="/observations/{first}">去回复' in text
    await sent(house, running, "xiang")
    text = await home(house, "zhou")
    assert "2 份评课表等你回复" in text and 'href="/observations">去回复' in text
    assert "评课表等你回复" not in await home(house, "head"), "she only reads them"
    await house.ask("zhou", "POST", f"/observations/{first}/reply", data={"reply": "下次多等"})
    assert "1 份评课表等你回复" in await home(house, "zhou")


async def test_what_waits_is_counted_beyond_what_is_shown(house: House) -> None:
    for _ in range(pages.TASKS + 2):
        await house.publish("zhou", [])

    def fail(session: Session) -> None:
        session.execute(update(Job).values(state=JobState.FAILED))
        session.execute(update(Resource).values(state="failed"))

    await house.ground.database.write(fail)
    text = await home(house, "zhou")
    assert f"等我办 {pages.TASKS + 2} 件" in text
    assert text.count('class="task"') == pages.TASKS
