"""A run that could not do all says so at its end, and what to install."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LACKS_JAVA = "tests/search/test_elastic_agreement.py"


def test_without_java_it_says_that_elasticsearchs_part_did_not_run() -> None:
    """As `make test` runs them: in processes of their own, and quietly."""
    environment = {name: value for name, value in os.environ.items() if "NEED_SERVERS" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "1", "-p", "no:cacheprovider", LACKS_JAVA],
        env={**environment, "PATH": ""},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    end = done.stdout[done.stdout.index("DID NOT RUN") :]
    assert "java is not on this machine: for Elasticsearch install Java 17" in end
    assert LACKS_JAVA in end
