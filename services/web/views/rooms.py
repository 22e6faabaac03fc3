"""A school's classrooms, with their devices and recording appliances."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from services.web.views.people import Slip
from services.web.views.shell import Form, View
from tongke.classes.school.appliances import Seen


@dataclass(frozen=True)
class RoomRow:
    """A classroom. `is_shut`: the account of its device is disabled, and no code signs it in.
    `appliance`: what is known of the one that has its key, where the service takes any."""

    id: int
    name: str
    last_sign_in_at: datetime | None
    is_shut: bool
    key_hint: str
    appliance: Seen | None = None


@dataclass(frozen=True)
class RoomSlip:
    """The sign-in code of a room's device, shown once; `qr` is a drawing as a data address."""

    slip: Slip
    room: str
    url: str
    qr: str


@dataclass(frozen=True)
class RoomKey:
    """The key of a recording appliance, shown once. `server` is None where RTMP is off."""

    room: str
    key: str
    server: str | None


@dataclass(frozen=True)
class RoomsView(View):
    """Field of `form`: name. `renaming` keeps what was typed for the room `renaming_id`."""

    template = "rooms.html"
    section = "rooms"
    school: str
    school_id: int
    rooms: tuple[RoomRow, ...]
    drawn: int
    form: Form = field(default_factory=Form)
    renaming_id: int | None = None
    renaming: Form = field(default_factory=Form)
    slip: RoomSlip | None = None
    key: RoomKey | None = None
