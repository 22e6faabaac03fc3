"""Deaths counted apart from failures, when an upload was last written, and the last sign-in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tongke.storage.database import WIDE_INTEGER, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Nobody knows which uploads are still written: each is asked about once.
MAY_BE_WRITTEN = "UPDATE upload SET touched_at = created_at WHERE resource_id IS NULL"
# Of sessions that still hold: older ones were forgotten.
LAST_SIGN_INS = (
    "UPDATE account SET last_sign_in_at = "
    "(SELECT max(created_at) FROM login_session WHERE login_session.account_id = account.id)"
)


def upgrade() -> None:
    op.add_column("job_step", sa.Column("deaths", WIDE_INTEGER, server_default="0", nullable=False))
    op.add_column("upload", sa.Column("touched_at", UtcDateTime(timezone=True), nullable=True))
    op.create_index("ix_upload_touched_at", "upload", ["touched_at"], unique=False)
    op.execute(MAY_BE_WRITTEN)
    op.add_column(
        "account", sa.Column("last_sign_in_at", UtcDateTime(timezone=True), nullable=True)
    )
    op.execute(LAST_SIGN_INS)


def downgrade() -> None:
    op.drop_column("account", "last_sign_in_at")
    op.drop_index("ix_upload_touched_at", table_name="upload")
    op.drop_column("upload", "touched_at")
    op.drop_column("job_step", "deaths")
