"""Checks of the database: what we may do there, its schema, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tongke import clock
from tongke.archive.tables import VERSION_TABLE
from tongke.bootstrap import Ground
from tongke.cli.doctor import clocks
from tongke.cli.doctor.finding import Finding, ok, wrong
from tongke.cli.opening import revision_of
from tongke.errors import Text
from tongke.settings import Settings
from tongke.storage import migrate
from tongke.storage.database import Base
from tongke.storage.retrying import sqlstate

# What migrations and the service do.
TRIED = (
    "CREATE TABLE tongke_doctor (id INTEGER)",
    "ALTER TABLE tongke_doctor ADD COLUMN word TEXT",
    "INSERT INTO tongke_doctor VALUES (1, 'x')",
)
# PostgreSQL's insufficient_privilege and read_only_sql_transaction; of SQLite a name.
_FORBIDDEN, _READ_ONLY = "42501", "25006"
_SQLITE_READ_ONLY = "SQLITE_READONLY"
# Only its owner may alter a table, whatever else others were granted.
_NOT_OURS = text("""
    SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = current_schema() AND relname = ANY(:tables) AND NOT (
        pg_has_role(relowner, 'USAGE')
        AND has_table_privilege(pg_class.oid, 'SELECT')
        AND has_table_privilege(pg_class.oid, 'INSERT')
        AND has_table_privilege(pg_class.oid, 'UPDATE')
        AND has_table_privilege(pg_class.oid, 'DELETE'))
    ORDER BY relname
