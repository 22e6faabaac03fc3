"""Sends spans to a collector by OTLP over HTTP. Imported only where one is named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import SpanKind, StatusCode

from tongke.spans import Kind, Note, Value
from tongke.tracing import request_id

# A collector on the same network answers in milliseconds; one that is away must not keep a stop.
SEND_LIMIT_S = 3.0
KINDS = {"server": SpanKind.SERVER, "consumer": SpanKind.CONSUMER}


class OfRequest(RandomIdGenerator):
    """A trace for each request id: the same number in whatever process it is asked for."""

    def generate_trace_id(self) -> int:
        began = request_id()
        if not began:
            return super().generate_trace_id()
        return int.from_bytes(hashlib.sha256(began.encode()).digest()[:16], "big")


class Traces:
    """The spans of one process, sent in batches from a thread of the exporter's own."""

    def __init__(self, endpoint: str, part: str) -> None:
        resource = Resource.create(
            {"service.name": f"tongke-{part}", "service.version": version("tongke")}
        )
        exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=SEND_LIMIT_S)
        self._provider = TracerProvider(
            resource=resource, id_generator=OfRequest(), shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("tongke")

    @contextmanager
    def span(self, name: str, kind: Kind, attributes: Mapping[str, Value]) -> Iterator[Note]:
        """What was raised is named by its kind alone: its words may be a person's."""
        with self._tracer.start_as_current_span(
            name,
            kind=KINDS[kind],
            attributes={**attributes, "tongke.request_id": request_id()},
            record_exception=False,
            set_status_on_exception=False,
        ) as begun:
            try:
                yield begun.set_attribute
            except BaseException as raised:
                begun.set_status(StatusCode.ERROR, type(raised).__name__)
                raise

    def close(self) -> None:
        self._provider.shutdown()
