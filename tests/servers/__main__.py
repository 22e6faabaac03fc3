"""`make servers`: the real servers by hand, until Ctrl-C, as the tests start them, and what to put
into `.env` to use them."""

from __future__ import annotations

import signal
import sys

from tests.servers import together
from tests.servers.process import Missing


def main() -> None:
    try:
        with together.servers() as found:
            settings = found.settings(found.postgres.create("tongke"), "tongke")
            print("# Into .env, in the folder where tongke is started:")
            print(together.as_env({**settings, **together.BRISKLY}), end="")
            print("# Ctrl-C ends them, and what they keep.", flush=True)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
    except Missing as missing:
        sys.exit(str(missing))


signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
main()
