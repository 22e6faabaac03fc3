"""The plan of classes, their materials, pupils' devices, and the observation of lessons"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tongke.storage.database import WIDE_INTEGER, UtcDateTime, words

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch, which on SQLite makes a table anew and drops the old: what refers to it goes.
    op.add_column("room", sa.Column("stream_key_hash", sa.String(64), nullable=True))
    op.add_column(
        "room", sa.Column("stream_key_hint", sa.String(4), nullable=False, server_default="")
    )
    op.create_index("ix_room_stream_key_hash", "room", ["stream_key_hash"], unique=True)
    op.add_column(
        "live_class", sa.Column("revision", WIDE_INTEGER, nullable=False, server_default="0")
    )
    op.add_column("live_class", sa.Column("changed_at", UtcDateTime(timezone=True), nullable=True))
    op.add_column("live_class", sa.Column("phone_code", sa.String(6), nullable=True))
    op.create_index("ix_live_class_phone_code", "live_class", ["phone_code"], unique=True)

    op.create_table(
        "class_material",
        sa.Column("class_id", WIDE_INTEGER, nullable=False),
        sa.Column("resource_id", WIDE_INTEGER, nullable=False),
        sa.Column("position", WIDE_INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["live_class.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("class_id", "resource_id"),
    )
    op.create_index("ix_class_material_resource_id", "class_material", ["resource_id"])
    op.create_table(
        "class_device",
        sa.Column("id", WIDE_INTEGER, nullable=False),
        sa.Column("class_id", WIDE_INTEGER, nullable=False),
        sa.Column("room_id", WIDE_INTEGER, nullable=True),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["live_class.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_class_device_class_id", "class_device", ["class_id"])
    op.create_index("ix_class_device_room_id", "class_device", ["room_id"])
    op.create_table(
        "school_times",
        sa.Column("school_id", WIDE_INTEGER, nullable=False),
        sa.Column("periods", sa.JSON(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("holidays", sa.JSON(), nullable=False),
        sa.Column("make_up", sa.JSON(), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("school_id"),
    )
    op.create_table(
        "room_group",
        sa.Column("id", WIDE_INTEGER, nullable=False),
        sa.Column("school_id", WIDE_INTEGER, nullable=False),
        sa.Column("name", words(40), nullable=False),
        sa.Column("room_ids", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_room_group_school_id", "room_group", ["school_id"])
    op.create_table(
        "notice",
        sa.Column("id", WIDE_INTEGER, nullable=False),
        sa.Column("account_id", WIDE_INTEGER, nullable=False),
        sa.Column("class_id", WIDE_INTEGER, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("read_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["class_id"], ["live_class.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notice_unread", "notice", ["account_id", "read_at"])
    op.create_index("ix_notice_class_id", "notice", ["class_id"])
    op.create_table(
        "calendar_address",
        sa.Column("account_id", WIDE_INTEGER, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_table(
        "rubric",
        sa.Column("id", WIDE_INTEGER, nullable=False),
        sa.Column("school_id", WIDE_INTEGER, nullable=True),
        sa.Column("region_code", sa.String(6), nullable=True),
        sa.Column("name", words(60), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(school_id IS NULL) <> (region_code IS NULL)"),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("school_id"),
        sa.UniqueConstraint("region_code"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "observation",
        sa.Column("id", WIDE_INTEGER, nullable=False),
        sa.Column("class_id", WIDE_INTEGER, nullable=False),
        sa.Column("account_id", WIDE_INTEGER, nullable=False),
        sa.Column("rubric", sa.JSON(), nullable=False),
        sa.Column("stars", sa.JSON(), nullable=False),
        sa.Column("strengths", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("replied_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["class_id"], ["live_class.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("class_id", "account_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_observation_account_id", "observation", ["account_id"])


def downgrade() -> None:
    for table in (
        "observation",
        "rubric",
        "calendar_address",
        "notice",
        "room_group",
        "school_times",
        "class_device",
        "class_material",
    ):
        op.drop_table(table)
    op.drop_index("ix_live_class_phone_code", "live_class")
    for column in ("phone_code", "changed_at", "revision"):
        op.drop_column("live_class", column)
    op.drop_index("ix_room_stream_key_hash", "room")
    for column in ("stream_key_hint", "stream_key_hash"):
        op.drop_column("room", column)
