"""A school is set up by the lines that the README has for it, as they stand there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import Run

ROOT = Path(__file__).parent.parent.parent
SCHOOL = re.compile(r"```\nmake install\n(.*?)```", re.DOTALL)
OURS = ".venv/bin/tongke "


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_a_school_is_set_up_line_by_line(run: Run, readme: str) -> None:
    found = SCHOOL.search((ROOT / readme).read_text("utf-8"))
    assert found
    *lines, last = found[1].splitlines()
    assert last == f"{OURS}serve"
    assert len(lines) > 3
    for line in lines:
        assert line.startswith(OURS)
        done = run(*shlex.split(line.removeprefix(OURS), comments=True))
        assert done.exit_code == 0, f"{line}: {done.output}"


def test_a_school_in_a_region_that_is_not_there_names_the_command_that_is_missing(run: Run) -> None:
    assert run("migrate").exit_code == 0
    done = run("school", "add", "橘洲路中学", "--region", "430104")
    assert done.exit_code == 1
    assert "tongke region add 430104 NAME" in done.output
