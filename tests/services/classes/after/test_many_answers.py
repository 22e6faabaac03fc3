"""A question that a whole school has answered: what came of it is worked out beside the loop."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.after.test_long_log import _add
from tests.services.classes.lessons import held
from tests.services.house import House
from tongke.classes.after import recorded
from tongke.live import scoring
from tongke.live.bodies import Answer, OpenQuiz
from tongke.live.events import Event
from tongke.live.quiz import Given, Question, QuestionKind, Quiz, Result
from tongke.live.vocabulary import Role, Who

MANY = 300
QUESTION = Question(kind=QuestionKind.SHORT, text="2 + 1 = ?", right=("3", "三"))
PATHS = ("/classes/{id}/after", "/classes/{id}/attendance.xlsx", "/api/v1/classes/{id}/results")


def _answered(session: Session, class_id: int) -> None:
    lead = Who(Role.LEAD, "7")
    answers = (
        Event(n, n, Who(Role.DEVICE, str(n), "2"), Answer(quiz="many", given=("3",), shown_ms=n))
        for n in range(MANY)
    )
    _add(session, class_id, 1000, [Event(0, 0, lead, OpenQuiz(quiz="many", question=QUESTION))])
    _add(session, class_id, 1001, list(answers))


@pytest.mark.parametrize("path", PATHS)
async def test_many_answers_hold_nobody_up(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    await held(house, running)
    await house.ground.database.write(_answered, running)
    scored: dict[str, tuple[int, threading.Thread]] = {}

    def score(quiz: Quiz, answers: Iterable[Given]) -> Result:
        result = scoring.score(quiz, answers)
        scored[quiz.id] = result.right, threading.current_thread()
        return result

    monkeypatch.setattr(recorded, "score", score)
    assert (await house.ask("zhou", "GET", path.format(id=running))).status == 200
    right, thread = scored["many"]
    assert right == MANY
    assert thread is not threading.current_thread()
