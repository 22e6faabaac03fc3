"""What most commands begin with: settings that are right, and the ground they stand on."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from tongke.bootstrap import Ground, build
from tongke.cli import unusable
from tongke.cli.errors import (
    AlreadyRunning,
    BadSettings,
    DatabaseUnusable,
    DataFolderUnusable,
    SchemaAhead,
    SchemaBehind,
    WeakSecrets,
)
from tongke.cli.words import in_words
from tongke.production import weak_secrets
from tongke.setting_forms import Unusable
from tongke.settings import Settings
from tongke.storage import migrate
from tongke.storage.database import Database
from tongke.storage.objects.errors import ObjectsUnavailable

T = TypeVar("T")

# Held by whoever runs the service on a data folder; holds the number of its process.
LOCK_NAME = "service.lock"


def load_settings(**defaults: Any) -> Settings:
    """The settings, with other defaults where the environment does not say.

    Raises `BadSettings`, `WeakSecrets`, `DataFolderUnusable`.
    """
    with _named_faults():
        settings = Settings()
        unsaid = {name: defaults[name] for name in defaults.keys() - settings.model_fields_set}
        settings = Settings(**unsaid) if unsaid else settings
    weak = weak_secrets(settings) if settings.production else []
    if weak:
        raise WeakSecrets(names=", ".join(weak))
    _usable(settings.data_dir)
    return settings


def settings_of(file: Path) -> Settings:
    """The settings of another file than `.env`. Raises `BadSettings`."""
    with _named_faults():
        return Settings(_env_file=file)


def on_ground(settings: Settings, work: Callable[[Ground], Awaitable[T]]) -> T:
    """Run the work on the ground of a migrated installation.

    Raises `SchemaBehind`, `SchemaAhead`, `DatabaseUnusable`.
    """
    require_schema(settings)

    async def run() -> T:
        ground = build(settings)
        try:
            return await work(ground)
        finally:
            await ground.close()

    return asyncio.run(run())


def require_schema(settings: Settings) -> None:
    """Raises `SchemaBehind` or `SchemaAhead` when the database is not at this version's schema,
    `DatabaseUnusable`."""
    with _database(settings) as database:
        if revision_of(database) != migrate.head():
            raise SchemaBehind


def revision_of(database: Database) -> str | None:
    """The database's revision, None for an empty one. Raises `SchemaAhead`, `DatabaseUnusable`."""
    try:
        found = migrate.current(database)
    except OperationalError as error:
        raise DatabaseUnusable(reason=_first_line(error)) from error
    if found is not None and not migrate.knows(found):
        raise SchemaAhead
    return found


def upgrade_schema(settings: Settings) -> tuple[str | None, str | None]:
    """Bring the database to this version; the revision before and the one after.

    Raises `SchemaAhead`, `DatabaseUnusable`.
    """
    with _database(settings) as database:
        before = revision_of(database)
        migrate.upgrade(database)
        return before, migrate.current(database)


async def prepare_objects(settings: Settings) -> None:
    """Have a place for objects: the bucket is made where it is missing and may be.

    Raises `ObjectsUnusable`, and what says by itself what to do.
    """
    ground = build(settings)
    try:
        await check_objects(ground)
    finally:
        await ground.close()


async def check_objects(ground: Ground) -> None:
    """Raises `ObjectsUnusable`, and what says by itself what to do."""
    try:
        await ground.objects.check()
    except ObjectsUnavailable as error:
        raise unusable.objects(ground.settings, error) from error.__cause__


@contextmanager
def sole_service(settings: Settings) -> Iterator[None]:
    """Be the one service on this data folder, however it ends. Raises `AlreadyRunning`."""
    with (settings.data_dir / LOCK_NAME).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(pid=_holder(lock.name)) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def service_runs(settings: Settings) -> bool:
    """Whether a service holds this data folder."""
    path = settings.data_dir / LOCK_NAME
    if not path.exists():
        return False
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    # It would say on every start that there is nothing to do.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    database = Database(settings.sqlalchemy_url)
    try:
        yield database
    finally:
        database.engine.dispose()


def _holder(path: str) -> str:
    return Path(path).read_text().strip() or "?"


def _usable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataFolderUnusable(path=folder, reason=error.strerror) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise DataFolderUnusable(path=folder, reason="permission denied")


def _first_line(error: OperationalError) -> str:
    """What the driver says, without SQLAlchemy's own words."""
    return str(error.orig).strip().partition("\n")[0]


@contextmanager
def _named_faults() -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        raise BadSettings(faults=_faults(error)) from error


def _faults(error: ValidationError) -> str:
    """What is wrong with which settings, by their names in the environment: a line for each, and no
    value that may be a secret."""
    prefix, said = Settings.model_config.get("env_prefix", ""), []
    for fault in error.errors(include_url=False, include_input=False):
        wrong = fault.get("ctx", {}).get("error")
        words = in_words(wrong.text) if isinstance(wrong, Unusable) else fault["msg"]
        name, *within = map(str, fault["loc"])
        said.append(f"{prefix}{name.upper()}{''.join(f'[{each}]' for each in within)}: {words}")
    return "\n".join(said)
