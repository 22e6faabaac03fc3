"""Who lives and dies with another process does not outlive it by a race."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

from tests.waiting import LIMIT_S
from tongke import lifeline

BEGIN = "from tongke.lifeline import die_with_named_parent as die; die(); print('began')"


def ran(environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BEGIN],
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def test_what_was_started_by_one_that_is_gone_does_not_begin() -> None:
    environment = {**os.environ, lifeline.PARENT_VARIABLE: "1"}
    done = ran(environment)
    assert (done.returncode, done.stdout) == (1, "")


def test_without_a_named_parent_nothing_is_asked() -> None:
    environment = {k: v for k, v in os.environ.items() if k != lifeline.PARENT_VARIABLE}
    done = ran(environment)
    assert (done.returncode, done.stdout) == (0, "began\n")
