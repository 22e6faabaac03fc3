"""How commands print: results for people or as JSON, progress as a bar or as plain lines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import click

from tongke.cli.lazy import JSON
from tongke.cli.words import say

F = TypeVar("F", bound=Callable[..., Any])

# Without a terminal a line is written this often: enough to see that it goes on.
LINE_EVERY_S = 5.0


class Advance(Protocol):
    """Told how much of the work is done, and how many bytes that is."""

    def __call__(self, done: int, size: int = 0) -> None: ...


def json_option(command: F) -> F:
    """`--json`: the result as one JSON document on standard output, errors too."""

    def note(ctx: click.Context, _parameter: click.Parameter, chosen: bool) -> bool:
        ctx.meta[JSON] = chosen
        return chosen

    option = click.option(
        "--json",
        "as_json",
        is_flag=True,
        callback=note,
        is_eager=True,
        help=say("以 JSON 输出，供脚本使用", "Print JSON, for scripts"),
    )
    return option(command)


def print_json(result: Mapping[str, Any]) -> None:
    click.echo(json.dumps(result, ensure_ascii=False, indent=2, default=str))


@contextmanager
def progress(label: str, total: int) -> Iterator[Advance]:
    """Progress of long work on standard error: the block calls what it gets with how much is done,
    and how many bytes that is, where they count.

    More may come than was counted at the beginning: then that is the whole.
    """
    if sys.stderr.isatty():
        with _bar(label, total) as advance:
            yield advance
    else:
        yield _lines(label, total)


@contextmanager
def _bar(label: str, total: int) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[size]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(label, total=total, size="")

        def advance(done: int, size: int = 0) -> None:
            shown.update(task, completed=done, total=max(total, done), size=_gigabytes(size))

        yield advance


def _lines(label: str, total: int) -> Advance:
    written = time.monotonic()

    def advance(done: int, size: int = 0) -> None:
        nonlocal written
        now = time.monotonic()
        if done == total or now - written >= LINE_EVERY_S:
            written = now
            said = f"{label} {done}/{max(total, done)} {_gigabytes(size)}"
            click.echo(said.rstrip(), err=True)

    return advance


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size else ""
