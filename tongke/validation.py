"""Errors of pydantic in words for a person: each field with what is wrong with it.

A person reads some of them and corrects those. A program may send a thousand wrong fields to keep
the service busy, so only the first are put into words, and their names are cut.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

from pydantic import ValidationError

from tongke.errors import Invalid, Text

# More than any form has fields.
MOST_SAID: Final = 20
# Longer than the way to any field of ours.
MOST_NAME_CHARACTERS: Final = 100

NO_SUCH_FIELD = Text("没有这一栏", "There is no such field")
_PROBLEMS = {
    "string_too_short": Text("请填这一栏", "Fill this in"),
    "missing": Text("请填这一栏", "Fill this in"),
    "string_too_long": Text("太长了，最多 {max_length} 个字", "At most {max_length} characters"),
    "too_long": Text("选得太多了，最多 {max_length} 个", "At most {max_length} of them"),
    "extra_forbidden": NO_SUCH_FIELD,
    "enum": Text("没有这一项，请从列表里选", "Choose one from the list"),
    "literal_error": Text("没有这一项，请从列表里选", "Choose one from the list"),
    "string_pattern_mismatch": Text("没有这一项，请从列表里选", "Choose one from the list"),
    "greater_than_equal": Text("最小是 {ge}", "{ge} at least"),
    "less_than_equal": Text("最大是 {le}", "{le} at most"),
    "int_parsing": Text("要写整数", "A whole number is wanted"),
    "int_type": Text("要写整数", "A whole number is wanted"),
    "timezone_aware": Text("时间要写明时区", "Say in which zone the time is"),
}
_UNCLEAR = Text("填得不对", "This is not right")


def invalid(error: ValidationError) -> Invalid:
    """A validation error of pydantic as ours: each field with words for a person."""
    fields = {}
    for problem in error.errors(include_url=False, include_input=False)[:MOST_SAID]:
        name = ".".join(str(part) for part in problem["loc"]) or "body"
        text = _PROBLEMS.get(problem["type"], _UNCLEAR)
        fields[name[:MOST_NAME_CHARACTERS]] = text.format(**problem.get("ctx", {}))
    return Invalid(fields)


def unknown_fields(names: Iterable[str]) -> Invalid:
    """The refusal of fields that are none of ours."""
    said = islice(names, MOST_SAID)
    return Invalid({name[:MOST_NAME_CHARACTERS]: NO_SUCH_FIELD for name in said})
