"""Whom a class was opened to by who booked it, besides those who take part by its places.

In a training teachers are the class: those whose schools it was opened to, by their own names or by
an agreement, take part in it. A region's or everybody's training is there for whoever likes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import ColumnElement, String, and_, cast, literal, select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.classes.models import ClassToken, LiveClass
from tongke.classes.vocabulary import Purpose
from tongke.errors import Invalid, Text
from tongke.people import audience
from tongke.people.audience import EVERYONE, SCHOOL_PEOPLE, Viewer
from tongke.people.models import Account, Agreement, Role, School

# What a booker may invite: people by where they are. Its own people a class carries anyway.
_SCHOOL: Final = "school:"
INVITED: Final = (_SCHOOL, "agreement:", "region:", EVERYONE)

NOT_TRUSTED: Final = Text(
    "{token}：要教育局同意，只有教育局定为免审的学校能在约课时请；下课后可以改录像的可见范围，送教育局审核",
    "{token}: an officer lets them in, and only a trusted school invites them when it books; after "
    "the class, offer them its recording, which an officer then looks at",
)
NO_SUCH: Final = Text(
    "{token}：没有这样的范围，能请的是 school:、agreement:、region: 加编号，或 everyone",
    "{token}: there is no such audience; use school:, agreement: or region: with a number, or "
    "everyone",
)
_HELD_BY: Final = {
    _SCHOOL: Text(
        "{token}：只有这所学校自己的人能请", "{token}: only that school's own people invite it"
    ),
    "agreement:": Text(
        "{token}：只有协议双方学校的人能请，协议要在有效期内",
        "{token}: only the people of its two schools invite it, while the agreement holds",
    ),
    "region:": Text(
        "{token}：只有这个地区里的学校能请", "{token}: only schools within that region invite it"
    ),
}

# Each who is told is a row. Two large schools have less; whoever is not told finds the training on
# home and in their calendar, as all do.
MOST_TOLD: Final = 500


def invitable(
    session: Session, viewer: Viewer, school_id: int, wanted: Collection[str]
) -> frozenset[str]:
    """Whom somebody may invite to a class of a school. A region, or everybody, is let in by an
    officer, who looks at the recording; at once only where the school is trusted."""
    held = {token for token in viewer.tokens.intersection(wanted) if token.startswith(INVITED)}
    if session.get_one(School, school_id).trusted:
        return frozenset(held)
    return frozenset(t for t in held if t != EVERYONE and not t.startswith("region:"))


def must_be_invitable(
    session: Session, viewer: Viewer, school_id: int, wanted: Collection[str]
) -> None:
    """Raises Invalid: of these somebody may not invite all to a class of a school; it says which
    not, and who may."""
    refused = sorted(set(wanted) - invitable(session, viewer, school_id, wanted))
    if refused:
        why = [_refusal(viewer, token).format(token=token) for token in refused]
        text = Text("；".join(each.zh for each in why), "; ".join(each.en for each in why))
        raise Invalid({"audience": text})


def _refusal(viewer: Viewer, token: str) -> Text:
    if token in viewer.tokens and token.startswith(INVITED):
        return NOT_TRUSTED
    return next((text for start, text in _HELD_BY.items() if token.startswith(start)), NO_SUCH)


def tokens(session: Session, live: LiveClass) -> frozenset[str]:
    """Whom the booker invited."""
    carried = select(ClassToken.token).where(ClassToken.class_id == live.id)
    return frozenset(token for token in session.scalars(carried) if token.startswith(INVITED))


def holds() -> ColumnElement[bool]:
    """That an agreement holds today."""
    today = clock.today()
    return and_(Agreement.active, Agreement.starts_on <= today, Agreement.ends_on >= today)


def token_of_agreement() -> ColumnElement[str]:
    """The token of each agreement, as a class carries it."""
    return literal(audience.agreement("")) + cast(Agreement.id, String)


def schools(session: Session, named: Iterable[str]) -> list[School]:
    """The schools that these tokens name, alone or as a pair that holds today."""
    named = list(named)
    wanted = {int(token.removeprefix(_SCHOOL)) for token in named if token.startswith(_SCHOOL)}
    for pair in pairs(session, named):
        wanted |= {pair.lead_school_id, pair.supported_school_id}
    return list(session.scalars(select(School).where(School.id.in_(wanted))))


def pairs(session: Session, named: Iterable[str]) -> list[Agreement]:
    """The agreements that these tokens name and that hold today."""
    numbers = [int(number) for number in audience.agreements_of(named)]
    return list(session.scalars(select(Agreement).where(holds(), Agreement.id.in_(numbers))))


def people(session: Session, live: LiveClass) -> set[int]:
    """Whom a training's booker asked to come, so that they are told of it: the people of the
    schools that it was opened to; nobody where they are too many. Of a lesson nobody is."""
    if live.purpose != Purpose.TRAINING:
        return set()
    asked = [school.id for school in schools(session, tokens(session, live))]
    found = (
        select(Role.account_id)
        .join(Role.account)
        .where(
            Role.school_id.in_(asked),
            Role.name.in_(SCHOOL_PEOPLE),
            Account.disabled_at.is_(None),
        )
        .distinct()
        .limit(MOST_TOLD + 1)
    )
    told = set(session.scalars(found))
    return told if len(told) <= MOST_TOLD else set()
