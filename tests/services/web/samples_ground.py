"""Who looks at the sample pages, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.http.language import Language
from services.web import views as v

# A Tuesday morning, 10:12 in Hunan.
NOW = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)


def ago(days: float = 0, hours: float = 0) -> datetime:
    return NOW - timedelta(days=days, hours=hours)


TEACHER = v.Person("向雨禾", "龙山县桐木溪中学", may_upload=True)
HEAD = v.Person("田小满", "龙山县桐木溪中学", may_upload=True, manages_people=True)
OFFICER = v.Person("彭叙言", "龙山县教育局", may_review=True, sees_schools=True, waiting=3)


def shell(language: Language = "zh", person: v.Person | None = TEACHER, path: str = "/") -> v.Shell:
    return v.Shell(language, "sample-csrf-token", path, person, request_id="01JDF3K8Q2")
