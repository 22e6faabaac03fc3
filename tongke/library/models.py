"""Tables of the library: uploads, resources and what was made of them, jobs, the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tongke.library import keys
from tongke.people.models import Account, School
from tongke.storage.database import NEVER_REUSED, Base, RightsBearing


class Upload(Base):
    """A file on its way in (tus). Its bytes are in the object store under `key`.

    `id` is 128 random bits: it is the address, and only its owner may use it.
    """

    __tablename__ = "upload"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    filename: Mapped[str] = mapped_column(String(255))
    length: Mapped[int] = mapped_column(BigInteger)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    # As the client wrote it: a HEAD has to give it back.
    metadata_header: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    # When somebody was last known to write to it; None once it rests, short of its end or finished.
    touched_at: Mapped[datetime | None] = mapped_column(index=True)
    resource_id: Mapped[int | None] = mapped_column(
        ForeignKey("resource.id", ondelete="SET NULL"), index=True
    )

    @property
    def key(self) -> str:
        """The unfinished object."""
        return keys.upload(self.id)

    @property
    def final_key(self) -> str:
        """The object it becomes."""
        return keys.original(self.id)


class Resource(Base):
    """Anything in the library. Whether it can be seen is in `ResourceToken` alone."""

    __tablename__ = "resource"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30), index=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    stage: Mapped[str] = mapped_column(String(20), default="")
    grade: Mapped[str] = mapped_column(String(2), default="")
    subject: Mapped[str] = mapped_column(String(20), default="")
    edition: Mapped[str] = mapped_column(String(60), default="")
    unit: Mapped[str] = mapped_column(String(120), default="", index=True)
    lesson: Mapped[str] = mapped_column(String(120), default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"), index=True)
    filename: Mapped[str] = mapped_column(String(255))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    medium: Mapped[str | None] = mapped_column(String(10))
    duration_s: Mapped[float | None]
    text: Mapped[str] = mapped_column(Text, default="", deferred=True)
    state: Mapped[str] = mapped_column(String(12), index=True)
    # Set once it can be watched or read; from then on the audience sees it.
    viewable_at: Mapped[datetime | None] = mapped_column(index=True)
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None] = mapped_column(index=True)
    # Who took it away may bring it back, and nobody else: what an administrator removed stays so.
    deleted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    views: Mapped[int] = mapped_column(default=0)
    # The number of its newest outbox entry: what the index should have of it.
    version: Mapped[int] = mapped_column(default=0)
    # Where the file is as it was uploaded; named by the upload, so that nobody can guess it.
    original_key: Mapped[str] = mapped_column(String(60), unique=True)
    author: Mapped[Account] = relationship(foreign_keys=[author_id])
    school: Mapped[School | None] = relationship()
    grants: Mapped[list[Grant]] = relationship(cascade="all, delete-orphan")
    reviews: Mapped[list[Review]] = relationship(
        cascade="all, delete-orphan", order_by="Review.id", back_populates="resource"
    )

    @property
    def folder(self) -> str:
        """Where everything made of it lies in the object store; ends with a slash."""
        return keys.folder(self.id)


class Grant(Base):
    """A token that a resource is published to, by its author or by an officer's approval."""

    __tablename__ = "resource_grant"

    resource_id: Mapped[int] = mapped_column(
        ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True
    )
    token: Mapped[str] = mapped_column(String(40), primary_key=True)


class ResourceToken(RightsBearing, Base):
    """The tokens a resource carries now (`audience.tokens_carried`), kept for queries."""

    __tablename__ = "resource_token"

    resource_id: Mapped[int] = mapped_column(
        ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True
    )
    token: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)


class Review(Base):
    """What an author asked for and an officer decides: one token, one region's queue."""

    __tablename__ = "review"
    __table_args__ = (Index("ix_review_queue", "state", "region_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(
        ForeignKey("resource.id", ondelete="CASCADE"), index=True
    )
    token: Mapped[str] = mapped_column(String(40))
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    comment: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    resource: Mapped[Resource] = relationship(back_populates="reviews")


class Rendition(Base):
    """One playable form of a resource: a rung of the ladder, the source remuxed, or the sound.

    `prefix` is the folder of the attempt that made it, below the resource's; a swap of rows
    makes another attempt's files the thing.
    """

    __tablename__ = "rendition"
    __table_args__ = (UniqueConstraint("resource_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(10))
    prefix: Mapped[str] = mapped_column(String(60))
    playlist: Mapped[str] = mapped_column(String(120))
    codecs: Mapped[str] = mapped_column(String(60))
    bandwidth: Mapped[int]
    average_bandwidth: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    frame_rate: Mapped[float | None]
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)


class Asset(Base):
    """A file made of a resource that is not a rendition: poster, storyboard, page, HTML.

    `details` are the numbers a page needs (width, height, names of the sizes of a page image).
    """

    __tablename__ = "asset"
    __table_args__ = (UniqueConstraint("resource_id", "role", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(20))
    number: Mapped[int] = mapped_column(default=0)
    prefix: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    @property
    def key(self) -> str:
        """The object it is."""
        return f"{keys.folder(self.resource_id)}{self.prefix}{self.name}"


class Job(Base):
    """The work on one resource. This table, not the queue, is the truth of what is to do.

    A worker holds it by a lease (`leased_until`) with a fencing number: whoever holds an older
    `fence` may no longer write anything of it.
    """

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due", "state", "leased_until"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(
        ForeignKey("resource.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[str] = mapped_column(String(10))
    fence: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    # Not before this time: the back-off of a step that failed and is tried again.
    due_at: Mapped[datetime]
    reason: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    request_id: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    steps: Mapped[list[JobStep]] = relationship(
        cascade="all, delete-orphan", order_by="JobStep.position"
    )
    resource: Mapped[Resource] = relationship()


class JobStep(Base):
    """One step of a job, with how far it is (0 to 100), how often it was begun, and how often a
    worker died with it."""

    __tablename__ = "job_step"
    __table_args__ = (UniqueConstraint("job_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    percent: Mapped[float] = mapped_column(default=0.0)
    attempts: Mapped[int] = mapped_column(default=0)
    deaths: Mapped[int] = mapped_column(default=0, server_default="0")
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class OutboxEntry(Base):
    """A resource that changed, written in the transaction that changed it.

    The indexer takes entries in the order of `id`, which is also the version the index keeps.
    """

    __tablename__ = "outbox"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(index=True)
    created_at: Mapped[datetime]
    request_id: Mapped[str] = mapped_column(String(64))


class WatchPosition(Base):
    """Where a person stopped in a lesson, on whatever device."""

    __tablename__ = "watch_position"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    resource_id: Mapped[int] = mapped_column(
        ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    seconds: Mapped[float]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    # Views that the resource's number does not have yet.
    uncounted_views: Mapped[int] = mapped_column(server_default="0")

    __table_args__ = (
        Index(
            "ix_watch_position_uncounted",
            "resource_id",
            sqlite_where=text("uncounted_views > 0"),
            postgresql_where=text("uncounted_views > 0"),
        ),
    )
