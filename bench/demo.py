"""How long a newcomer waits for `make demo`.

`python -m bench.demo [--json]` clones this checkout, runs `make demo` in the clone as the README
says, and looks at what it prints: when the service answers, and when the library is published and
the address stands there with its accounts. pip's cache is to be warm: that is so wherever
`make test` has set itself up.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tests.servers.ports import free_port

HERE = Path(__file__).parent.parent
LIMIT_S = 600.0
STOP_LIMIT_S = 60.0


def main() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "tongke"
        subprocess.run(["git", "clone", "--quiet", HERE, clone], check=True)
        began = time.perf_counter()
        port = free_port()
        demo = subprocess.Popen(
            ["make", "demo"],
            cwd=clone,
            env={**os.environ, "TONGKE_PORT": str(port), "LANG": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
        try:
            return _seen(demo, f"http://localhost:{port}", began)
        finally:
            # As Ctrl-C does: every process of the terminal's group.
            os.killpg(demo.pid, signal.SIGINT)
            demo.wait(STOP_LIMIT_S)


def _seen(demo: subprocess.Popen[str], url: str, began: float) -> dict[str, float]:
    """When the address was printed: first as the service answers, last with the accounts."""
    found: dict[str, float] = {}
    assert demo.stdout is not None
    for line in demo.stdout:
        after = round(time.perf_counter() - began, 1)
        assert after < LIMIT_S, "make demo takes too long"
        if url in line and "answers_s" in found:
            return {**found, "address_s": after}
        if url in line:
            found["answers_s"] = after
    raise AssertionError("make demo ended by itself")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = main()
    if arguments.json:
        print(json.dumps(result))
    else:
        print(
            f"make demo: the service answers after {result['answers_s']} s; the library is"
            f" published, the address and accounts are printed after {result['address_s']} s"
            " (bar <= 90)"
        )
