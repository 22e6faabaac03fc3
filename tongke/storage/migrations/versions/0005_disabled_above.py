"""Whether an officer or an operator disabled an account, which the school does not undo"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of accounts disabled before nobody knows by whom: who manages them enables them, as before.
    op.add_column(
        "account",
        sa.Column("disabled_above", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("account", "disabled_above")
