"""The order of hits, as a teacher would expect it."""

from __future__ import annotations

import pytest

from search.query import Query, Vocabulary, parse
from search.ranking import Candidate, Ranking

VOCABULARY = Vocabulary({"grade": {"七年级": "7"}})


def candidate(title: str = "", opening: str = "", **changes: int) -> Candidate:
    return Candidate(1, title, "", opening, **{"chips": 0, "published": 0, **changes})


def score(query: Query, found: Candidate) -> float:
    return Ranking(query).score(found)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (candidate("勾股定理"), candidate("勾股定理的应用")),
        (candidate("勾股定理的应用"), candidate("勾股定理在测量实际问题中的应用")),
        (candidate("勾股定理在测量中的应用"), candidate("整式", "勾股定理" * 9)),
        (candidate("整式", "勾股定理，勾股定理"), candidate("整式", "勾股定理")),
        (candidate("整式", "勾股定理"), candidate("整式", "勾股，股定，定理")),
        (candidate("勾股定理"), candidate("整式", "勾股定理", chips=1)),
        (candidate("整式", "勾股定理", chips=1), candidate("整式", "勾股定理" * 9)),
        (candidate("勾股定理", published=10**9), candidate("勾股定理")),
        (candidate("勾股定理"), candidate("勾股", "定理", published=10**9)),
    ],
)
def test_better_comes_first(better: Candidate, worse: Candidate) -> None:
    query = parse("勾股定理")
    assert score(query, better) > score(query, worse)


def test_chips_alone_are_looked_for_in_the_title_too() -> None:
    query = parse("七年级", VOCABULARY)
    assert score(query, candidate("七年级总结", chips=1)) > score(query, candidate("总结", chips=1))
