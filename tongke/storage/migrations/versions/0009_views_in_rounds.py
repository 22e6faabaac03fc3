"""Views are counted in rounds"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UNCOUNTED = sa.text("uncounted_views > 0")


def upgrade() -> None:
    op.add_column(
        "watch_position",
        sa.Column("uncounted_views", sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                  nullable=False, server_default="0"),
    )  # fmt: skip
    op.create_index(
        "ix_watch_position_uncounted", "watch_position", ["resource_id"],
        sqlite_where=UNCOUNTED, postgresql_where=UNCOUNTED,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_watch_position_uncounted", "watch_position")
    op.drop_column("watch_position", "uncounted_views")
