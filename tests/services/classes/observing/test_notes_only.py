"""A lesson with notes and no form is in the lists of who wrote them and of whose lesson it was."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.orm import Session

from tests.services.classes.lessons import began_ms, held, usual, write_log
from tests.services.classes.observing.test_observe import keep, page, sent
from tests.services.house import House
from tongke.classes.models import ClassEvent, LiveClass
from tongke.classes.plan import tokens
from tongke.live.bodies import EraseNote, Note
from tongke.live.vocabulary import Role, Who

TITLE = "有理数的加法"


async def listed(house: House, name: str) -> str:
    return (await page(house, name, "/observations"))[1]


async def test_who_wrote_notes_alone_finds_the_lesson_and_her_form_of_it(
    house: House, running: int
) -> None:
    await held(house, running)
    shown = await listed(house, "county")
    assert f'<a href="/classes/{running}/observe">{TITLE}</a>' in shown
    assert "1 条听课记录" in shown and "没写评课表" in shown
    assert "还没有写过" not in shown
    assert TITLE not in await listed(house, "city"), "she wrote none"


async def test_the_teacher_finds_a_lesson_that_has_notes_alone(house: House, running: int) -> None:
    await held(house, running)
    shown = await listed(house, "zhou")
    assert f'<a href="/classes/{running}/after#notes">{TITLE}</a>' in shown
    assert "2 条听课记录" in shown and "没有评课表" in shown
    assert "还没有人交来评课表" not in shown


async def test_a_form_takes_the_place_of_the_notes(house: House, running: int) -> None:
    await held(house, running)
    await keep(house, running, "county")
    assert "条听课记录" not in await listed(house, "county")
    assert "2 条听课记录" in await listed(house, "zhou"), "a draft is nobody else's"
    await sent(house, running, "county")
    shown = await listed(house, "zhou")
    assert "条听课记录" not in shown and TITLE in shown
    assert "1 条听课记录" in await listed(house, "head"), "another's form is not hers"


async def test_while_the_lesson_runs_nothing_tells_its_teacher(house: House, running: int) -> None:
    await held(house, running, ended=False)
    assert "1 条听课记录" in await listed(house, "county")
    assert "条听课记录" not in await listed(house, "zhou")


async def test_a_note_written_again_is_one_and_erased_is_none(house: House, running: int) -> None:
    began = began_ms()
    officer, head = (Who(Role.OBSERVER, str(house.ids[name])) for name in ("county", "head"))
    more = [
        (103, officer, Note(id="n", shown_ms=began + 100_000, text="板书很清楚")),
        (104, officer, Note(id="m", shown_ms=began + 100_000, text="时间把握得好")),
        (105, head, EraseNote(id="m")),
    ]

    def write(session: Session) -> None:
        write_log(session, running, began, [*usual(house, began), *more])

    await house.ground.database.write(write)
    assert "2 条听课记录" in await listed(house, "county")
    assert "条听课记录" not in await listed(house, "head")


async def test_who_sees_the_class_no_more_is_not_told_its_name(house: House, running: int) -> None:
    await held(house, running)

    def alone(session: Session) -> None:
        live = session.get_one(LiveClass, running)
        live.seats.clear()
        session.flush()
        tokens.carry(session, live, ())
        officer = {"id": str(house.ids["othercounty"]), "role": "observer", "room": None}
        session.execute(
            insert(ClassEvent).values(
                class_id=running, seq=900, media_ms=0, kind="note",
                payload={"at": 0, "by": officer, "id": "o", "shown_ms": 0, "text": "好"},
            )
        )  # fmt: skip

    await house.ground.database.write(alone)
    assert TITLE not in await listed(house, "othercounty")
    assert "3 条听课记录" in await listed(house, "zhou")
