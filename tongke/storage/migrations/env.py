"""Alembic's entry: runs on the connection that `tongke.storage.migrate` hands it."""

from __future__ import annotations

from alembic import context

from tongke.storage.database import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite changes a table by making it anew.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
