"""When an installation was last backed up: a word of it among its own objects.

The folder of the backups is known to whoever runs the command, not to the service: it may be a
disk that only the night mounts. So what was backed up says so of itself, where every machine of
it looks, and where it outlives a bus that forgets.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.library import keys
from tongke.people.models import Account
from tongke.storage.database import Database
from tongke.storage.objects.errors import ObjectMissing
from tongke.storage.objects.port import ObjectStore, once

# A night's backup that takes some hours, and began some hours late, is no older than this.
TOO_OLD_S = 36 * 3600.0


async def note(objects: ObjectStore, made_at: datetime) -> None:
    """Say that there is a complete backup as of that moment. Raises what the store raises."""
    await objects.put(keys.LAST_BACKUP, once(made_at.isoformat().encode()), "text/plain")


async def made_at(objects: ObjectStore) -> datetime | None:
    """The moment of the last complete backup; None where there was none."""
    try:
        said = b"".join([chunk async for chunk in objects.read(keys.LAST_BACKUP)])
    except ObjectMissing:
        return None
    return datetime.fromisoformat(said.decode())


async def age_s(database: Database, objects: ObjectStore) -> float:
    """How many seconds of work would be lost with all of it now: since the last backup, and
    without one since the first account. An installation that nobody uses yet loses nothing."""
    since = await made_at(objects) or await database.read(_first_account)
    return 0.0 if since is None else max(0.0, (clock.now() - since).total_seconds())


def _first_account(session: Session) -> datetime | None:
    return session.scalar(select(func.min(Account.created_at)))
