"""`make bench`: every benchmark, one after the other, on a machine that does nothing else."""

from __future__ import annotations

import subprocess
import sys

BENCHES = (
    "demo",
    "ladder",
    "first_frame",
    "upload",
    "search",
    "library_page",
    "media_proxy",
    "uploads",
    "people",
)


def main() -> int:
    failed = 0
    for name in BENCHES:
        print(f"== {name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode
    return 1 if failed else 0


sys.exit(main())
