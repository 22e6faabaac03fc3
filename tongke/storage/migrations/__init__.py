"""The database's schema through time (Alembic). Run by `tongke migrate`, and by `tongke serve`."""
