"""Databases for the tests: SQLite in a file, or a real PostgreSQL.

`TONGKE_TEST_DATABASE=postgresql` runs every test on PostgreSQL (`make test-postgresql`). Without it
those of `tests/storage` run on both, and all others on SQLite.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Final

from tests.servers import postgres
from tests.servers.postgres import Postgres
from tongke.storage import migrate
from tongke.storage.database import Database

POSTGRESQL: Final = "postgresql"
SQLITE: Final = "sqlite"

CHOSEN: Final = os.environ.get("TONGKE_TEST_DATABASE", "")
BOTH_IN: Final = frozenset({"storage"})

TEMPLATE: Final = "migrated"
# What was filled for a measurement is not worth clearing: an empty one has 9 MB.
MOST_KEPT_BYTES: Final = 16 * 2**20


def kinds(module: ModuleType) -> list[str]:
    """The databases that the tests of a module run on: those it names itself (`DATABASES`), else
    the one that was chosen, else those of its folder."""
    named: list[str] = getattr(module, "DATABASES", [])
    if named or CHOSEN:
        return named or [CHOSEN]
    folder = Path(module.__file__ or "").parent.name
    return [SQLITE, POSTGRESQL] if folder in BOTH_IN else [SQLITE]


@dataclass
class Databases:
    """Makes databases of one kind, and removes them in the end. They are copies of a migrated one:
    of `template`, a file of SQLite, or of one on the server where there is a server."""

    folder: Path
    template: Path
    server: Postgres | None
    # Migrated ones on the server that nobody uses, for the whole run.
    spare: list[str] = field(default_factory=list)
    _left: ExitStack = field(default_factory=ExitStack)

    def of_an_installation(self, data_dir: Path) -> str | None:
        """The setting `database_url` of a new, migrated installation; None is the file of its
        own in its data folder."""
        if self.server is not None:
            return self.migrated()
        data_dir.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.template, data_dir / "tongke.db")
        return None

    def migrated(self) -> str:
        """The address of a new database at this version's schema."""
        if self.server is not None:
            return self._cleared_or_new(self.server)
        url = self.empty()
        shutil.copyfile(self.template, url.removeprefix("sqlite:///"))
        return url

    def empty(self) -> str:
        """The address of a new database without a table."""
        if self.server is not None:
            return self._copy(self.server, "template0")
        return f"sqlite:///{self.folder / f'{secrets.token_hex(4)}.db'}"

    def _cleared_or_new(self, server: Postgres) -> str:
        """One that an earlier test has left, if there is any."""
        if not self.spare:
            name = f"test_{secrets.token_hex(6)}"
            server.create(name, TEMPLATE)
        else:
            name = self.spare.pop()
        self._left.callback(self._give_back, server, name)
        return server.url(name)

    def _give_back(self, server: Postgres, name: str) -> None:
        if server.clear(name) <= MOST_KEPT_BYTES:
            self.spare.append(name)
        else:
            server.drop(name)

    def _copy(self, server: Postgres, template: str) -> str:
        name = f"test_{secrets.token_hex(6)}"
        self._left.callback(server.drop, name)
        return server.create(name, template)

    def __enter__(self) -> Databases:
        return self

    def __exit__(self, *_: object) -> None:
        self._left.close()


@contextmanager
def running_postgres(folder: Path) -> Iterator[Postgres]:
    """A server with a migrated template."""
    found = postgres.start(folder)
    with found.server:
        upgrade(found.create(TEMPLATE))
        yield found


def upgrade(url: str) -> None:
    with opened(url) as database:
        migrate.upgrade(database)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """A database's sync face, for tests that are not on an event loop."""
    database = Database(url)
    try:
        yield database
    finally:
        database.engine.dispose()
