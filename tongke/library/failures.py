"""Why a job failed, as its row keeps it: an error of ours written down, and read back.

Kept in words, not as the name of a class: the row outlives the version of the code that wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tongke.errors import Text, TongkeError, Unpublishable


@dataclass(frozen=True)
class Failure:
    """`may_retry` where another try may not meet it."""

    code: str
    message: Text
    remedy: Text
    may_retry: bool


def write_down(error: TongkeError) -> dict[str, Any]:
    """An error as JSON values."""
    return {
        "code": error.code,
        "message": error.message._asdict(),
        "remedy": error.remedy._asdict(),
        # The same file is refused for the same reason every time.
        "may_retry": not isinstance(error, Unpublishable),
    }


def read_back(reason: Mapping[str, Any]) -> Failure:
    """What `write_down` wrote."""
    return Failure(
        code=reason["code"],
        message=Text(**reason["message"]),
        remedy=Text(**reason["remedy"]),
        may_retry=reason["may_retry"],
    )
