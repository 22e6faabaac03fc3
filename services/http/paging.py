"""Pages of a list by cursor: `limit`, `cursor`, and in the answer `next`.

A cursor says where the last page ended, not how many rows to pass over, so a list that grows
meanwhile neither repeats nor leaves out. It is opaque to callers, and of no use to guess: what a
page holds is decided by who asks.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, Field

from tongke.errors import Invalid, Text

T = TypeVar("T")
R = TypeVar("R")

MAX_LIMIT = 100
MAX_CURSOR = 400
NO_CURSOR = Text("页码不对", "This is not a cursor of ours")
# Larger than any id we will give, and still a number that every database and script can hold.
MAX_ID = 2**53
MAX_DIGITS = len(str(MAX_ID))
# In a cursor moments are whole microseconds, as the databases keep them: until 2255 no larger.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# An id that is sent: an SQLite that is given a larger number breaks.
Number = Annotated[int, Field(ge=0, le=MAX_ID)]


class PageQuery(BaseModel):
    """Query parameters of every list."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="How many on a page.")] = 20
    cursor: Annotated[
        str | None, Field(max_length=MAX_CURSOR, description="The `next` of the page before.")
    ] = None

    @classmethod
    def of(cls, query: Mapping[str, str], *, limit: int = 20) -> PageQuery:
        """The page that an address asks for. Raises `Invalid`."""
        cursor = query.get("cursor")
        if cursor is not None and len(cursor) > MAX_CURSOR:
            raise Invalid({"cursor": NO_CURSOR})
        return cls(limit=limit, cursor=cursor)

    @property
    def after_id(self) -> int | None:
        """The number in the cursor, for lists in order of a number."""
        found = self._numbers(1)
        return None if found is None else found[0]

    @property
    def after_moment(self) -> tuple[datetime, int] | None:
        """The moment and the number in the cursor, for lists in the order of the clock."""
        found = self._numbers(2)
        return None if found is None else (EPOCH + found[0] * MICROSECOND, found[1])

    def _numbers(self, count: int) -> tuple[int, ...] | None:
        if self.cursor is None:
            return None
        try:
            text = base64.urlsafe_b64decode(self.cursor.encode())[:MAX_CURSOR]
            numbers = tuple(int(part[: MAX_DIGITS + 1]) for part in text.split(b"."))
        except (ValueError, binascii.Error):
            numbers = ()
        if len(numbers) != count or not all(0 <= number <= MAX_ID for number in numbers):
            raise Invalid({"cursor": NO_CURSOR})
        return numbers


class Page(BaseModel, Generic[T]):
    """One page; `next` is the cursor of the following one, absent on the last."""

    items: list[T]
    next: str | None = None


def cursor_of(*numbers: int) -> str:
    return base64.urlsafe_b64encode(".".join(map(str, numbers)).encode()).decode()


def cut(
    rows: Sequence[R], limit: int, number: Callable[[R], int | tuple[datetime, int]]
) -> tuple[list[R], str | None]:
    """Of `limit + 1` rows asked for: those of the page, and the cursor of the next. `number` is by
    what they are in order: a number, or a moment and a number."""
    page = list(rows[:limit])
    if len(rows) <= limit:
        return page, None
    last = number(page[-1])
    if isinstance(last, int):
        return page, cursor_of(last)
    return page, cursor_of((last[0] - EPOCH) // MICROSECOND, last[1])
