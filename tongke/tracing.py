"""The request id: what began a piece of work, followed through logs, jobs and the outbox."""

from __future__ import annotations

import random
from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def new_request_id() -> str:
    """A name and no secret: the kernel's random bytes would cost as much as a small answer."""
    return f"{random.getrandbits(64):016x}"


def set_request_id(value: str) -> None:
    _request_id.set(value)


def request_id() -> str:
    """The id of what is being done now; empty outside any request."""
    return _request_id.get()
