"""Traces (OpenTelemetry), where a collector is named; otherwise none of it is even imported.

A span for each request and for each step of a job. All that one request began is one trace, also
what a worker does hours later: the trace's number is worked out of the request id, which jobs keep
(`tongke.tracing`), so nothing else has to travel. The number that a teacher reads out finds it.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from tongke.settings import Settings
from tongke.spans import Kind, Note, Value

if TYPE_CHECKING:
    from tongke.otlp import Traces

_traces: Traces | None = None


def configure(settings: Settings, part: str) -> None:
    """Begin to send the traces of this process, which is such a part, if a collector is named."""
    global _traces
    if settings.otlp_endpoint is None:
        return
    from tongke.otlp import Traces

    _traces = Traces(settings.otlp_endpoint, part)


def span(name: str, kind: Kind, **attributes: Value) -> AbstractContextManager[Note]:
    """A span for as long as the block runs; what it gets adds an attribute known only later."""
    return nullcontext(_nowhere) if _traces is None else _traces.span(name, kind, attributes)


def close() -> None:
    """Send what is left, at most for a few seconds, and send no more. Blocks."""
    global _traces
    if _traces is not None:
        _traces.close()
        _traces = None


def _nowhere(_name: str, _value: Value) -> None:
    """Nobody collects."""
