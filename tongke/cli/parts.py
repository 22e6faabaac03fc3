"""The parts of the service on one machine, as the supervisor is to start and stop them.

Three workers, because a step of minutes (the ladder) must not keep waiting one of seconds (a
lesson made playable, the sound for thin lines); what takes seconds shares one. One scheduler; one
web process; and the embedded Valkey when the settings name no other. See docs/decisions/jobs.md.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from collections.abc import Mapping

from tongke.cli.errors import AddressUnusable, PortTaken
from tongke.library.vocabulary import Queue
from tongke.settings import Settings
from tongke.storage.bus import embedded
from tongke.supervisor.part import Part

# The web process gives requests 10 s (`web.FINISH_LIMIT_S`) and needs a moment around it.
WEB_STOP_LIMIT_S = 15.0
# A worker asked to stop ends its ffmpeg and gives the step back; uploading what is done may last.
WORKER_STOP_LIMIT_S = 20.0
SCHEDULER_STOP_LIMIT_S = 5.0
BUS_STOP_LIMIT_S = 5.0

# By name, the queues that a process takes from.
WORKERS: Mapping[str, tuple[Queue, ...]] = {
    "worker-quick": (Queue.QUICK, Queue.DOCUMENTS, Queue.INDEX),
    "worker-thin": (Queue.THIN,),
    "worker-ladder": (Queue.LADDER,),
}

ANY_HOST = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked, not bound


def stages(settings: Settings) -> list[list[Part]]:
    """Every part in the order of starting; stopped the other way round."""
    bus = [_bus(settings)] if settings.embedded_bus else []
    return [bus, [*map(_worker, WORKERS), _scheduler()], [_web(settings)]]


def environment(settings: Settings) -> Mapping[str, str]:
    """What the parts have to be told, besides the environment they inherit."""
    return {"TONGKE_DATA_DIR": str(settings.data_dir), "TONGKE_PORT": str(settings.port)}


def local_url(settings: Settings) -> str:
    """Where this machine itself reaches the web process, whatever address people type."""
    host = ANY_HOST.get(settings.host, settings.host)
    bracketed = f"[{host}]" if ":" in host else host
    return f"{'https' if settings.https else 'http'}://{bracketed}:{settings.port}"


def check_port(settings: Settings) -> None:
    """Find out before anything is started. Raises `PortTaken`, `AddressUnusable`."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(port=settings.port, other=settings.port + 1) from error
            raise AddressUnusable(
                host=settings.host, port=settings.port, reason=error.strerror or error
            ) from error


def _bus(settings: Settings) -> Part:
    folder = settings.sockets_dir
    command = embedded.command(embedded.find_server(settings.valkey_server), folder)

    async def ready(pid: int) -> bool:
        return await asyncio.to_thread(embedded.serving_process, folder) == pid

    return Part("valkey", command, BUS_STOP_LIMIT_S, ready)


def worker_of(queue: Queue) -> str:
    """The name of the process that takes from a queue."""
    return next(name for name, queues in WORKERS.items() if queue in queues)


def _worker(name: str) -> Part:
    chosen = [word for queue in WORKERS[name] for word in ("--queue", queue.value)]
    return Part(name, _ourselves("worker", *chosen), WORKER_STOP_LIMIT_S)


def _scheduler() -> Part:
    return Part("scheduler", _ourselves("scheduler"), SCHEDULER_STOP_LIMIT_S)


def _web(settings: Settings) -> Part:
    host = ANY_HOST.get(settings.host, settings.host)

    async def ready(_pid: int) -> bool:
        try:
            _, writer = await asyncio.open_connection(host, settings.port)
        except OSError:
            return False
        writer.close()
        return True

    return Part("web", _ourselves("serve", "--only", "web"), WEB_STOP_LIMIT_S, ready)


def _ourselves(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tongke.cli", *arguments]
