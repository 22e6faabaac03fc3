"""Traces: sent where a collector is named, one for all that a request began, and else nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from pytest_aiohttp.plugin import AiohttpClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.app import create_app
from tests.deploy.collector import Collector, collecting
from tests.services.house import House, populate
from tongke import telemetry, tracing
from tongke.bootstrap import Ground
from tongke.library.models import Job
from tongke.library.vocabulary import Queue
from tongke.publishing.runner import run_step
from tongke.settings import Settings

REQUEST_ID = "a-number-that-a-teacher-reads-out"


@pytest.fixture
def collector(settings: Settings) -> Iterator[Collector]:
    with collecting() as listening:
        telemetry.configure(settings.model_copy(update={"otlp_endpoint": listening.url}), "web")
        yield listening
        telemetry.close()


@pytest.fixture
async def house(ground: Ground, aiohttp_client: AiohttpClient) -> House:
    ids, tokens = await ground.database.write(populate)
    return House(ground, await aiohttp_client(create_app(ground)), ids, tokens)


def attributes(span: Span) -> dict[str, str]:
    return {entry.key: entry.value.string_value for entry in span.attributes}


async def test_a_request_and_the_step_it_began_are_one_trace(
    collector: Collector, house: House
) -> None:
    tracing.set_request_id(REQUEST_ID)
    number = await house.publish("zhou", ["school:1"])
    job, key = await house.ground.database.read(_job_of, number)
    await house.ground.objects.delete(key)
    tracing.set_request_id("")
    page = await house.ask(
        "zhou", "GET", f"/resources/{number}?q=secret", headers={"X-Request-Id": REQUEST_ID}
    )
    assert page.status == 200
    # What was uploaded is gone, so the step fails, and says so.
    assert await run_step(house.ground, job, Queue.QUICK, lambda: False)
    telemetry.close()
    spans = {span.name: span for _, span in collector.spans}
    request, step = spans["GET /resources/{id}"], spans["step checking"]
    assert {part for part, _ in collector.spans} == {"tongke-web"}
    assert request.trace_id == step.trace_id
    assert (request.kind, step.kind) == (Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CONSUMER)
    assert attributes(request)["tongke.request_id"] == REQUEST_ID
    assert step.status.code == Status.STATUS_CODE_ERROR
    assert b"secret" not in request.SerializeToString()


def _job_of(session: Session, number: int) -> tuple[int, str]:
    job = session.scalars(select(Job).where(Job.resource_id == number)).one()
    return job.id, job.resource.original_key


async def test_two_requests_are_two_traces(collector: Collector, house: House) -> None:
    for _ in range(2):
        assert (await house.ask("", "GET", "/healthz")).status == 200
    telemetry.close()
    assert len({span.trace_id for _, span in collector.spans}) == 2


def test_nothing_of_it_is_imported_unless_it_is_asked_for() -> None:
    code = """
import sys
from tongke import telemetry
from tongke.settings import Settings

telemetry.configure(Settings(_env_file=None), "web")
with telemetry.span("GET /", "server") as note:
    note("http.response.status_code", 200)
telemetry.close()
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
