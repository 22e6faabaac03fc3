"""`make servers`: the real servers by hand, until Ctrl-C, as the tests start them, and what to put
into `.env` to use them."""

from __future__ import annotations

import shutil
import signal
import sys

from tests.servers import nginx, together
from tests.servers.nginx import Nginx
from tests.servers.process import Missing, short_folder
from tests.servers.together import Servers
from tongke.settings import Settings


def main() -> None:
    folder = short_folder("nginx")
    defaults = Settings(_env_file=None)
    try:
        # Before a service that is started with what is printed.
        front = nginx.start(folder, (f"{defaults.host}:{defaults.port}",))
        with front.server, together.servers() as found:
            print("# Into .env, in the folder where tongke is started:")
            print(told(found, front), end="")
            print(f"# Then it is at {front.url}. Ctrl-C ends them, and what they keep.", flush=True)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
    except Missing as missing:
        sys.exit(str(missing))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def told(found: Servers, front: Nginx) -> str:
    """What goes into `.env`: a service on these servers, behind that nginx."""
    before_it = {
        "TONGKE_NGINX_URL": front.status_url,
        "TONGKE_TRUSTED_PROXIES": '["127.0.0.1/32"]',
    }
    settings = found.settings(found.postgres.create("tongke"), "tongke")
    return together.as_env({**settings, **before_it, **together.BRISKLY})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main()