""")


@dataclass(frozen=True)
class Server:
    """What a PostgreSQL says of itself: among other things the connections that are taken, how many
    there may be, and the seconds that its clock is ahead of ours."""

    version: str
    encoding: str
    taken: int
    most: int
    clock_ahead_s: float


def nothing_here(settings: Settings) -> Finding | None:
    """Of an installation that has its database in its folder: that there is none. To look further
    would make what is missing."""
    file = settings.database_file
    if settings.database_url or file.exists():
        return None
    return wrong(
        "database",
        Text(f"这里还没有装：{file}", f"Nothing is installed here: {file}"),
        Text(
            "运行 tongke migrate；已经装过的，到放 .env 的文件夹里再检查，或写明 TONGKE_DATA_DIR",
            "Run tongke migrate; where it is installed already, check it in the folder of its"
            " .env, or name its TONGKE_DATA_DIR",
        ),
    )


async def check(ground: Ground) -> Finding:
    """It lets us do what we have to and is at this version's schema; SQLite finds its file whole,
    PostgreSQL keeps any character, has connections left and the right time.

    Raises `SchemaAhead`, `DatabaseUnusable`."""
    try:
        revision, head = revision_of(ground.database), migrate.head()
        forbidden = await ground.database.write_alone(_tried)
    except DBAPIError as error:
        if (refused := _refused(error)) is None:
            raise
        return refused
    if forbidden:
        return _not_ours(", ".join(forbidden))
    if revision != head:
        behind = Text(
            f"结构停在 {revision}，这一版需要 {head}",
            f"At schema {revision}, this version needs {head}",
        )
        return wrong(
            "database",
            behind if revision else Text("还没有建表", "It has no tables yet"),
            Text("运行 tongke migrate", "Run tongke migrate"),
        )
    if ground.database.is_sqlite:
        return _file(*await ground.database.read(_read_through), head)
    return _server(await ground.database.read(_told), ground.settings.database_pool, head)


def _file(version: str, faults: list[str], head: str | None) -> Finding:
    if faults:
        first = faults[0]
        return wrong(
            "database",
            Text(f"数据库文件损坏：{first}", f"The database file is damaged: {first}"),
            Text(
                "先停服务并备份整个数据文件夹，再从备份恢复 tongke.db",
                "Stop the service, copy the data folder, then restore tongke.db from a backup",
            ),
        )
    return ok("database", f"SQLite {version}，{head}", f"SQLite {version}, {head}")


def _server(server: Server, pool: int, head: str | None) -> Finding:
    if server.encoding != "UTF8":
        return wrong(
            "database",
            Text(
                f"数据库的编码是 {server.encoding}", f"The database's encoding is {server.encoding}"
            ),
            Text(
                "用 UTF8 编码另建一个数据库，把数据移过去",
                "Create a database with the encoding UTF8 and move the data there",
            ),
        )
    seen = Text(
        f"PostgreSQL {server.version}，{head}，连接 {server.taken}/{server.most}",
        f"PostgreSQL {server.version}, {head}, {server.taken} of {server.most} connections",
    )
    if server.most - server.taken < pool:
        return wrong(
            "database",
            seen,
            Text(
                "剩下的连接不够再开一个进程：调大服务器的 max_connections，"
                "或调小 TONGKE_DATABASE_POOL",
                "Too few are left for one more process: raise the server's max_connections, "
                "or lower TONGKE_DATABASE_POOL",
            ),
        )
    return clocks.apart("database", seen, server.clock_ahead_s) or ok("database", seen.zh, seen.en)


def _refused(error: DBAPIError) -> Finding | None:
    """What a refusal means to whoever runs the database; None where it is something else."""
    said = str(error.orig).strip().partition("\n")[0]
    if sqlstate(error) == _FORBIDDEN:
        return _not_ours(said)
    if sqlstate(error) == _READ_ONLY:
        return wrong(
            "database",
            Text(f"它是只读的：{said}", f"It is for reading only: {said}"),
            Text(
                "在 TONGKE_DATABASE_URL 里写主库的地址；写的就是主库，"
                "就关掉它的 default_transaction_read_only",
                "Name the primary in TONGKE_DATABASE_URL; where it is that one, turn its"
                " default_transaction_read_only off",
            ),
        )
    if getattr(error.orig, "sqlite_errorname", "").startswith(_SQLITE_READ_ONLY):
        return wrong(
            "database",
            Text(f"数据库文件不能写：{said}", f"The database file cannot be written: {said}"),
            Text(
                "让运行服务的用户能写数据文件夹里的 tongke.db*",
                "Let the user that the service runs as write tongke.db* in the data folder",
            ),
        )
    return None


def _not_ours(what: str) -> Finding:
    return wrong(
        "database",
        Text(f"这个用户的权限不够：{what}", f"This user may not do what has to be done: {what}"),
        Text(
            "让它拥有这个数据库和里面的表：ALTER DATABASE … OWNER TO …，REASSIGN OWNED BY … TO …",
            "Let it own the database and its tables: ALTER DATABASE … OWNER TO …,"
            " REASSIGN OWNED BY … TO …",
        ),
    )


def _tried(session: Session) -> list[str]:
    """Do what migrations and the service do, and take it back; the tables that are there and that
    we may not treat so, without touching them."""
    with session.begin_nested() as trial:
        for statement in TRIED:
            session.execute(text(statement))
        trial.rollback()
    if session.get_bind().dialect.name == "sqlite":
        return []
    return list(session.scalars(_NOT_OURS, {"tables": [*Base.metadata.tables, VERSION_TABLE]}))


def _read_through(session: Session) -> tuple[str, list[str]]:
    """SQLite's version, and what is wrong with the file."""
    version = session.scalars(text("SELECT sqlite_version()")).one()
    whole = [str(row[0]) for row in session.execute(text("PRAGMA quick_check(5)"))]
    loose = [f"{row[0]} -> {row[2]}" for row in session.execute(text("PRAGMA foreign_key_check"))]
    return version, [fault for fault in whole if fault != "ok"] + loose


def _told(session: Session) -> Server:
    version, encoding, most = (
        session.scalars(text(f"SHOW {name}")).one()
        for name in ("server_version", "server_encoding", "max_connections")
    )
    taken = session.scalars(
        text("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
    ).one()
    now = session.scalars(text("SELECT clock_timestamp()")).one()
    return Server(version, encoding, taken, int(most), (now - clock.now()).total_seconds())
