"""Classes and rooms as the JSON API says and takes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from services.http.api import Body
from services.http.paging import Number
from services.http.storable import Instant
from tongke import clock
from tongke.classes.models import LiveClass, Seat
from tongke.classes.plan.changes import MOST_REASON, Scope
from tongke.classes.school.recording_rule import RecordingRule
from tongke.classes.standing import Standing, standing
from tongke.classes.vocabulary import Purpose, SeatState, State
from tongke.live.vocabulary import LessonKind
from tongke.people.models import Room

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class RoomOut(BaseModel):
    """A classroom. `has_device`: its own device can take its seat by itself."""

    id: int
    name: str
    school_id: int
    school: str
    has_device: bool


class Rooms(BaseModel):
    items: list[RoomOut]


class SeatIn(Body):
    """A receiving classroom, with the teacher beside its pupils."""

    room_id: Number
    teacher_id: Number | None = None


class RecordingIn(Body):
    """Whether pupils' rooms are seen and heard in the recording."""

    rooms_seen: bool = True
    rooms_heard: bool = True

    @classmethod
    def of(cls, live: LiveClass) -> RecordingIn:
        """The rule that a class is kept by."""
        return cls.model_validate(RecordingRule.of(live.recording_rule).stored())


class ClassIn(Body):
    """A class to be booked. Without a `teacher_id` the booker holds it; `audience` are tokens of
    whom else it and its recording are for; `materials` are documents, by their numbers; without
    `recording` the school's own rule holds, and without an `audience` whom it names for its
    lessons."""

    title: Title
    mode: LessonKind = LessonKind.BROADCAST
    purpose: Purpose = Purpose.LESSON
    begins_at: Instant
    ends_at: Instant
    school_id: Number | None = None
    teacher_id: Number | None = None
    room_id: Number | None = None
    seats: list[SeatIn] = Field(default_factory=list, max_length=50)
    subject: Annotated[str, StringConstraints(max_length=20)] = ""
    grade: Annotated[str, StringConstraints(max_length=2)] = ""
    audience: Annotated[list[str], Field(max_length=20)] | None = None
    materials: list[Number] = Field(default_factory=list, max_length=50)
    recording: RecordingIn | None = None


class ClassChanges(Body):
    """Fields to change; what is absent stays, and so does what is null, but for `room_id`. Lists
    replace those that were. `scope`: this one, or it and those that follow in its series, which
    take the same changes, moved by as many school days, and keep what they have of their own."""

    title: Title | None = None
    mode: LessonKind | None = None
    purpose: Purpose | None = None
    begins_at: Instant | None = None
    ends_at: Instant | None = None
    teacher_id: Number | None = None
    room_id: Number | None = None
    seats: Annotated[list[SeatIn], Field(max_length=50)] | None = None
    subject: Annotated[str, StringConstraints(max_length=20)] | None = None
    grade: Annotated[str, StringConstraints(max_length=2)] | None = None
    audience: Annotated[list[str], Field(max_length=20)] | None = None
    materials: Annotated[list[Number], Field(max_length=50)] | None = None
    recording: RecordingIn | None = None
    scope: Scope = Scope.ONE

    def applied_to(self, booked: ClassIn) -> ClassIn:
        """The class as it is wanted now."""
        named = self.model_fields_set & ClassIn.model_fields.keys()
        said = {name: getattr(self, name) for name in named}
        changed = {name: value for name, value in said.items() if value is not None}
        return booked.model_copy(update=changed | ({"room_id": None} if _frees(said) else {}))


class MaterialsIn(Body):
    """Documents, by their numbers, that come after those that a class has."""

    materials: list[Number] = Field(min_length=1, max_length=50)


def _frees(said: Mapping[str, object]) -> bool:
    """Whether no room is to lead."""
    return "room_id" in said and said["room_id"] is None


class Answer(Body):
    """Whether a room takes part, and who will be beside its pupils; of one that does not why, which
    the lead's school reads."""

    state: Literal[SeatState.CONFIRMED, SeatState.DECLINED]
    teacher_id: Number | None = None
    because: Annotated[str, StringConstraints(max_length=MOST_REASON)] = ""
    scope: Scope = Scope.ONE


class Confirmed(Body):
    scope: Scope = Scope.ONE


class Cancelled(Body):
    """Why, which everybody concerned reads, and of which classes of a series."""

    because: Annotated[str, StringConstraints(min_length=1, max_length=MOST_REASON)]
    scope: Scope = Scope.ONE


class SeatOut(BaseModel):
    room: RoomOut
    teacher: str | None
    state: SeatState


class ClassOut(BaseModel):
    """A class. `hls` while it runs; `resource_id` is its recording, once it has ended."""

    id: int
    title: str
    mode: LessonKind
    purpose: Purpose
    state: State
    standing: Standing
    series: str | None
    subject: str
    grade: str
    begins_at: datetime
    ends_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    teacher: str
    school_id: int
    school: str
    room_id: int | None
    seats: list[SeatOut]
    materials: list[int]
    recording: RecordingIn
    delay_ms: int
    is_mine: bool
    hls: str | None
    resource_id: int | None
    cancelled_because: str


class Classes(BaseModel):
    items: list[ClassOut]


def room_out(room: Room) -> RoomOut:
    return RoomOut(
        id=room.id,
        name=room.name,
        school_id=room.school_id,
        school=room.school.name,
        has_device=room.account_id is not None,
    )


def booked_as(live: LiveClass, invited: Collection[str]) -> ClassIn:
    """A class as it would be asked for. Its recording's rule is kept where none is said."""
    return ClassIn(
        title=live.title,
        mode=LessonKind(live.mode),
        purpose=Purpose(live.purpose),
        begins_at=live.begins_at,
        ends_at=live.ends_at,
        school_id=live.school_id,
        teacher_id=live.teacher_id,
        room_id=live.room_id,
        seats=[SeatIn(room_id=s.room_id, teacher_id=s.teacher_id) for s in live.seats],
        subject=live.subject,
        grade=live.grade,
        audience=sorted(invited),
        materials=[material.resource_id for material in live.materials],
    )


def class_out(live: LiveClass, account_id: int) -> ClassOut:
    """A class, as it is told to an account that may see it."""
    running = live.state == State.RUNNING
    return ClassOut(
        id=live.id,
        title=live.title,
        mode=LessonKind(live.mode),
        purpose=Purpose(live.purpose),
        state=State(live.state),
        standing=standing(live, clock.now()),
        series=live.series,
        subject=live.subject,
        grade=live.grade,
        begins_at=live.begins_at,
        ends_at=live.ends_at,
        started_at=live.started_at,
        ended_at=live.ended_at,
        teacher=live.teacher.name,
        school_id=live.school_id,
        school=live.school.name,
        room_id=live.room_id,
        materials=[material.resource_id for material in live.materials],
        recording=RecordingIn.of(live),
        seats=[_seat(seat) for seat in live.seats],
        delay_ms=live.delay_ms,
        is_mine=live.teacher_id == account_id,
        hls=f"/live/{live.id}/program.m3u8" if running else None,
        resource_id=live.resource_id if live.state == State.ENDED else None,
        cancelled_because=live.cancelled_because,
    )


def _seat(seat: Seat) -> SeatOut:
    return SeatOut(
        room=room_out(seat.room),
        teacher=seat.teacher.name if seat.teacher else None,
        state=SeatState(seat.state),
    )
