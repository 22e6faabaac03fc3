"""Structured logs: one event a line, with the part that speaks and the request id of what began it.

Traces are written without the values of local variables: among those of a request are passwords,
session secrets and what is in people's papers, none of which belongs into a log.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from tongke.settings import Settings
from tongke.tracing import request_id

# What a supervisor calls this process: parts that share a terminal are told apart by it.
PART_VARIABLE = "TONGKE_PART"


def configure(settings: Settings) -> None:
    """Set up logging of this process, ours and the libraries', on standard error."""
    shared: list[structlog.typing.Processor] = [
        _add_request_id,
        *_naming_part(os.environ.get(PART_VARIABLE)),
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    final: list[structlog.typing.Processor] = (
        [_traces_as_values(), structlog.processors.JSONRenderer()]
        if settings.log_json
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(_level(settings)),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(_level(settings))
    # One line a request is written by our own middleware.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)


def _traces_as_values() -> structlog.processors.ExceptionRenderer:
    transform = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return structlog.processors.ExceptionRenderer(transform)


def _level(settings: Settings) -> int:
    return logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)


def _naming_part(name: str | None) -> list[structlog.typing.Processor]:
    def add_part(
        _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        # What is said of a part names it already.
        event.setdefault("part", name)
        return event

    return [add_part] if name else []


def _add_request_id(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    found = request_id()
    if found:
        event["request_id"] = found
    return event
