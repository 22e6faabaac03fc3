"""Pages of a list by cursor: `limit`, `cursor`, and in the answer `next`.

A cursor says where the last page ended, not how many rows to pass over, so a list that grows
meanwhile neither repeats nor leaves out. It is opaque to callers, and of no use to guess: what a
page holds is decided by who asks.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
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

# An id that is sent: an SQLite that is given a larger number breaks.
Number = Annotated[int, Field(ge=0, le=MAX_ID)]


class PageQuery(BaseModel):
    """Query parameters of every list."""

    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 20
    cursor: Annotated[str, Field(max_length=MAX_CURSOR)] | None = None

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
        if self.cursor is None:
            return None
        try:
            number = int(base64.urlsafe_b64decode(self.cursor.encode())[:20])
        except (ValueError, binascii.Error):
            number = -1
        if not 0 <= number <= MAX_ID:
            raise Invalid({"cursor": NO_CURSOR})
        return number


class Page(BaseModel, Generic[T]):
    """One page; `next` is the cursor of the following one, absent on the last."""

    items: list[T]
    next: str | None = None


def cursor_of(number: int) -> str:
    return base64.urlsafe_b64encode(str(number).encode()).decode()


def cut(rows: Sequence[R], limit: int, number: Callable[[R], int]) -> tuple[list[R], str | None]:
    """Of `limit + 1` rows asked for: those of the page, and the cursor of the next."""
    page = list(rows[:limit])
    more = len(rows) > limit
    return page, cursor_of(number(page[-1])) if more else None
