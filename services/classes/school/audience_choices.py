"""Whom else a school's classes and their recordings may be for: what a booking offers, and what the
school's rule may choose beforehand."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.http.call import Call
from services.library import audiences
from services.web.views import AudienceChoice
from tongke.people.models import School


def offered(session: Session, call: Call, school: School) -> tuple[AudienceChoice, ...]:
    """Without oneself, who sees it anyway; and no officer looks at a class before it is given."""
    choices = audiences.choices(session, call.viewer, call.language, school)
    return tuple(choice for choice in choices[1:] if choice.reviewer is None)
