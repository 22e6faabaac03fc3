"""What is logged while a command runs."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def errors_alone() -> Iterator[None]:
    """A command has its own words, and what it prints may be read by a script. That a hint found
    nobody (before the service was ever started, say) is no news to who runs one. What serves sets
    up its own log (`tongke.logs`)."""
    before = structlog.get_config()
    structlog.configure(
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
    )
    try:
        yield
    finally:
        structlog.configure(**before)
