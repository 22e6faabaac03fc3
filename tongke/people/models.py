"""Tables of the people: regions, schools, agreements, accounts, and how they prove who they are.

What a person proves themselves with (session, API token, slip) is kept only as a SHA-256 of a
random secret, of 256 bits or, for a slip, of 60: reading the database gives nobody a way in.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, false, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tongke.storage.database import NEVER_REUSED, Base, RightsBearing, words


# To those who are told of rights (`RightsBearing`). With a slash: a process of the version before,
# which runs beside ours in an update, takes words without a colon as of everything.
def account_thing(number: int) -> str:
    """What rests on who an account is."""
    return f"account/{number}"


CREDENTIAL: Final = "credential/"


def credential_thing(digest: str) -> str:
    """What rests on a session or an API token, by the digest of its secret."""
    return f"{CREDENTIAL}{digest}"


class Region(RightsBearing, Base):
    """A province, city (市州) or county (县市区), by its code of GB/T 2260."""

    __tablename__ = "region"
    new_is_told = True

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str] = mapped_column(words(60))
    level: Mapped[str] = mapped_column(String(10))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"), index=True)


class School(RightsBearing, Base):
    """A school, in a region (usually a county)."""

    __tablename__ = "school"
    new_is_told = True
    no_right = frozenset(("name", "recording_rule", "recording_audience"))
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(words(120), unique=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    # What its authors offer to a region needs no officer (mission.md: "a school may be trusted").
    trusted: Mapped[bool] = mapped_column(default=False)
    # What recordings of its classes show of pupils' rooms (`classes.recording_rule`).
    recording_rule: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    # And whom they are for besides those who take part: tokens (`audience`).
    recording_audience: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    region: Mapped[Region] = relationship()


class Agreement(RightsBearing, Base):
    """A pairing (帮扶协议). A plain record as yet: level, two sides, term, active or not."""

    __tablename__ = "agreement"
    new_is_told = True
    __table_args__ = (CheckConstraint("lead_school_id <> supported_school_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(String(10))
    lead_school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    supported_school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    active: Mapped[bool] = mapped_column(default=True)
    lead_school: Mapped[School] = relationship(foreign_keys=[lead_school_id])
    supported_school: Mapped[School] = relationship(foreign_keys=[supported_school_id])

    def holds_on(self, day: date) -> bool:
        return self.active and self.starts_on <= day <= self.ends_on


class Account(RightsBearing, Base):
    """A person, or a classroom's own device."""

    __tablename__ = "account"
    no_right = frozenset(("password_hash", "last_sign_in_at"))
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(words(60), unique=True)
    name: Mapped[str] = mapped_column(words(60))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(5))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    # By an officer or an operator (`authority.stands_above`): the school does not undo it.
    disabled_above: Mapped[bool] = mapped_column(default=False, server_default=false())
    last_sign_in_at: Mapped[datetime | None]
    roles: Mapped[list[Role]] = relationship(
        back_populates="account", cascade="all, delete-orphan", order_by="Role.id"
    )

    def concerns(self) -> tuple[str, ...]:
        return (account_thing(self.id),)


class Role(RightsBearing, Base):
    """A role of an account in an organisation: a school, a region, or (operators) none."""

    __tablename__ = "role"
    new_is_told = True
    __table_args__ = (CheckConstraint("school_id IS NULL OR region_code IS NULL"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(20), index=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"), index=True)
    region_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"), index=True)
    account: Mapped[Account] = relationship(back_populates="roles")

    def concerns(self) -> tuple[str, ...]:
        return (account_thing(self.account_id),)


# Every role lacks a school or a region or both, and to a unique constraint no NULL equals another.
Index(
    "ux_role",
    Role.account_id,
    Role.name,
    func.coalesce(Role.school_id, 0),
    func.coalesce(Role.region_code, ""),
    unique=True,
)


class Room(RightsBearing, Base):
    """A classroom, with the account that its own device is signed in with."""

    __tablename__ = "room"
    new_is_told = True
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    name: Mapped[str] = mapped_column(words(60))
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="SET NULL"), unique=True
    )
    # Of a recording appliance: what it pushes with, kept as its digest, and its last characters.
    stream_key_hash: Mapped[str | None] = mapped_column(String(64), unique=True, index=True)
    stream_key_hint: Mapped[str] = mapped_column(String(4), default="", server_default="")
    school: Mapped[School] = relationship()
    account: Mapped[Account | None] = relationship()


class LoginSession(RightsBearing, Base):
    """One sign-in on one device; revoked by deleting it."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(String(60))
    user_agent: Mapped[str] = mapped_column(String(200))

    def concerns(self) -> tuple[str, ...]:
        return (credential_thing(self.token_hash),)


class ApiToken(RightsBearing, Base):
    """A secret a program signs in with; shown once. `hint` is its last four characters."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(60))
    hint: Mapped[str] = mapped_column(String(4))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    def concerns(self) -> tuple[str, ...]:
        return (credential_thing(self.token_hash),)


class CalendarAddress(Base):
    """The secret in the address of somebody's calendar feed, as its digest."""

    __tablename__ = "calendar_address"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]


class PasswordSlip(Base):
    """A slip of paper with a code that sets a new password, once, until it expires."""

    __tablename__ = "password_slip"
    __table_args__ = (Index("ix_password_slip_open", "account_id", "used_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    issued_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
