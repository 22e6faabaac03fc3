"""`make servers`: the real servers by hand, until Ctrl-C, and the settings that name them."""

from __future__ import annotations

import signal
import sys

from tests.servers import together
from tests.servers.process import Missing


def main() -> None:
    try:
        with together.servers() as found:
            for name, value in found.settings(found.postgres.create("tongke"), "tongke").items():
                print(f"export {name}='{value}'")
            print("# Ctrl-C ends them, and what they keep.", flush=True)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
    except Missing as missing:
        sys.exit(str(missing))


signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
main()
