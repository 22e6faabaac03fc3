"""What the rubric of an observer's form was called when it was begun"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tongke.storage.database import words

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "observation", sa.Column("rubric_name", words(60), nullable=False, server_default="")
    )


def downgrade() -> None:
    op.drop_column("observation", "rubric_name")
