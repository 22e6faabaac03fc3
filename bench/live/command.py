"""How the benchmarks of the classroom are asked and answer."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from bench.live.figures import machine

Measure = Callable[[argparse.Namespace], Awaitable[dict[str, Any]]]


def answer(doc: str | None, measure: Measure, **options: float | str) -> None:
    """Measure, with `--json` or in words; options are numbers and names with their defaults."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true")
    for name, default in options.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    chosen = parser.parse_args()
    found = {**asyncio.run(measure(chosen)), **machine()}
    if chosen.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for name, value in found.items():
        print(f"{name:24} {value}")
