"""The words of a class: its roles and who holds one, its phases, what is shown and played."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    LEAD = "lead"
    # In a receiving classroom, on a device of her own: her class does not see it.
    TEACHER = "teacher"
    # A receiving classroom's screen, with thirty children before it.
    ROOM = "room"
    OBSERVER = "observer"
    # A teacher whom a training is for, at a desk of her own: she is of the class, as rooms are.
    TRAINEE = "trainee"
    # A pupil's phone or tablet, in a quiz.
    DEVICE = "device"
    # Tongke itself: it knows the booking, and the publisher's line.
    SERVER = "server"


@dataclass(frozen=True)
class Who:
    """Somebody in a class. Of a room `id` is the room's own; of a device or a teacher, `room` is
    where they sit. The face fills this in from their credentials, nothing of it is asked."""

    role: Role
    id: str = ""
    room: str = ""

    def __str__(self) -> str:
        return f"{self.role}:{self.id}"

    @property
    def seat(self) -> str:
        """The room that they are or sit in."""
        return self.id if self.role is Role.ROOM else self.room


class Phase(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"


class PictureSource(StrEnum):
    """What the lesson's picture and sound come from."""

    PAGE = "page"  # the lead teacher's browser
    APPLIANCE = "appliance"  # 录播主机


class LessonKind(StrEnum):
    INTERACTIVE = "interactive"  # 互动: the rooms are in the talk throughout
    BROADCAST = "broadcast"  # 直播: rooms are called up one by one


class View(StrEnum):
    """What is composed into the lesson's picture."""

    TEACHER = "teacher"
    SLIDES = "slides"
    BOTH = "both"
    ROOM_IN_CORNER = "room_in_corner"
    ALL_ROOMS = "all_rooms"
    BOARD = "board"


class Level(StrEnum):
    """What a room's line carries, and what the room has therefore come down to."""

    FULL = "full"
    SMALL_PICTURE = "small_picture"
    SLIDES_AND_SOUND = "slides_and_sound"
    SOUND_ONLY = "sound_only"


class Playing(StrEnum):
    """What a room plays: the lesson in step, the talk, or what it missed (not in step)."""

    LESSON = "lesson"
    TALK = "talk"
    PAST = "past"
