"""Real parts for every test: a Valkey, a database, objects and an index of its own."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from tongke import bootstrap
from tongke.bootstrap import Ground
from tongke.settings import Settings
from tongke.storage import migrate
from tongke.storage.bus import embedded

# Examples that touch a disk or a server take as long as the machine lets them.
hypothesis_settings.register_profile("tongke", deadline=None)
hypothesis_settings.load_profile("tongke")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files stay together on one worker of xdist; so do all tests of the pages, for which one
    demonstration is started. Those begin first: begun last, they would keep one worker busy for
    minutes after the other has nothing left to do."""
    for item in items:
        folder = item.path.parent
        group = folder if folder.name == "browser" else item.path
        item.add_marker(pytest.mark.xdist_group(str(group)))
    items.sort(key=lambda item: item.path.parent.name != "browser")


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """The address of a real Valkey, for the whole run. Its socket's path has to be short."""
    with (
        tempfile.TemporaryDirectory(prefix="tk") as folder,
        embedded.running(embedded.find_server(None), Path(folder)) as url,
    ):
        yield url


@pytest.fixture
def settings(tmp_path: Path, valkey: str) -> Settings:
    return Settings(
        _env_file=None, data_dir=tmp_path / "data", bus_url=valkey, min_free_bytes=0, port=0
    )


@pytest.fixture
async def ground(settings: Settings) -> AsyncIterator[Ground]:
    """A migrated installation."""
    built = bootstrap.build(settings)
    migrate.upgrade(built.database)
    yield built
    await built.close()
