"""Every JSON operation, fuzzed from its own document by schemathesis: no 5xx, no other shape."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

from services.app import api_document, create_app
from tests.databases import POSTGRESQL, TEMPLATE, kinds
from tests.services.house import populate
from tests.waiting import LIMIT_S
from tongke import bootstrap
from tongke.settings import Settings
from tongke.storage import migrate

schema = schemathesis.openapi.from_dict(api_document())
# Bytes on a wire of its own: tests/services/upload has that. Signing out would end the test.
JSON_ONLY = schema.exclude(path_regex="^/api/v1/uploads").exclude(
    path="/api/v1/session", method="DELETE"
)


# Above it the HTTP parser itself refuses, before any of our code runs.
LONGEST_LINE = 8_000


@dataclass(frozen=True)
class Server:
    url: str
    token: str


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, valkey: str, request: pytest.FixtureRequest
) -> Iterator[Server]:
    """The service in a thread of its own: schemathesis asks from outside, synchronously."""
    on_server = kinds(request.module) == [POSTGRESQL]
    postgres = request.getfixturevalue("postgres_server") if on_server else None
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path_factory.mktemp("fuzzed"),
        database_url=postgres.create("fuzzed", TEMPLATE) if postgres else None,
        bus_url=valkey,
    )
    found: list[Server] = []
    ready, stop = threading.Event(), threading.Event()

    def run() -> None:
        asyncio.run(_serve(settings, found, ready, stop))

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(LIMIT_S)
    yield found[0]
    stop.set()
    thread.join()


async def _serve(
    settings: Settings, found: list[Server], ready: threading.Event, stop: threading.Event
) -> None:
    ground = bootstrap.build(settings)
    migrate.upgrade(ground.database)
    _, tokens = await ground.database.write(populate)
    runner = web.AppRunner(create_app(ground))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.append(Server(f"http://127.0.0.1:{runner.addresses[0][1]}", tokens["head"]))
    ready.set()
    while not stop.is_set():
        await asyncio.sleep(0.05)
    await runner.cleanup()
    await ground.close()


@JSON_ONLY.parametrize()
@hypothesis_settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_the_api_keeps_its_document(case: schemathesis.Case, server: Server) -> None:
    response = case.call(
        base_url=server.url, headers={"Authorization": f"Bearer {server.token}"}, timeout=LIMIT_S
    )
    assert response.status_code < 500, response.text
    if len(response.request.url or "") > LONGEST_LINE:
        return
    case.validate_response(
        response,
        checks=[response_schema_conformance, content_type_conformance],
    )
