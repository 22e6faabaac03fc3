"""The bus on a real Valkey: the port's suite, silence on the line, and Celery's addresses."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from redis import Redis
from redis.asyncio.client import PubSub

from tests.conformance.bus import BusSuite, Outage, next_event
from tests.waiting import LIMIT_S, until_true
from tongke.storage.bus.embedded import find_server, running, serving_process
from tongke.storage.bus.port import Connected, Disconnected
from tongke.storage.bus.valkey import ValkeyBus, celery_url


class Server:
    """A Valkey in a folder, which can be ended and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running = ExitStack()

    def start(self) -> str:
        return self._running.enter_context(running(find_server(None), self.folder))

    def stop(self) -> None:
        self._running.close()

    @property
    def process(self) -> int:
        found = serving_process(self.folder)
        assert found is not None
        return found


@pytest.fixture
def server() -> Iterator[Server]:
    # pytest's own folders are too deep for a socket.
    with tempfile.TemporaryDirectory(prefix="tk-") as folder:
        found = Server(Path(folder))
        found.start()
        yield found
        found.stop()


@pytest.fixture
async def bus(server: Server) -> AsyncIterator[ValkeyBus]:
    found = ValkeyBus(f"unix://{server.folder}/valkey.sock")
    yield found
    await found.close()


@pytest.fixture
async def other_bus(server: Server) -> AsyncIterator[ValkeyBus]:
    found = ValkeyBus(f"unix://{server.folder}/valkey.sock")
    yield found
    await found.close()


@pytest.fixture
def outage(server: Server) -> Outage:
    @asynccontextmanager
    async def away() -> AsyncIterator[None]:
        os.kill(server.process, signal.SIGKILL)
        server.stop()
        yield
        server.start()

    return away


class TestValkeyBus(BusSuite):
    async def test_a_silent_line_is_noticed(self, server: Server, bus: ValkeyBus) -> None:
        async with bus.subscribe("c") as events:
            assert await next_event(events) == Connected()
            process = server.process
            os.kill(process, signal.SIGSTOP)
            try:
                assert await next_event(events) == Disconnected()
            finally:
                os.kill(process, signal.SIGCONT)
            assert await next_event(events) == Connected()

    async def test_a_quiet_line_is_not_taken_for_lost(
        self, bus: ValkeyBus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An answer is waited for however long it takes: only that it comes and counts is asked."""
        monkeypatch.setattr("tongke.storage.bus.valkey.PING_EVERY_S", 0.05)
        ping, get_message = PubSub.ping, PubSub.get_message
        asked, answered = list[PubSub](), list[PubSub]()

        async def noted(line: PubSub) -> None:
            await ping(line)
            asked.append(line)

        async def patiently(line: PubSub, timeout: float) -> Any:  # noqa: ASYNC109 redis-py's name
            is_asked = len(asked) > len(answered)
            found = await get_message(line, timeout=LIMIT_S if is_asked else timeout)
            if is_asked and found is not None:
                answered.append(line)
            return found

        monkeypatch.setattr(PubSub, "ping", noted)
        monkeypatch.setattr(PubSub, "get_message", patiently)
        async with bus.subscribe("c") as events:
            assert await next_event(events) == Connected()
            event = asyncio.create_task(next_event(events))
            await until_true(lambda: len(answered) == 5 or event.done(), what="five answers")
            assert not event.done()
            event.cancel()
            await asyncio.wait([event])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://:secret@bus.example:6380/2", "redis://:secret@bus.example:6380/2"),
        (
            "rediss://u:p@bus.example/0",
            "rediss://u:p@bus.example/0?ssl_cert_reqs=required",
        ),
        (
            "rediss://bus.example?ssl_cert_reqs=none&ssl_ca_certs=/ca.pem",
            "rediss://bus.example?ssl_cert_reqs=none&ssl_ca_certs=%2Fca.pem",
        ),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock"),
        ("unix:///run/valkey.sock?db=3", "redis+socket:///run/valkey.sock?virtual_host=3"),
        ("unix://u:p@/run/valkey.sock", "redis+socket://u:p@/run/valkey.sock"),
    ],
)
def test_celery_is_told_the_same_server(url: str, expected: str) -> None:
    assert celery_url(url) == expected


def test_celery_reaches_the_same_server(server: Server) -> None:
    url = f"unix://{server.folder}/valkey.sock?db=3"
    app = Celery(broker=celery_url(url), set_as_current=False)
    app.send_task("anything")
    with Redis.from_url(url) as client:
        assert client.llen("celery") == 1
    app.close()


async def test_who_listens_can_be_ended_though_the_client_swallows_it(
    bus: ValkeyBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    get_message = PubSub.get_message

    async def swallowing(line: PubSub, *args: Any, **kwargs: Any) -> Any:
        try:
            return await get_message(line, *args, **kwargs)
        except asyncio.CancelledError:
            return None

    monkeypatch.setattr(PubSub, "get_message", swallowing)
    connected = asyncio.Event()

    async def listen() -> None:
        async with bus.subscribe("news") as events:
            async for _ in events:
                connected.set()

    listening = asyncio.create_task(listen())
    await connected.wait()
    listening.cancel()
    done, _ = await asyncio.wait([listening], timeout=LIMIT_S)
    assert done
    assert listening.cancelled()
