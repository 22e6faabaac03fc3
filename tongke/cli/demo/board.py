"""Progress of the demonstration's library: a live table on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

import click

from tongke.cli.words import say

# What a row says of an item, in the words of the upload page.
WORDS = {
    "waiting": ("等待", "waiting"),
    "making": ("制作中", "making"),
    "uploading": ("上传中", "uploading"),
    "checking": ("检查中", "checking"),
    "playable": ("可观看", "playable"),
    "encoding": ("转码中", "encoding"),
    "published": ("已发布", "published"),
    "failed": ("失败", "failed"),
}


class Board(Protocol):
    def show(self, name: str, state: str, percent: float | None = None) -> None:
        """Where an item stands; `percent` of its state, where known."""


@contextmanager
def board(names: Iterable[str]) -> Iterator[Board]:
    """A board with a row for each name, shown while the block runs."""
    if sys.stdout.isatty():
        with _table(list(names)) as table:
            yield table
    else:
        yield _Lines()


class _Lines:
    """A line when an item's state changes: what a log can hold."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def show(self, name: str, state: str, percent: float | None = None) -> None:  # noqa: ARG002
        if self._last.get(name) != state:
            self._last[name] = state
            click.echo(f"{_word(state)}  {name}")


@contextmanager
def _table(names: list[str]) -> Iterator[Board]:
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        TextColumn("{task.fields[state]}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[figure]}"),
    )
    with Progress(*columns) as progress:
        rows = {
            name: progress.add_task(name, total=100, state=_word("waiting"), figure="")
            for name in names
        }

        class Table:
            def show(self, name: str, state: str, percent: float | None = None) -> None:
                done = 100.0 if state == "published" else percent or 0.0
                figure = "" if percent is None or state == "published" else f"{percent:.0f} %"
                progress.update(rows[name], completed=done, state=_word(state), figure=figure)

        yield Table()


def _word(state: str) -> str:
    return say(*WORDS[state])
