"""What is said of a span, by those who begin one (`telemetry`) and those who send it (`otlp`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Value = str | int
# Adds an attribute to a span that has begun.
Note = Callable[[str, Value], None]
Kind = Literal["server", "consumer"]
