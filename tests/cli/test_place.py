"""An installation is set up from nothing by a dozen lines of commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tongke.cli import cli


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("TONGKE_DATA_DIR", str(tmp_path))
    runner = CliRunner()
    assert runner.invoke(cli, ["migrate"]).exit_code == 0
    return runner


def said(run: CliRunner, *arguments: str) -> dict[str, object]:
    result = run.invoke(cli, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.output)
    return found


def test_a_pairing_from_nothing(run: CliRunner) -> None:
    for code, name, level in (
        ("430000", "湖南省", "province"),
        ("430100", "长沙市", "city"),
        ("430104", "岳麓区", "county"),
    ):
        assert said(run, "region", "add", code, name)["level"] == level
    for name in ("橘洲路中学", "桐木溪中学"):
        said(run, "school", "add", name, "--region", "430104")
    pair = ("school", "pair", "橘洲路中学", "桐木溪中学", "--level", "county")
    assert said(run, *pair, "--until", "2099-08-31")["level"] == "county"


@pytest.mark.parametrize(
    "arguments",
    [
        ("region", "add", "430100", "长沙市"),  # its province is missing
        ("region", "add", "43", "湖南省"),
        ("school", "add", "橘洲路中学", "--region", "430104"),
        ("school", "pair", "甲", "乙", "--level", "county", "--until", "2099-08-31"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(run: CliRunner, arguments: tuple[str, ...]) -> None:
    result = run.invoke(cli, list(arguments))
    assert result.exit_code != 0
