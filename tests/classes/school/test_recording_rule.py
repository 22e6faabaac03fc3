"""When a recording shows more of the rooms than another one."""

from __future__ import annotations

from itertools import product

from tongke.classes.school.recording_rule import RecordingRule

RULES = [RecordingRule(seen, heard) for seen, heard in product((True, False), repeat=2)]


def shown(rule: RecordingRule) -> set[str]:
    return {name for name, yes in rule.stored().items() if yes}


def test_it_shows_more_where_anything_is_there_that_was_not() -> None:
    for rule, other in product(RULES, repeat=2):
        assert rule.shows_more_than(other) is bool(shown(rule) - shown(other)), (rule, other)


def test_what_was_never_said_shows_all_and_nothing_shows_more() -> None:
    unsaid = RecordingRule.of({})
    assert not any(rule.shows_more_than(unsaid) for rule in RULES)
