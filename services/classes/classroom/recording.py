"""What a classroom is told of a recording before the class begins: the rule, and who may see it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.classes.booking.schemas import RecordingIn
from services.http.language import Language
from services.library import audiences
from tongke.classes.models import LiveClass
from tongke.classes.plan.tokens import invited


class RecordingOut(RecordingIn):
    """The rule a class is kept by. `also_for` names whom the recording is for besides the teachers
    who take part and the administrators of the lead school, whose work it is."""

    also_for: list[str]


def told(session: Session, live: LiveClass, language: Language) -> RecordingOut:
    """In the language of who asks."""
    names = audiences.labels(session, sorted(invited(session, live)), language)
    return RecordingOut(**RecordingIn.of(live).model_dump(), also_for=list(names))
