"""The bus on a Redis over TLS with a password: the port's suite, and who is not let in."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from celery import Celery
from redis import Redis

from tests.conformance.bus import BusSuite, Outage
from tests.servers import valkey
from tests.servers.process import Missing, or_skip, short_folder
from tests.servers.valkey import PASSWORD, Valkey
from tests.waiting import LIMIT_S
from tongke.storage.bus.errors import BusUnavailable
from tongke.storage.bus.valkey import ValkeyBus, celery_url


@pytest.fixture(scope="module")
def redis() -> Iterator[Valkey]:
    folder = short_folder("redis")
    try:
        found = valkey.start_with_tls(folder)
    except Missing as error:
        or_skip(error)
    with found.server:
        yield found
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line begins with a handshake: twenty at once take a busy machine some seconds."""
    for limit in ("SOCKET_LIMIT_S", "CALL_LIMIT_S"):
        monkeypatch.setattr(f"tongke.storage.bus.valkey.{limit}", LIMIT_S)


@pytest.fixture
async def bus(redis: Valkey) -> AsyncIterator[ValkeyBus]:
    with Redis.from_url(redis.url) as client:
        client.flushall()
    found = ValkeyBus(redis.url)
    yield found
    await found.close()


@pytest.fixture
async def other_bus(redis: Valkey) -> AsyncIterator[ValkeyBus]:
    found = ValkeyBus(redis.url)
    yield found
    await found.close()


@pytest.fixture
def outage(redis: Valkey) -> Outage:
    @asynccontextmanager
    async def away() -> AsyncIterator[None]:
        redis.server.kill()
        yield
        redis.server.start()

    return away


class TestRedisOverTls(BusSuite):
    @pytest.mark.parametrize(
        ("part", "instead"),
        [(PASSWORD, "somebody-elses"), ("ssl_ca_certs", "ssl_ca_path")],
        ids=["another password", "an authority nobody knows"],
    )
    async def test_it_is_not_used_when_one_of_the_two_does_not_prove_itself(
        self, redis: Valkey, part: str, instead: str
    ) -> None:
        stranger = ValkeyBus(redis.url.replace(part, instead))
        with pytest.raises(BusUnavailable):
            await stranger.publish("c", b"anything")
        await stranger.close()

    async def test_it_says_what_it_is(self, bus: ValkeyBus) -> None:
        assert (await bus.check()).server.startswith("Redis")


def test_celery_reaches_the_same_server(redis: Valkey) -> None:
    app = Celery(broker=celery_url(redis.url), set_as_current=False)
    app.send_task("anything")
    with Redis.from_url(redis.url) as client:
        assert client.llen("celery") == 1
    app.close()
