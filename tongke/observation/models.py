"""Tables of the observation of lessons: a school's or a bureau's rubric, and the forms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tongke.classes.models import LiveClass
from tongke.people.models import Account
from tongke.storage.database import NEVER_REUSED, Base, words


class Rubric(Base):
    """What a lesson is looked at for (评课量表), as a school or a bureau set it."""

    __tablename__ = "rubric"
    __table_args__ = (
        CheckConstraint("(school_id IS NULL) <> (region_code IS NULL)"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"), unique=True)
    region_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"), unique=True)
    name: Mapped[str] = mapped_column(words(60))
    # [{"name": "教学目标", "help": "…"}, …]; each is given one to five stars.
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    updated_at: Mapped[datetime]


class Observation(Base):
    """An observer's form of one lesson. The rubric is kept with it as it was."""

    __tablename__ = "observation"
    __table_args__ = (UniqueConstraint("class_id", "account_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("live_class.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    rubric: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    # Empty of a form that was begun before the name was kept.
    rubric_name: Mapped[str] = mapped_column(words(60), default="", server_default="")
    # {"教学目标": 4, …}
    stars: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    strengths: Mapped[str] = mapped_column(Text, default="")
    advice: Mapped[str] = mapped_column(Text, default="")
    # A draft is its author's alone.
    state: Mapped[str] = mapped_column(String(10))
    updated_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    reply: Mapped[str] = mapped_column(Text, default="")
    replied_at: Mapped[datetime | None]
    live_class: Mapped[LiveClass] = relationship()
    account: Mapped[Account] = relationship()
