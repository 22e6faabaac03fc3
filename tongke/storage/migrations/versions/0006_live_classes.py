"""Rooms, live classes, who takes part in them, and what happened"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tongke.storage.database import WIDE_INTEGER, UtcDateTime, words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "room",
        sa.Column("id", WIDE_INTEGER, nullable=False),
        sa.Column("school_id", WIDE_INTEGER, nullable=False),
        sa.Column("name", words(60), nullable=False),
        sa.Column("account_id", WIDE_INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_room_school_id", "room", ["school_id"])

    op.create_table(
        "live_class",
        sa.Column("id", WIDE_INTEGER, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("grade", sa.String(length=2), nullable=False),
        sa.Column("mode", sa.String(length=12), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("begins_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("teacher_id", WIDE_INTEGER, nullable=False),
        sa.Column("school_id", WIDE_INTEGER, nullable=False),
        sa.Column("room_id", WIDE_INTEGER, nullable=True),
        sa.Column("series", sa.String(length=32), nullable=True),
        sa.Column("booked_by_id", WIDE_INTEGER, nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("started_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("cancelled_because", sa.Text(), nullable=False),
        sa.Column("delay_ms", WIDE_INTEGER, nullable=False),
        sa.Column("epoch", WIDE_INTEGER, nullable=False),
        sa.Column("recording_rule", sa.JSON(), nullable=False),
        sa.Column("resource_id", WIDE_INTEGER, nullable=True),
        sa.ForeignKeyConstraint(
            ["booked_by_id"],
            ["account.id"],
        ),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("resource_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_live_class_room_id", "live_class", ["room_id"])
    op.create_index("ix_live_class_school_id", "live_class", ["school_id"])
    op.create_index("ix_live_class_series", "live_class", ["series"])
    op.create_index("ix_live_class_state", "live_class", ["state"])
    op.create_index("ix_live_class_teacher_id", "live_class", ["teacher_id"])
    op.create_index("ix_live_class_when", "live_class", ["begins_at", "ends_at"])

    op.create_table(
        "class_event",
        sa.Column("class_id", WIDE_INTEGER, nullable=False),
        sa.Column("seq", WIDE_INTEGER, nullable=False),
        sa.Column("media_ms", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["live_class.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("class_id", "seq"),
    )
    op.create_table(
        "class_token",
        sa.Column("class_id", WIDE_INTEGER, nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["live_class.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("class_id", "token"),
    )
    op.create_index("ix_class_token_token", "class_token", ["token"])

    op.create_table(
        "live_segment",
        sa.Column("class_id", WIDE_INTEGER, nullable=False),
        sa.Column("rendition", sa.String(length=10), nullable=False),
        sa.Column("sequence", WIDE_INTEGER, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("map_name", sa.String(length=60), nullable=False),
        sa.Column("codecs", sa.String(length=60), nullable=False),
        sa.Column("began_us", sa.BigInteger(), nullable=False),
        sa.Column("duration_us", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", WIDE_INTEGER, nullable=False),
        sa.Column("discontinuity", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["live_class.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("class_id", "rendition", "sequence"),
    )
    op.create_table(
        "seat",
        sa.Column("id", WIDE_INTEGER, nullable=False),
        sa.Column("class_id", WIDE_INTEGER, nullable=False),
        sa.Column("room_id", WIDE_INTEGER, nullable=False),
        sa.Column("teacher_id", WIDE_INTEGER, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["live_class.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["room_id"],
            ["room.id"],
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("class_id", "room_id"),
    )
    op.create_index("ix_seat_room_id", "seat", ["room_id"])
    op.create_index("ix_seat_teacher_id", "seat", ["teacher_id"])


def downgrade() -> None:

    op.drop_table("seat")
    op.drop_table("live_segment")

    op.drop_table("class_token")
    op.drop_table("class_event")

    op.drop_table("live_class")

    op.drop_table("room")
