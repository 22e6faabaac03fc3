"""Real parts for every test: a Valkey, a database, objects and an index of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.databases import POSTGRESQL, Databases, kinds, running_postgres, upgrade
from tests.servers import elasticsearch
from tests.servers.elasticsearch import Elasticsearch
from tests.servers.postgres import Postgres
from tests.servers.process import LEFT_OUT, Missing, or_skip, short_folder
from tongke import bootstrap
from tongke.bootstrap import Ground
from tongke.settings import Settings
from tongke.storage.bus import embedded

# Examples that touch a disk or a server take as long as the machine lets them.
hypothesis_settings.register_profile(
    "tongke", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("tongke")


# What is dear to start is started once: the demonstration for the pages, and Elasticsearch.
ELASTICSEARCH = "elasticsearch"
TOGETHER = {
    "tests/browser/test_": "browser",
    "tests/search/test_elastic": ELASTICSEARCH,
    "tests/workers/test_mending": ELASTICSEARCH,
    "tests/workers/test_order": ELASTICSEARCH,
}


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist says no types of its schedulers
    """A file stays together on one worker, and so do the files of `TOGETHER`. (xdist's own groups
    are not heeded by this pytest.)"""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return next((name for start, name in TOGETHER.items() if path.startswith(start)), path)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stays together lasts longest: begun last, it would keep one worker after the others."""
    items.sort(key=lambda item: not item.nodeid.startswith(tuple(TOGETHER)))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What did not run because of this machine, and what to install: who reads only that all
    passed would take it for tested."""
    left_out: dict[str, list[str]] = defaultdict(list)
    for report in terminalreporter.stats.get("skipped", ()):
        _, found, reason = report.longrepr[2].partition(LEFT_OUT)
        if found:
            left_out[reason].append(report.nodeid)
    for reason, tests in left_out.items():
        files = ", ".join(sorted({test.split("::")[0] for test in tests}))
        terminalreporter.write_sep("=", f"{len(tests)} tests DID NOT RUN", yellow=True)
        terminalreporter.write_line(f"{reason}\n{files}", yellow=True)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """The address of a real Valkey, for the whole run. Its socket's path has to be short."""
    with (
        tempfile.TemporaryDirectory(prefix="tk") as folder,
        embedded.running(embedded.find_server(None), Path(folder)) as url,
    ):
        yield url


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What makes databases of its own runs on each kind that its module or folder asks for."""
    wanted = kinds(metafunc.module)
    if "database_kind" in metafunc.fixturenames and len(wanted) > 1:
        metafunc.parametrize("database_kind", wanted)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    return kinds(request.module)[0]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A real PostgreSQL, for the whole run; started by the first test that needs one."""
    folder = short_folder("postgres")
    try:
        with running_postgres(folder) as found:
            yield found
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def elasticsearch_node() -> Iterator[Elasticsearch]:
    """A real Elasticsearch, for the whole run. Skips without Java and Maven, but where every server
    is asked for."""
    folder = short_folder("elasticsearch")
    try:
        node = elasticsearch.start(folder, briefly=True)
    except Missing as missing:
        or_skip(missing)
    with node.server:
        yield node
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a migrated database, to be copied."""
    path = tmp_path_factory.mktemp("template") / "tongke.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def spare_databases() -> list[str]:
    """The names of those on the PostgreSQL of the run that may be used again."""
    return []


@pytest.fixture
def databases(
    database_kind: str,
    tmp_path: Path,
    sqlite_template: Path,
    spare_databases: list[str],
    request: pytest.FixtureRequest,
) -> Iterator[Databases]:
    """What a test asks for a database of its own."""
    on_server = database_kind == POSTGRESQL
    server = request.getfixturevalue("postgres_server") if on_server else None
    with Databases(tmp_path, sqlite_template, server, spare_databases) as found:
        yield found


@pytest.fixture
def settings(tmp_path: Path, valkey: str, databases: Databases) -> Settings:
    data_dir = tmp_path / "data"
    return Settings(
        _env_file=None,
        data_dir=data_dir,
        database_url=databases.of_an_installation(data_dir),
        bus_url=valkey,
        min_free_bytes=0,
        port=0,
    )


@pytest.fixture
async def ground(settings: Settings) -> AsyncIterator[Ground]:
    """A migrated installation."""
    built = bootstrap.build(settings)
    yield built
    await built.close()
