"""Days, lengths and sizes as the design writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.http.language import Language
from services.web import formats
from services.web.i18n import translations
from tongke.errors import NotFound

# 23:30 in Hunan on 24 November: the day there, not in UTC, is what counts.
LATE = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)


def written(language: Language) -> formats.Formats:
    return formats.Formats(language, translations(language), lambda: LATE)


@pytest.mark.parametrize(
    ("when", "zh", "en"),
    [
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), "今天", "Today"),
        (datetime(2026, 11, 23, 15, 59, tzinfo=UTC), "昨天", "Yesterday"),
        (date(2026, 11, 20), "11月20日", "20 Nov"),
        (date(2025, 11, 20), "2025年11月20日", "20 Nov 2025"),
    ],
)
def test_days(when: date, zh: str, en: str) -> None:
    assert written("zh").day(when) == zh
    assert written("en").day(when) == en


def test_days_with_their_time_and_weekday() -> None:
    assert written("zh").day_time(LATE) == "今天 23:30"
    assert written("zh").long_day(LATE) == "11月24日\u3000星期二"
    assert written("zh").weekday(date(2026, 11, 18)) == "周三 18日"
    assert written("en").weekday(date(2026, 11, 18)) == "Wed 18"
    assert written("en").weekday(LATE) == "Today"


@pytest.mark.parametrize(
    ("mean", "said"),
    [(17 / 4, "4.3"), (87 / 20, "4.4"), (4.0, "4.0"), (13 / 3, "4.3"), (0.05, "0.1")],
)
def test_a_mean_is_rounded_as_a_teacher_rounds_it(mean: float, said: str) -> None:
    assert formats.tenths(mean) == said


def test_lengths_and_places() -> None:
    assert written("zh").length(1632) == "27 分钟"
    assert written("zh").length(0.2) == "1 秒"
    assert written("en").length(128) == "2 min"
    assert formats.clock(2466) == "41:06"
    assert formats.clock(3723.9) == "1:02:03"
    assert formats.number(12486) == "12,486"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 KB"),
        (1, "1 KB"),
        (184_320, "180 KB"),
        (6_500_000, "6.2 MB"),
        (432_013_312, "412 MB"),
        (1_524_713_390, "1.42 GB"),
    ],
)
def test_sizes(count: int, said: str) -> None:
    assert formats.size(count) == said


def test_an_error_is_said_in_the_language_of_the_page() -> None:
    assert written("zh").say(NotFound().message) == "没有找到"
    assert written("en").say(NotFound().message) == "Not found"


def test_a_long_name_keeps_what_tells_it_apart() -> None:
    name = "5.3 实际问题与一元一次方程的综合应用（第2课时）.mp4"
    assert formats.short_name(name).endswith("第2课时）.mp4")
    assert formats.short_name("课件.pptx") == "课件.pptx"


@given(st.text())
def test_a_shortened_name_is_short(name: str) -> None:
    assert len(formats.short_name(name)) <= formats.SHORT_NAME_LENGTH


@given(st.text(alphabet="（）第2课时x"))
def test_a_title_and_its_bracket_make_the_title(title: str) -> None:
    assert "".join(formats.bracket_tail(title)) == title


def test_a_title_breaks_before_its_bracket() -> None:
    assert formats.bracket_tail("一元一次方程（第 2 课时）") == ("一元一次方程", "（第 2 课时）")
    assert formats.bracket_tail("（草稿）") == ("（草稿）", "")


def test_words_in_backticks_are_code_and_markup_is_not() -> None:
    assert formats.code_spans("`mine=1` <b>") == "<code>mine=1</code> &lt;b&gt;"
