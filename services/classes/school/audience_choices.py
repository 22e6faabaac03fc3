"""Whom else a school's classes and their recordings may be for: what a booking offers, what the
school's rule may choose beforehand, and how a class says it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.http.call import Call
from services.http.language import Language
from services.library import audiences
from services.web.views import AudienceChoice
from tongke.classes.models import LiveClass
from tongke.classes.plan.tokens import invited
from tongke.people import audience
from tongke.people.models import Agreement, School


def offered(session: Session, call: Call, school: School) -> tuple[AudienceChoice, ...]:
    """Without oneself, who sees it anyway; and no officer looks at a class before it is given."""
    choices = audiences.choices(session, call.viewer, call.language, school)
    return tuple(choice for choice in choices[1:] if choice.reviewer is None)


def named(session: Session, live: LiveClass, language: Language) -> tuple[str, ...]:
    """Whom a class was opened to. A pair is its two schools, as the booking names them: that of the
    class first."""
    tokens = set(invited(session, live))
    for number in audience.agreements_of(tokens):
        tokens.remove(audience.agreement(number))
        if pair := session.get(Agreement, int(number)):
            sides = pair.lead_school_id, pair.supported_school_id
            tokens |= {audience.school(side) for side in sides}
    own = audience.school(live.school_id)
    in_order = sorted(tokens, key=lambda token: (token != own, token))
    return audiences.labels(session, in_order, language)
