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
    "live_skew",
    "live_glass",
    "live_talk",
    "live_talk_line",
    "live_line",
    "live_thin",
    "live_publisher_drop",
    "live_room_drop",
    "live_kill",
    "live_end",
    "live_viewers",
    "live_soak",
)


def main() -> int:
    failed = 0
    for name in BENCHES:
        print(f"== {name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode
    return 1 if failed else 0


sys.exit(main())
