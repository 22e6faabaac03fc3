"""Words to the other processes after a commit: work is ready, the index is behind, rights moved.

All of them are hints. The database is the truth, and the sweeper finds what a lost hint would
have begun; so nothing here is waited for by a request, and nothing here fails one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import structlog
from celery import Celery
from sqlalchemy.orm import Session

from tongke.library import jobs, outbox
from tongke.library.vocabulary import Queue
from tongke.storage.bus.port import Bus
from tongke.storage.bus.valkey import celery_url
from tongke.storage.database import all_rights_changed, rights_changed_of
from tongke.tracing import request_id

RUN_STEP: Final = "tongke.run_step"
INDEX: Final = "tongke.index"
SWEEP: Final = "tongke.sweep"

# Published on the bus when a row that gives rights was changed or deleted. Where that is about one
# thing alone the message is its name, "class:7" or "account/7"; else a request's, which has neither
# colon nor slash.
RIGHTS_CHANNEL: Final = "tongke:rights"

# Nobody goes on by what they found out of a right for longer than a minute. A worker or a command
# that ends before tells no more: they change rights seldom.
TOLD_LATE_EVERY_S: Final = 1.0
TOLD_LATE: Final = 60

# A hint that cannot be delivered in this time is left to the sweeper.
BROKER_OPTIONS: Final[dict[str, Any]] = {"socket_timeout": 5.0, "socket_connect_timeout": 5.0}
SEND_RETRY: Final[dict[str, Any]] = {"max_retries": 1, "interval_start": 0.2}

_log = structlog.get_logger("tongke.tasks")


def celery(bus_address: str) -> Celery:
    """A Celery application that can send our tasks; workers add the tasks themselves."""
    app = Celery("tongke", broker=celery_url(bus_address), set_as_current=False)
    app.conf.update(
        broker_transport_options=BROKER_OPTIONS,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
    )
    return app


class Hints:
    """Sends hints in the background of the event loop it lives on."""

    def __init__(self, app: Celery, bus: Bus) -> None:
        self._app = app
        self._bus = bus
        self._under_way: set[asyncio.Task[None]] = set()
        self._untold: asyncio.Task[None] | None = None
        self._late_left = 0

    def after_commit(self, session: Session) -> None:
        """Tell the others what this session committed. A hook of `Database`."""
        for job_id, queue in jobs.to_wake(session):
            self.run_step(job_id, queue)
        if outbox.wrote(session):
            self.index()
        if all_rights_changed(session):
            self._spawn(self._tell(request_id()))
            return
        for thing in rights_changed_of(session):
            self._spawn(self._tell(thing))

    def run_step(self, job_id: int, queue: Queue) -> None:
        self._spawn(self._send(RUN_STEP, queue, job_id, queue.value))

    def index(self) -> None:
        self._spawn(self._send(INDEX, Queue.INDEX))

    async def drain(self) -> None:
        """Wait until everything so far is sent, or given up."""
        await asyncio.gather(*self._under_way)

    async def close(self) -> None:
        """Send what there is, and try no more."""
        await self.drain()
        if self._untold is not None:
            self._untold.cancel()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _send(self, name: str, queue: Queue, *arguments: object) -> None:
        try:
            await asyncio.to_thread(
                self._app.send_task,
                name,
                args=arguments,
                queue=queue.value,
                headers={"request_id": request_id()},
                retry_policy=SEND_RETRY,
            )
        except Exception as error:
            _log.warning("hint-lost", task=name, error=str(error))

    async def _tell(self, word: str) -> None:
        """Tell of rights that have changed; late, where the bus is away, as of all of them."""
        try:
            await self._bus.publish(RIGHTS_CHANNEL, word.encode())
        except Exception as error:
            _log.warning("hint-lost", channel=RIGHTS_CHANNEL, error=str(error))
            self._late_left = TOLD_LATE
            if self._untold is None or self._untold.done():
                self._untold = asyncio.get_running_loop().create_task(self._tell_late())

    async def _tell_late(self) -> None:
        """Others may have kept the bus, and go on by what they found out before."""
        while self._late_left:
            await asyncio.sleep(TOLD_LATE_EVERY_S)
            left, self._late_left = self._late_left, 0
            try:
                await self._bus.publish(RIGHTS_CHANNEL, b"late")
            except Exception:
                self._late_left = max(self._late_left, left - 1)
