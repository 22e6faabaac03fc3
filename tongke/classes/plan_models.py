"""Tables of the plan: a school's bell times and term, saved groups of rooms, what people are told,
and the private addresses of calendars."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tongke.classes.models import LiveClass
from tongke.storage.database import NEVER_REUSED, Base, words


class SchoolTimes(Base):
    """When a school rings, and which days its running term has (`timetable` reads them)."""

    __tablename__ = "school_times"

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), primary_key=True)
    # [[1, "08:00", "08:45"], …]
    periods: Mapped[list[list[Any]]] = mapped_column(JSON)
    first_day: Mapped[date]
    last_day: Mapped[date]
    # ["2026-10-01", …]; {"2026-10-10": "2026-10-07"}: that day is taught as that one.
    holidays: Mapped[list[str]] = mapped_column(JSON, default=list)
    make_up: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    updated_at: Mapped[datetime]


class RoomGroup(Base):
    """Rooms that are booked together. Whether each may be is asked when the group is used."""

    __tablename__ = "room_group"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    name: Mapped[str] = mapped_column(words(40))
    room_ids: Mapped[list[int]] = mapped_column(JSON)


class Notice(Base):
    """What somebody is told of a class: they are asked, it was moved, it was called off."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_unread", "account_id", "read_at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    class_id: Mapped[int] = mapped_column(
        ForeignKey("live_class.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    # What was so at that moment and the class does not keep (`notices.Details`).
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    live_class: Mapped[LiveClass] = relationship()
