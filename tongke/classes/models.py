"""Tables of the synchronized classroom: rooms, classes, who takes part, and what happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tongke.people.models import Account, Room, School
from tongke.storage.database import NEVER_REUSED, Base, RightsBearing


# To those who are told of rights (`RightsBearing`). The colon and the slash are what processes of
# versions that know the one and not the other go by (`people.models.account_thing`).
def class_thing(number: int) -> str:
    """The pictures and the sound of a class."""
    return f"class:{number}"


def lines_thing(number: int) -> str:
    """The lines to a class. Whom its lead sends out is given no pictures, but keeps the line: no
    line is asked about then."""
    return f"lines/{number}"


def _all_of(class_id: int) -> tuple[str, ...]:
    return (class_thing(class_id), lines_thing(class_id))


class LiveClass(RightsBearing, Base):
    """One lesson that several classrooms live in the same moment (同步课堂)."""

    no_right = frozenset(
        ("title", "subject", "grade", "revision", "changed_at", "delay_ms", "epoch")
    )
    __tablename__ = "live_class"
    __table_args__ = (Index("ix_live_class_when", "begins_at", "ends_at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(20), default="")
    grade: Mapped[str] = mapped_column(String(2), default="")
    # Interactive or broadcast (互动 or 直播), and a lesson or a training of teachers.
    mode: Mapped[str] = mapped_column(String(12))
    purpose: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), index=True)
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    teacher_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(
        ForeignKey("room.id", ondelete="SET NULL"), index=True
    )
    # Lessons that were booked at once, every week of a term.
    series: Mapped[str | None] = mapped_column(String(32), index=True)
    booked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cancelled_because: Mapped[str] = mapped_column(Text, default="")
    # Counts changes of time, place and state, for calendars that have the class already.
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime | None]
    # How late every room sees it, in milliseconds.
    delay_ms: Mapped[int] = mapped_column(default=1500)
    # What pupils type to join with a telephone, while the class lasts.
    phone_code: Mapped[str | None] = mapped_column(String(6), unique=True, index=True)
    # Counts who carried it: names made under one number are never made again.
    epoch: Mapped[int] = mapped_column(default=0)
    # What the recording may show, and to whom: shown before the class and kept with it.
    recording_rule: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    resource_id: Mapped[int | None] = mapped_column(
        ForeignKey("resource.id", ondelete="SET NULL"), unique=True
    )
    teacher: Mapped[Account] = relationship(foreign_keys=[teacher_id])
    school: Mapped[School] = relationship()
    seats: Mapped[list[Seat]] = relationship(
        back_populates="live_class", cascade="all, delete-orphan", order_by="Seat.id"
    )
    materials: Mapped[list[Material]] = relationship(
        cascade="all, delete-orphan", order_by="Material.position"
    )

    def concerns(self) -> tuple[str, ...]:
        return _all_of(self.id)


class Seat(RightsBearing, Base):
    """A receiving classroom's place in a class, and the teacher who is with its pupils."""

    __tablename__ = "seat"
    __table_args__ = (UniqueConstraint("class_id", "room_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("live_class.id", ondelete="CASCADE"))
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), index=True)
    teacher_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    # Asked, confirmed or declined by the partner.
    state: Mapped[str] = mapped_column(String(10))
    # In the partner's words; empty where it gave none, or takes part.
    declined_because: Mapped[str] = mapped_column(Text, default="", server_default="")
    live_class: Mapped[LiveClass] = relationship(back_populates="seats")
    room: Mapped[Room] = relationship()
    teacher: Mapped[Account | None] = relationship()

    def concerns(self) -> tuple[str, ...]:
        return _all_of(self.class_id)


class Material(RightsBearing, Base):
    """A resource that a class is given with: its pages are shown as slides, and who may see the
    class may see them there."""

    __tablename__ = "class_material"

    class_id: Mapped[int] = mapped_column(
        ForeignKey("live_class.id", ondelete="CASCADE"), primary_key=True
    )
    resource_id: Mapped[int] = mapped_column(
        ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int]

    def concerns(self) -> tuple[str, ...]:
        return _all_of(self.class_id)


class Device(Base):
    """A pupil's telephone or tablet in a class: no account, a number in a room."""

    __tablename__ = "class_device"

    id: Mapped[int] = mapped_column(primary_key=True)
    class_id: Mapped[int] = mapped_column(
        ForeignKey("live_class.id", ondelete="CASCADE"), index=True
    )
    # None: in the lead classroom.
    room_id: Mapped[int | None] = mapped_column(
        ForeignKey("room.id", ondelete="CASCADE"), index=True
    )
    # As the pupil wrote it: a seat number.
    name: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]


class ClassToken(RightsBearing, Base):
    """What a class carries: who may see that it is, and watch it (`people.audience`)."""

    __tablename__ = "class_token"

    class_id: Mapped[int] = mapped_column(
        ForeignKey("live_class.id", ondelete="CASCADE"), primary_key=True
    )
    token: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)

    def concerns(self) -> tuple[str, ...]:
        return _all_of(self.class_id)


# What observers write. They are few among the strokes of a log, and are looked for in all classes.
NOTE_KINDS: Final = ("note", "erase_note")
_ARE_NOTES: Final = text(f"kind IN {NOTE_KINDS}")


class ClassEvent(Base):
    """Something that happened in a class, at a media time: the log from which its state is made."""

    __tablename__ = "class_event"
    __table_args__ = (
        Index(
            "ix_class_event_notes",
            "class_id",
            "seq",
            sqlite_where=_ARE_NOTES,
            postgresql_where=_ARE_NOTES,
        ),
    )

    class_id: Mapped[int] = mapped_column(
        ForeignKey("live_class.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(primary_key=True)
    media_ms: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(30))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)


class LiveSegment(Base):
    """A segment that is whole and in the object store: of it the recording is made."""

    __tablename__ = "live_segment"

    class_id: Mapped[int] = mapped_column(
        ForeignKey("live_class.id", ondelete="CASCADE"), primary_key=True
    )
    rendition: Mapped[str] = mapped_column(String(10), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    map_name: Mapped[str] = mapped_column(String(60))
    codecs: Mapped[str] = mapped_column(String(60))
    began_us: Mapped[int] = mapped_column(BigInteger)
    duration_us: Mapped[int] = mapped_column(BigInteger)
    size_bytes: Mapped[int]
    discontinuity: Mapped[bool] = mapped_column(default=False)
