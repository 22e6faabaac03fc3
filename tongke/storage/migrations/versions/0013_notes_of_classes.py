"""Notes among all that happened in classes: the page of observations lists lessons that have them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NOTES = sa.text("kind IN ('note', 'erase_note')")


def upgrade() -> None:
    op.create_index(
        "ix_class_event_notes", "class_event", ["class_id", "seq"],
        sqlite_where=NOTES, postgresql_where=NOTES,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_class_event_notes", table_name="class_event")
