"""A classroom's screen, who watches unseen, and pupils' telephones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.web.views.shell import Form, View


@dataclass(frozen=True)
class RoomInView(View):
    """A device signs in. Field: code."""

    template = "room_in.html"
    form: Form = field(default_factory=Form)


@dataclass(frozen=True)
class RoomView(View):
    """A classroom's screen; what is next it asks for itself."""

    template = "classroom_room.html"
    room: str
    school: str


@dataclass(frozen=True)
class WatchView(View):
    """A class for who is not one of its rooms: `me`, an account. `room`: where its viewer is with
    the pupils; `rooms` are all, by their numbers, each with its school's name. `is_training`: it is
    for teachers; `is_trainee`: she is of it herself."""

    template = "classroom_watch.html"
    class_id: int
    title: str
    teacher: str
    school: str
    me: int
    rooms: Mapping[str, str]
    room: str = ""
    is_training: bool = False
    is_trainee: bool = False


@dataclass(frozen=True)
class PhoneInView(View):
    """Six digits to be typed. Field: code."""

    template = "phone_in.html"
    form: Form = field(default_factory=Form)


@dataclass(frozen=True)
class PhonePlace:
    """Where a pupil may sit; `value` as the form sends it."""

    value: str
    name: str


@dataclass(frozen=True)
class PhoneJoinView(View):
    """A place to be taken; in a training by a teacher, at a desk of her own where no room takes
    part. Fields: room, name."""

    template = "phone_join.html"
    code: str
    title: str
    places: tuple[PhonePlace, ...]
    is_training: bool = False
    form: Form = field(default_factory=Form)


@dataclass(frozen=True)
class PhoneView(View):
    """A pupil's telephone in the class, whose name is a seat's number; in a training a teacher's,
    with her own name, and at a desk of her own without a place."""

    template = "classroom_phone.html"
    class_id: int
    title: str
    place: str
    name: str
    is_training: bool
