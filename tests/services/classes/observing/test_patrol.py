"""The patrol: today's classes in reach, as they go, and nobody else's."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.lessons import began_ms, usual, write_log
from tests.services.classes.plan import hold_alone
from tests.services.classes.trainings import begin_training
from tests.services.house import House, person
from tests.services.live.signalling.test_socket import ask, entered, event_of, until
from tongke import clock
from tongke.classes.models import ClassEvent, LiveClass
from tongke.classes.plan import booking
from tongke.classes.plan.booking import Wanted
from tongke.classes.running.patrol import News, PatrolState, Watched, minutes_late, news, state_at
from tongke.live.bodies import Layout, Leave
from tongke.live.events import Event
from tongke.live.vocabulary import Role, View, Who


async def seen(house: House, name: str, path: str = "/patrol") -> str:
    answer = await house.ask(name, "GET", path)
    assert answer.status == 200
    return await answer.text()


async def test_officers_and_heads_look_and_nobody_else(house: House, running: int) -> None:
    for name in ("head", "county", "othercounty", "city", "province"):
        assert "有理数的加法" in await seen(house, name), name
    for name in ("zhou", "xiang", "long", "operator"):
        for path in ("/patrol", "/patrol/now"):
            assert (await house.ask(name, "GET", path)).status == 403, name


async def test_out_of_reach_is_not_shown(house: House, running: int) -> None:
    """A class within one county: the other county's officer knows nothing of it."""
    await hold_alone(house, running)
    assert "有理数的加法" in await seen(house, "county")
    assert "有理数的加法" not in await seen(house, "othercounty")


async def test_a_running_class_is_said_in_words_and_renewed(house: House, running: int) -> None:
    text = await seen(house, "county", "/patrol/now")
    assert "主讲教室没有画面" in text
    assert "没有回复" in text
    assert f"/classes/{running}/watch" in text
    await house.ground.database.write(_happen, house, running)
    text = await seen(house, "county", "/patrol/now")
    assert "正在播出：老师和课件" in text
    assert "实到 1 间，应到 1 间" in text
    assert "正在发言" in text
    assert "<html" not in text


@pytest.mark.parametrize(
    ("answer", "said", "due"),
    [("confirmed", "不在线", 1), ("declined", "不参加", 0), ("asked", "没有回复", 0)],
)
async def test_a_room_that_never_said_that_it_would_come_is_not_due(
    house: House, running: int, answer: str, said: str, due: int
) -> None:
    def say(session: Session) -> None:
        session.get_one(LiveClass, running).seats[0].state = answer

    await house.ground.database.write(say)
    card = card_of(await seen(house, "county"), "有理数的加法")
    words = {"不在线", "不参加", "没有回复"}
    assert {word for word in words if word in card} == {said}
    assert ("应到 1 间" in card) == bool(due)
    await house.ground.database.write(_happen, house, running)
    card = card_of(await seen(house, "county"), "有理数的加法")
    assert "实到 1 间，应到 1 间" in card and said not in card, "it came"

    def drop(session: Session) -> None:
        left = Leave(connection="r", dropped=True)
        row = Event(112_000, 112_000, Who(Role.ROOM, "2"), left).to_dict()
        session.add(ClassEvent(class_id=running, seq=999, **row))

    await house.ground.database.write(drop)
    card = card_of(await seen(house, "county"), "有理数的加法")
    assert "实到 0 间，应到 1 间" in card and "不在线" in card, "it was there"


def _happen(session: Session, house: House, class_id: int) -> None:
    began = began_ms()
    write_log(session, class_id, began, usual(house, began))


async def test_a_training_is_called_one_and_its_teachers_are_counted(
    house: House,
) -> None:
    training = await house.ground.database.write(begin_training, house)
    text = card_of(await seen(house, "county"), "怎样听评一节课")
    assert ">研修<" in text and "没有约听讲教室" not in text
    assert re.search(r"到 0 位老师", text)
    lead, _ = await entered(house, training, "zhou")
    await entered(house, training, "xiang")
    await until(lead, event_of("arrive"))
    assert "到 1 位老师" in card_of(await seen(house, "county"), "怎样听评一节课")
    assert 'data-training="yes"' in await seen(house, "county", f"/classes/{training}/watch")


async def test_a_lesson_is_called_no_training(house: House, running: int) -> None:
    lesson = card_of(await seen(house, "county"), "有理数的加法")
    assert ">研修<" not in lesson and "位老师" not in lesson
    assert "data-training" not in await seen(house, "county", f"/classes/{running}/watch")


def card_of(text: str, title: str) -> str:
    (card,) = [each for each in text.split('<li class="patrol-card') if f"{title}</h2>" in each]
    return card


