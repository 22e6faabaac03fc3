"""An Elasticsearch for the run, where the machine can have one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.servers import elasticsearch
from tests.servers.elasticsearch import Elasticsearch
from tests.servers.process import Missing, or_skip, short_folder


@pytest.fixture(scope="session")
def elasticsearch_node() -> Iterator[Elasticsearch]:
    """Skips without Java and Maven, but where every server is asked for."""
    folder = short_folder("elasticsearch")
    try:
        node = elasticsearch.start(folder, briefly=True)
    except Missing as missing:
        or_skip(missing)
    with node.server:
        yield node
    shutil.rmtree(folder)
