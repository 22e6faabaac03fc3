"""The request id: what began a piece of work, followed through logs, jobs and the outbox."""

from __future__ import annotations

import secrets
from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def new_request_id() -> str:
    return secrets.token_hex(8)


def set_request_id(value: str) -> None:
    _request_id.set(value)


def request_id() -> str:
    """The id of what is being done now; empty outside any request."""
    return _request_id.get()
