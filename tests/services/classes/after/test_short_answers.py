"""What came of a question that is answered in words: what is right can be read afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.after.test_long_log import _add
from tests.services.classes.lessons import held
from tests.services.house import House
from tongke.live.bodies import Answer, OpenQuiz
from tongke.live.events import Event
from tongke.live.quiz import Question, QuestionKind
from tongke.live.vocabulary import Role, Who

ASKED = Question(kind=QuestionKind.SHORT, text="下一句？", right=("一览众山小", "一览众山小兮"))
OPINION = Question(kind=QuestionKind.SHORT, text="你怎么看？")


def _answered(session: Session, class_id: int, question: Question, said: str) -> None:
    asked = OpenQuiz(quiz="words", question=question)
    answer = Answer(quiz="words", given=(said,), shown_ms=1)
    events = [Event(0, 0, Who(Role.LEAD, "7"), asked), Event(1, 1, Who(Role.DEVICE, "8"), answer)]
    _add(session, class_id, 1000, events)


@pytest.mark.parametrize(
    ("question", "said", "is_told"),
    [(ASKED, "决眦入归鸟", True), (ASKED, "一览众山小。", False), (OPINION, "很美", False)],
)
async def test_what_nobody_had_is_told(
    house: House, running: int, question: Question, said: str, is_told: bool
) -> None:
    await held(house, running)
    await house.ground.database.write(_answered, running, question, said)
    page = await (await house.ask("zhou", "GET", f"/classes/{running}/after")).text()
    assert said in page
    assert ("正确答案：一览众山小、一览众山小兮" in page) is is_told
