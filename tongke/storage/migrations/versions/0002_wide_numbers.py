"""Numbers of 64 bits and names in the order of their characters, on PostgreSQL

SQLite has both already. A number in an address may be larger than 32 bits hold, and a name has to
be sorted and searched alike on both, whatever locale the server was set up with.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAMES = (
    ("account", "username", 60),
    ("account", "name", 60),
    ("region", "name", 60),
    ("school", "name", 120),
)


def upgrade() -> None:
    _change("integer", "bigint", "C")


def downgrade() -> None:
    _change("bigint", "integer", "default")


def _change(numbers: str, into: str, collation: str) -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    for table, column in _columns(connection, numbers):
        op.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE {into}')
        if column == "id":
            op.execute(f'ALTER SEQUENCE "{table}_id_seq" AS {into}')
    for table, column, length in NAMES:
        op.execute(
            f'ALTER TABLE "{table}" ALTER COLUMN "{column}" '
            f'TYPE varchar({length}) COLLATE pg_catalog."{collation}"'
        )


# Sizes of files were wide from the first.
ALWAYS_WIDE = ("length", "size_bytes")


def _columns(connection: sa.Connection, kind: str) -> list[tuple[str, str]]:
    query = sa.text(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND data_type = :kind "
        "ORDER BY table_name, ordinal_position"
    )
    rows = connection.execute(query, {"kind": kind})
    return [(table, column) for table, column in rows if column not in ALWAYS_WIDE]
