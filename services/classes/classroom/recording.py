"""What a classroom is told of a recording before the class begins: the rule, who may see it, and
whether an appliance may make it, which keeps no rule."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.classes.booking.schemas import RecordingIn
from services.classes.school import audience_choices
from services.http.language import Language
from tongke.classes.models import LiveClass
from tongke.people.models import Room
from tongke.settings import Settings


class RecordingOut(RecordingIn):
    """The rule a class is kept by. `also_for` names whom the recording is for besides the teachers
    who take part and the administrators of the lead school, whose work it is."""

    also_for: list[str]


def told(session: Session, live: LiveClass, language: Language) -> RecordingOut:
    """In the language of who asks."""
    names = audience_choices.named(session, live, language)
    return RecordingOut(**RecordingIn.of(live).model_dump(), also_for=list(names))


def has_appliance(session: Session, live: LiveClass, settings: Settings) -> bool:
    """Whether a recording appliance may push from the room that leads."""
    room = session.get(Room, live.room_id) if settings.rtmp_port and live.room_id else None
    return room is not None and room.stream_key_hash is not None