@pytest.mark.parametrize(
    ("view", "chinese", "english"),
    [
        (View.SLIDES, "课件，一角是老师", "the slides, with the teacher in the corner"),
        (View.BOTH, "老师和课件", "the teacher and the slides"),
        (View.TEACHER, "老师画面", "the teacher"),
        (View.ROOM_IN_CORNER, "老师画面，一角是教室", "the teacher, with a room in the corner"),
        (View.ALL_ROOMS, "各教室画面", "all rooms"),
        (View.BOARD, "板书，一角是老师", "the board, with the teacher in the corner"),
    ],
)
async def test_what_is_on_air_is_named_as_it_is_laid_out(
    house: House, running: int, view: View, chinese: str, english: str
) -> None:
    """As `web/classroom/layouts.ts` composes it."""

    def lay_out(session: Session) -> None:
        began, lead = began_ms(), Who(Role.LEAD, str(house.ids["zhou"]))
        write_log(session, running, began, [*usual(house, began), (110, lead, Layout(view=view))])

    await house.ground.database.write(lay_out)
    assert f"正在播出：{chinese}</p>" in await seen(house, "county", "/patrol/now")
    asked = {"headers": {"Accept-Language": "en"}}
    answer = await house.ask("county", "GET", "/patrol/now", **asked)
    assert f"On air: {english}</p>" in await answer.text()


async def test_a_drop_is_seen_from_the_lines_own_log(house: House, running: int) -> None:
    lead, _ = await entered(house, running, "zhou")
    room, _ = await entered(house, running, "room")
    await ask(room, "head_count", room="2", heads=33)
    text = await seen(house, "head")
    assert re.search(r"33\s*人", text)
    assert "线路慢" not in text
    await ask(room, "line", room="2", level="sound_only")
    assert "线路慢" in await seen(house, "head")
    room._response.connection.transport.abort()  # type: ignore[union-attr]
    await until(lead, event_of("leave"))
    assert "实到 0 间，应到 1 间" in await seen(house, "head")
    await lead.close()


async def test_only_what_is_new_is_read_and_counts_once(house: House, running: int) -> None:
    await house.ground.database.write(_happen, house, running)
    watched = Watched()

    def read(session: Session) -> dict[int, News]:
        return news(session, watched.known([running]))

    first = await house.ground.database.read(read)
    again = await house.ground.database.read(read)
    watched.take(first)
    watched.take(again)
    assert watched.state(running).stage.speaking == ["2"]
    assert await house.ground.database.read(read) == {}


@pytest.mark.parametrize(
    ("begins", "lasts", "started", "state", "expected", "late"),
    [
        (60, 40, None, "booked", PatrolState.LATER, 0),
        (5, 40, None, "booked", PatrolState.SOON, 0),
        (-2, 40, None, "booked", PatrolState.DUE, 2),
        (-8, 40, None, "booked", PatrolState.LATE, 8),
        (-60, 40, None, "booked", PatrolState.MISSED, 40),
        (-20, 40, -13, "running", PatrolState.RUNNING, 7),
        (-60, 40, -60, "ended", PatrolState.ENDED, 0),
        (-8, 40, None, "cancelled", PatrolState.CANCELLED, 8),
    ],
)
def test_where_a_class_stands(
    begins: int, lasts: int, started: int | None, state: str, expected: PatrolState, late: int
) -> None:
    now = clock.now()
    at = now + timedelta(minutes=begins)
    live = LiveClass(
        state=state, begins_at=at, ends_at=at + timedelta(minutes=lasts),
        started_at=None if started is None else now + timedelta(minutes=started),
        ended_at=now if state == "ended" else None,
    )  # fmt: skip
    assert state_at(live, now) is expected
    assert minutes_late(live, now) == late


async def test_missed_and_called_off_are_said_with_their_reason(house: House, running: int) -> None:
    def plan(session: Session) -> None:
        teacher = person(session, house, "zhou")
        live = session.get_one(LiveClass, running)
        live.state, live.cancelled_because = "cancelled", "停电"
        wanted = Wanted(
            title="没有上的课", mode="broadcast", purpose="lesson",
            begins_at=clock.now(), ends_at=clock.now() + timedelta(minutes=40),
            teacher_id=teacher.account_id, school_id=1,
        )  # fmt: skip
        missed = booking.book(session, teacher, wanted)
        missed.begins_at -= timedelta(minutes=41)
        missed.ends_at -= timedelta(minutes=41)

    await house.ground.database.write(plan)
    text = await seen(house, "county")
    assert "停电" in text
    assert "没有上的课" in text
