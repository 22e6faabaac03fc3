"""The names by which a query may call a grade, a subject, a stage, a kind: what becomes chips."""

from __future__ import annotations

from search.query import Vocabulary
from services.web import labels

# How teachers also say it; the labels themselves are added below.
_ALSO: dict[str, dict[str, str]] = {
    "grade": {
        **{f"{number}年级": str(number) for number in range(1, 10)},
        "初一": "7",
        "初二": "8",
        "初三": "9",
        "高一年级": "10",
        "高二年级": "11",
        "高三年级": "12",
    },
    "subject": {
        "道法": "politics",
        "思想政治": "politics",
        "政治": "politics",
        "体育": "pe",
        "信息技术": "it",
        "劳动教育": "labor",
        "心理": "psychology",
    },
    "stage": {"幼儿园": "preschool"},
    "kind": {
        "录像": "lesson_recording",
        "课堂录像": "lesson_recording",
        "制度": "management_policy",
    },
}

_TABLES = {
    "grade": labels.GRADE,
    "subject": labels.SUBJECT,
    "stage": labels.STAGE,
    "kind": labels.KIND,
}

VOCABULARY = Vocabulary(
    {
        facet: {**{label: str(value) for value, label in table.items()}, **_ALSO[facet]}
        for facet, table in _TABLES.items()
    }
)
