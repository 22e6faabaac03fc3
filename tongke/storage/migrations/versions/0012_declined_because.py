"""Why a partner does not take part in a class, in its own words"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "seat", sa.Column("declined_because", sa.Text(), nullable=False, server_default="")
    )


def downgrade() -> None:
    op.drop_column("seat", "declined_because")
