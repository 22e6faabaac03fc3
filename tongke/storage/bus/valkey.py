"""The bus on Valkey or Redis, embedded or not: the same code, chosen by the address.

Commands go over a pool that reconnects by itself. Each subscription has a line of its own that
reconnects visibly, because its owner has to know when messages may have been missed.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import aclosing, asynccontextmanager
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.exceptions import RedisError

from tongke.storage.bus import scripts
from tongke.storage.bus.errors import BusUnavailable
from tongke.storage.bus.port import (
    BusHealth,
    Connected,
    Disconnected,
    Event,
    Hits,
    Lease,
    Message,
)

T = TypeVar("T")

# A page waits for the bus: better an error that says so than a browser that turns for ever.
CALL_LIMIT_S = 3.0
# One attempt; three of them, with their pauses, fit into the limit of the call.
SOCKET_LIMIT_S = 0.9
RETRIES = 2
# A line that fell silent is noticed after two of these: a change of rights has to work within
# seconds even when a cable was pulled.
PING_EVERY_S = 1.0
# A restarted server is found soon, and not run over by all who lost it.
RECONNECT_FIRST_S = 0.05
RECONNECT_MOST_S = 2.0
# Fences start from the clock; the last one matters only while a clock may be set back.
FENCE_KEPT_S = 24 * 3600

# Celery keeps its queues in the same server, so that our names need a place of their own.
NAMESPACE = "tongke:"

LOST = (RedisError, OSError, TimeoutError)


class ValkeyBus:
    """`Bus` on the server at `url`: `redis://`, `rediss://` or `unix://path`."""

    def __init__(self, url: str) -> None:
        backoff = ExponentialWithJitterBackoff(base=0.02, cap=0.3)
        self._commands = _client(url, Retry(backoff, RETRIES))
        self._listener = _client(url, Retry(NoBackoff(), 0))
        self._acquire = self._commands.register_script(scripts.ACQUIRE)
        self._renew = self._commands.register_script(scripts.RENEW)
        self._release = self._commands.register_script(scripts.RELEASE)
        self._hit = self._commands.register_script(scripts.HIT)

    async def publish(self, channel: str, message: bytes) -> None:
        await _within_limit(self._commands.publish(NAMESPACE + channel, message))

    @asynccontextmanager
    async def subscribe(self, *channels: str) -> AsyncIterator[AsyncIterator[Event]]:
        async with aclosing(self._events(channels)) as events:
            yield events

    async def acquire(self, name: str, ttl_s: float) -> Lease | None:
        token = secrets.token_hex(16)
        keys = [f"{NAMESPACE}lease:{name}", f"{NAMESPACE}fence:{name}"]
        times_ms = _milliseconds(ttl_s), _milliseconds(FENCE_KEPT_S)
        fence = await _within_limit(self._acquire(keys, (token, *times_ms)))
        return Lease(name, token, int(fence)) if fence is not None else None

    async def renew(self, lease: Lease, ttl_s: float) -> bool:
        keys = [f"{NAMESPACE}lease:{lease.name}"]
        renewed = await _within_limit(self._renew(keys, [lease.token, _milliseconds(ttl_s)]))
        return bool(renewed)

    async def release(self, lease: Lease) -> None:
        await _within_limit(self._release([f"{NAMESPACE}lease:{lease.name}"], [lease.token]))

    async def hit(self, key: str, window_s: float) -> Hits:
        keys = [f"{NAMESPACE}count:{key}"]
        count, left_ms = await _within_limit(self._hit(keys, [_milliseconds(window_s)]))
        return Hits(count, max(left_ms, 0) / 1000)

    async def set(self, key: str, value: bytes, ttl_s: float) -> None:
        name = f"{NAMESPACE}value:{key}"
        await _within_limit(self._commands.set(name, value, px=_milliseconds(ttl_s)))

    async def get(self, key: str) -> bytes | None:
        found = await _within_limit(self._commands.get(f"{NAMESPACE}value:{key}"))
        assert not isinstance(found, str), "the client was not asked to decode"
        return found

    async def delete(self, key: str) -> None:
        await _within_limit(self._commands.delete(f"{NAMESPACE}value:{key}"))

    async def check(self) -> BusHealth:
        key, value = f"probe:{secrets.token_hex(8)}", secrets.token_bytes(16)
        began = time.monotonic()
        await self.set(key, value, ttl_s=10)
        found = await self.get(key)
        await self.delete(key)
        round_trip_s = time.monotonic() - began
        if found != value:
            raise BusUnavailable from ValueError("what was written came back changed")
        return BusHealth(
            await self._server(), round_trip_s, await self._clock_ahead(), await self._evicts()
        )

    async def close(self) -> None:
        await self._commands.aclose()
        await self._listener.aclose()

    async def _server(self) -> str:
        info = await _within_limit(self._commands.info("server"))
        if "valkey_version" in info:
            return f"Valkey {info['valkey_version']}"
        return f"Redis {info['redis_version']}"

    async def _evicts(self) -> bool:
        info = await _within_limit(self._commands.info("memory"))
        return bool(info.get("maxmemory")) and info.get("maxmemory_policy") != "noeviction"

    async def _clock_ahead(self) -> float:
        seconds, microseconds = await _within_limit(self._commands.time())
        return float(seconds) + float(microseconds) / 1e6 - time.time()

    async def _events(self, channels: tuple[str, ...]) -> AsyncGenerator[Event, None]:
        wait_s = RECONNECT_FIRST_S
        while True:
            listening = False
            try:
                async with aclosing(self._listen(channels)) as events:
                    async for event in events:
                        listening, wait_s = True, RECONNECT_FIRST_S
                        yield event
            except LOST:
                if listening:
                    yield Disconnected()
            _heed_cancellation()
            await asyncio.sleep(wait_s * random.uniform(0.5, 1))  # noqa: S311 (spreads, guards nothing)
            wait_s = min(wait_s * 2, RECONNECT_MOST_S)

    async def _listen(self, channels: tuple[str, ...]) -> AsyncGenerator[Event, None]:
        """The events of one line, which ends with an exception of `LOST`."""
        async with self._listener.pubsub() as line:
            async with asyncio.timeout(CALL_LIMIT_S):
                await line.subscribe(*(NAMESPACE + channel for channel in channels))
                for _ in channels:
                    await line.get_message(timeout=CALL_LIMIT_S)
            _heed_cancellation()
            yield Connected()
            async with aclosing(_messages(line)) as messages:
                async for message in messages:
                    yield message


async def _messages(line: PubSub) -> AsyncGenerator[Message, None]:
    """What comes over a line; a TimeoutError when not even an answer to a ping does."""
    pinged = False
    while True:
        found = await line.get_message(timeout=PING_EVERY_S)
        _heed_cancellation()
        if found is not None:
            pinged = False
            if found["type"] == "message":
                yield Message(found["channel"].decode().removeprefix(NAMESPACE), found["data"])
        elif pinged:
            raise TimeoutError("the bus fell silent")
        else:
            await line.ping()
            pinged = True


def _heed_cancellation() -> None:
    """redis-py swallows a cancellation that meets it while it connects or gives up waiting; who
    listens for as long as a process lives would then do so for ever, and nobody could end it."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def celery_url(url: str) -> str:
    """The address of the same server in the words of Celery and kombu."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if parts.scheme == "unix":
        database = query.pop("db", None)
        query |= {"virtual_host": database} if database else {}
        # Put together by hand: urlunsplit drops the empty host of schemes it does not know.
        address = f"redis+socket://{parts.netloc}{parts.path}"
        return f"{address}?{urlencode(query)}" if query else address
    if parts.scheme == "rediss":
        # Celery refuses TLS that does not say how certificates are checked.
        query.setdefault("ssl_cert_reqs", "required")
        return urlunsplit(parts._replace(query=urlencode(query)))
    return url


def _client(url: str, retry: Retry) -> Redis:
    return Redis.from_url(
        url,
        # The older protocol, which every server speaks without a greeting first.
        protocol=2,
        socket_timeout=SOCKET_LIMIT_S,
        socket_connect_timeout=SOCKET_LIMIT_S,
        retry=retry,
    )


async def _within_limit(call: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(CALL_LIMIT_S):
            return await call
    except LOST as error:
        raise BusUnavailable from error


def _milliseconds(seconds: float) -> int:
    """At least one: Valkey refuses an expiry of nothing."""
    return max(1, round(seconds * 1000))
