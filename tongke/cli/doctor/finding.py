"""What a check found, and how a check that broke becomes a finding too."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tongke.errors import Text, TongkeError


class State(StrEnum):
    OK = "ok"
    # Worth knowing, and nothing is broken by it.
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One check: which part, how it is, what was seen, and how to mend it."""

    part: str
    state: State
    seen: Text
    remedy: Text | None = None


def ok(part: str, zh: str, en: str | None = None) -> Finding:
    """`en` may be left out where there is nothing to translate."""
    return Finding(part, State.OK, Text(zh, en or zh))


def note(part: str, seen: Text, remedy: Text | None = None) -> Finding:
    return Finding(part, State.NOTE, seen, remedy)


def wrong(part: str, seen: Text, remedy: Text) -> Finding:
    return Finding(part, State.WRONG, seen, remedy)


def broken(part: str, error: Exception) -> Finding:
    """A check that raised: our errors say what to do, others are shown as they are."""
    if isinstance(error, TongkeError):
        return wrong(part, error.message, error.remedy)
    said = f"{type(error).__name__}: {error}"
    return wrong(
        part,
        Text(said, said),
        Text("请把这一行告诉维护人员", "Report this line to whoever maintains the installation"),
    )
