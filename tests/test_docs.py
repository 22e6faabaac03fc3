"""Every setting, command and metric is documented, and nothing that does not exist is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from prometheus_client.metrics import MetricWrapperBase

from services.admin import metrics
from tongke.cli import cli
from tongke.settings import Settings

DOCS = Path(__file__).parent.parent / "docs"

NAMES = {f"TONGKE_{name.upper()}" for name in Settings.model_fields}
ROWS = {
    cells[1].strip(" `"): cells[2].strip()
    for cells in (
        line.split("|") for line in (DOCS / "settings.md").read_text("utf-8").splitlines()
    )
    if len(cells) == 6 and cells[1].strip().startswith("`TONGKE_")
}


def commands(group: click.Group, words: tuple[str, ...] = ("tongke",)) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        else:
            yield " ".join((*words, name))


def test_every_setting_is_documented_and_no_other() -> None:
    assert set(ROWS) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_documented_default_is_the_default(name: str) -> None:
    default = Settings.model_fields[name.removeprefix("TONGKE_").lower()].get_default(
        call_default_factory=True
    )
    documented = ROWS[name]
    if default is None:
        assert not documented.startswith("`") or "folder" in documented
    else:
        written = re.match(r"`([^`]*)`", documented)
        assert written is not None
        assert written[1] == _as_written(default)


def _as_written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def test_every_command_is_documented_and_no_other() -> None:
    text = (DOCS / "commands.md").read_text("utf-8")
    documented = set(re.findall(r"^\| `(tongke [a-z ]+)` \|", text, re.MULTILINE))
    assert documented == set(commands(cli))


def test_every_command_helps_with_an_example() -> None:
    from click.testing import CliRunner

    for line in commands(cli):
        words = line.split()[1:]
        result = CliRunner().invoke(cli, [*words, "--help"])
        assert result.exit_code == 0
        example = f"tongke {' '.join(words)}"
        assert example in result.output or words == ["scheduler"], line


def test_every_metric_is_documented_and_no_other() -> None:
    families = (
        family
        for metric in vars(metrics).values()
        if isinstance(metric, MetricWrapperBase)
        for family in metric.collect()
    )
    kept = {f"{f.name}_total" if f.type == "counter" else f.name for f in families}
    text = (DOCS / "operating.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(tongke_[a-z_]+)` \|", text, re.MULTILINE)) == kept


def test_what_the_texts_point_to_is_there() -> None:
    root = DOCS.parent
    pointed = re.compile(
        r"\b(?:docs|tests|bench|tongke|services|search|workers)/[\w./-]+\.(?:md|py)\b"
    )
    folders = ("docs", "tests", "bench", "tongke", "services", "search", "workers")
    texts = [
        path
        for folder in folders
        for kind in ("*.md", "*.py")
        for path in (root / folder).rglob(kind)
    ]
    dangling = {
        (path.relative_to(root).as_posix(), found)
        for path in (*texts, *root.glob("*.md"))
        for found in pointed.findall(path.read_text("utf-8"))
        if not (root / found).exists()
    }
    assert dangling == set()


def figures(readme: str) -> list[tuple[list[str], list[str], str]]:
    """Of each row: the numbers of its bar and of what was measured, and its command."""
    text = (DOCS.parent / readme).read_text("utf-8")
    rows = re.findall(
        r"^\|.*\| (.*?) \| (.*?) \| (`(?:python -m bench|make) ?.*?`) \|$", text, re.M
    )
    number = re.compile(r"\d+(?:[.,/]\d+)*")
    # In the order of their size: the two languages put them in different ones.
    return [(*(sorted(number.findall(cell)) for cell in row[:2]), row[2]) for row in rows]


def test_both_readmes_have_the_same_figures() -> None:
    found = figures("README.md")
    assert len(found) > 10
    assert figures("README.zh-CN.md") == found
