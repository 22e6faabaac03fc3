"""What a partner says yes or no to: when a class is, what its recording shows, and for whom.

A page keeps what it showed of them; an answer to anything else is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from sqlalchemy.orm import Session

from tongke.classes.models import LiveClass
from tongke.classes.plan import tokens
from tongke.classes.school.recording_rule import RecordingRule
from tongke.errors import Conflict, Text

# Hexadecimal digits: that two terms of one class share them does not happen by chance.
_DIGITS = 16


class TermsChanged(Conflict):
    code = "terms-changed"
    message = Text(
        "你打开这一页以后，上课时间或者谁能看、录什么改过了",
        "Since you opened this page the time, the recording or who may see it was changed",
    )
    remedy = Text("请看清现在的安排，再回复一次", "Read how it is now, then answer once more")


def shown(session: Session, rows: Iterable[LiveClass]) -> str:
    """The terms of these classes, for a page to hand back with the answer."""
    return " ".join(f"{live.id}:{_digest(session, live)}" for live in rows)


def must_be(session: Session, rows: Iterable[LiveClass], as_shown: str) -> None:
    """Raises TermsChanged: of one of these classes they are not what `shown` gave."""
    held = set(as_shown.split())
    if not held.issuperset(shown(session, rows).split()):
        raise TermsChanged


def _digest(session: Session, live: LiveClass) -> str:
    rule = RecordingRule.of(live.recording_rule)
    times = (live.begins_at.timestamp(), live.ends_at.timestamp())
    whom = sorted(tokens.invited(session, live))
    said = repr((times, rule.rooms_seen, rule.rooms_heard, whom))
    return sha256(said.encode()).hexdigest()[:_DIGITS]
