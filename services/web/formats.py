"""How days, times, sizes and lengths are written in a page.

Kept in UTC, shown in Asia/Shanghai. Chinese setting follows the design's rules: Arabic numerals,
今天 and 昨天 within two days, no space before 年 月 日, a space before a unit of Latin letters.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from babel.dates import format_date
from markupsafe import Markup, escape

from services.http.language import Language, say
from tongke.clock import CHINA
from tongke.errors import Text

DAY = {"zh": "M月d日", "en": "d MMM"}
DAY_AND_YEAR = {"zh": "y年M月d日", "en": "d MMM y"}
DAY_AND_WEEKDAY = {"zh": "M月d日\u3000EEEE", "en": "EEEE, d MMMM"}
WEEKDAY = {"zh": "EEE d日", "en": "EEE d"}
WEEKDAY_NAME = "EEE"

KIB = 1024
# A name in a list keeps its end: 「第2课时」 and the extension tell files of a batch apart.
SHORT_NAME_LENGTH = 24
SHORT_NAME_TAIL = 11
# 「2026 年修订）」: longer brackets would not fit a narrow column whole.
LONGEST_TAIL = 10
CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Formats:
    """The filters of one language. `now` is the clock, so that a page can be drawn for any day."""

    language: Language
    translations: gettext.NullTranslations
    now: Callable[[], datetime]

    def _(self, message: str) -> str:
        return self.translations.gettext(message)

    def day(self, when: datetime | date) -> str:
        """今天, 昨天, 11月20日, 2025年11月20日."""
        day, today = _in_china(when), _in_china(self.now())
        if day == today:
            return self._("今天")
        if day == today - timedelta(days=1):
            return self._("昨天")
        return self.plain_day(day)

    def plain_day(self, when: datetime | date) -> str:
        """11月20日, 2025年11月20日: today and yesterday too."""
        day, today = _in_china(when), _in_china(self.now())
        pattern = DAY if day.year == today.year else DAY_AND_YEAR
        return format_date(day, pattern[self.language], locale=self.language)

    def day_time(self, when: datetime) -> str:
        """今天 10:12."""
        return f"{self.day(when)} {when.astimezone(CHINA):%H:%M}"

    def long_day(self, when: datetime | date) -> str:
        """11月24日 星期二, with a full-width space between."""
        return format_date(_in_china(when), DAY_AND_WEEKDAY[self.language], locale=self.language)

    def weekday(self, when: datetime | date) -> str:
        """周三 18日; today is said so."""
        day = _in_china(when)
        if day == _in_china(self.now()):
            return self._("今天")
        return format_date(day, WEEKDAY[self.language], locale=self.language)

    def weekday_name(self, when: datetime | date) -> str:
        """周三."""
        return format_date(_in_china(when), WEEKDAY_NAME, locale=self.language)

    def length(self, seconds: float) -> str:
        """A length of time in words, at the precision in which a reader plans: 40 秒, 27 分钟."""
        if seconds < 60:
            return self._("%(n)s 秒") % {"n": max(1, round(seconds))}
        return self._("%(n)s 分钟") % {"n": number(round(seconds / 60))}

    def say(self, text: Text) -> str:
        """A text that carries both languages (errors), in this page's."""
        return say(text, self.language)


def number(value: int) -> str:
    """1,624."""
    return f"{value:,}"


def tenths(value: float) -> str:
    """4.3, as a teacher calculates it: 4.25 is rounded up."""
    return str(Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def clock(seconds: float) -> str:
    """A place in a recording, or its length: 41:06, 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def time_of_day(when: datetime | time) -> str:
    """10:12."""
    moment = when.astimezone(CHINA) if isinstance(when, datetime) else when
    return f"{moment:%H:%M}"


def size(count: int) -> str:
    """Bytes as a file manager says them: 180 KB, 6.2 MB, 1.42 GB (units of 1024)."""
    if count >= KIB**3:
        return f"{count / KIB**3:.2f} GB"
    if count >= KIB**2:
        megabytes = count / KIB**2
        return f"{megabytes:.1f} MB" if megabytes < 10 else f"{megabytes:.0f} MB"
    return f"{max(1, round(count / KIB)) if count else 0} KB"


def short_name(name: str) -> str:
    """A file's name, shortened in the middle."""
    if len(name) <= SHORT_NAME_LENGTH:
        return name
    return f"{name[: SHORT_NAME_LENGTH - SHORT_NAME_TAIL - 1]}…{name[-SHORT_NAME_TAIL:]}"


def ending(name: str) -> str:
    """What a file's name ends with, as people say it: .docx."""
    _, dot, extension = name.rpartition(".")
    return dot + extension.lower() if dot else ""


def bracket_tail(title: str) -> tuple[str, str]:
    """A title and the bracket it ends with, if that is short: a title breaks before it only."""
    whole, opening, tail = title.rpartition("（")
    if whole and title.endswith("）") and len(tail) <= LONGEST_TAIL:
        return whole, opening + tail
    return title, ""


def code_spans(text: str) -> Markup:
    """Escaped, with what stands in `backticks` as code: how our API's descriptions are written."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 escaped before


def _in_china(when: datetime | date) -> date:
    return when.astimezone(CHINA).date() if isinstance(when, datetime) else when
