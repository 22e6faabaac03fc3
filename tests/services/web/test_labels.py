"""Every value of the closed lists has its word."""

from __future__ import annotations

import pytest

from services.web import labels
from tongke.classes.after.outcome import Outcome
from tongke.classes.plan.planned import Repeat
from tongke.classes.standing import Standing
from tongke.classes.vocabulary import SeatState
from tongke.library import vocabulary
from tongke.live.vocabulary import LessonKind
from tongke.people.audience import Level, RoleName


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("kind", vocabulary.Kind),
        ("stage", vocabulary.Stage),
        ("grade", vocabulary.GRADES),
        ("subject", vocabulary.Subject),
        ("medium", vocabulary.Medium),
        ("state", vocabulary.State),
        ("step", vocabulary.Step),
        ("role", RoleName),
        ("level", Level),
        ("standing", Standing),
        ("outcome", Outcome),
        ("seat", SeatState),
        ("mode", LessonKind),
        ("repeat", Repeat),
    ],
)
def test_every_value_has_a_label_of_its_own(table: str, values: list[str]) -> None:
    assert set(labels.TABLES[table]) == set(values)
    said = [labels.label(table, value) for value in values]
    assert len(set(said)) == len(said)


def test_a_value_that_no_list_holds_is_its_own_label() -> None:
    assert labels.label("grade", "13") == "13"


def test_a_value_of_an_open_list_is_its_own_label() -> None:
    assert labels.label("unit", "第五章 一元一次方程") == "第五章 一元一次方程"
