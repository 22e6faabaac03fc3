"""Indexes for what was read from end to end in a province's library"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Found by looking at the plans of what pages, workers and the sweeper ask; the two that refer to a
# resource are looked through by the database itself whenever one is removed.
INDEXES = (
    ("password_slip", "expires_at"),
    ("resource", "unit"),
    ("resource", "viewable_at"),
    ("role", "name"),
    ("upload", "resource_id"),
    ("watch_position", "resource_id"),
)


def upgrade() -> None:
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column], unique=False)


def downgrade() -> None:
    for table, column in INDEXES:
        op.drop_index(f"ix_{table}_{column}", table_name=table)
