"""All the servers that a city has, started together."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers import elasticsearch, postgres, seaweedfs, valkey
from tests.servers.elasticsearch import Elasticsearch
from tests.servers.postgres import Postgres
from tests.servers.process import short_folder
from tests.servers.seaweedfs import SeaweedFS
from tests.servers.valkey import Valkey

# What an installation of a test, or of a developer, wants besides: a disk that is nearly full will
# do, what a killed worker held is taken up and what was lost is found within seconds.
BRISKLY = {
    "TONGKE_MIN_FREE_BYTES": "0",
    "TONGKE_JOB_LEASE_S": "5",
    "TONGKE_SWEEP_EVERY_S": "2",
}


@dataclass(frozen=True)
class Servers:
    """The parts that are not ours."""

    postgres: Postgres
    valkey: Valkey
    objects: SeaweedFS
    elasticsearch: Elasticsearch

    def settings(self, database: str, name: str) -> dict[str, str]:
        """What an installation on these servers is told; `name` keeps those of two apart."""
        return {
            "TONGKE_DATABASE_URL": database,
            "TONGKE_BUS_URL": self.valkey.url,
            "TONGKE_S3_URL": self.objects.url,
            "TONGKE_S3_BUCKET": name,
            "TONGKE_S3_REGION": self.objects.region,
            "TONGKE_S3_ACCESS_KEY": self.objects.access_key,
            "TONGKE_S3_SECRET_KEY": self.objects.secret_key,
            "TONGKE_ELASTICSEARCH_URL": self.elasticsearch.url,
            "TONGKE_ELASTICSEARCH_INDEX": name,
        }


def as_env(settings: Mapping[str, str]) -> str:
    """Settings as they stand in a file `.env`."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())


@contextmanager
def servers() -> Iterator[Servers]:
    """Start all of them beside each other, in folders that are removed at the end.

    Raises `Missing`.
    """
    with ExitStack() as left:

        def folder(name: str) -> Path:
            made = short_folder(name)
            left.callback(shutil.rmtree, made, ignore_errors=True)
            return made

        # Not in threads: the kernel ends a process together with the thread that started it.
        index = elasticsearch.begin(folder("es"), briefly=True)
        left.enter_context(index.server)
        objects = seaweedfs.begin(folder("s3"))
        left.enter_context(objects.server)
        database = postgres.start(folder("pg"))
        left.enter_context(database.server)
        bus = valkey.start(folder("vk"))
        left.enter_context(bus.server)
        for server in (objects.server, index.server):
            server.until_ready()
        yield Servers(database, bus, objects, index)
