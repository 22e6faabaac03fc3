"""What any adapter of the bus port must do.

An adapter's test module subclasses the suite and gives the fixtures `bus` and `other_bus`, two
adapters on one server, as two processes would have, and `outage`: while its block runs the server
is away, and it comes back without what it knew.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from tests.waiting import LIMIT_S, until_true
from tongke.storage.bus.errors import BusUnavailable
from tongke.storage.bus.port import Bus, Connected, Disconnected, Event, Message

Outage = Callable[[], AbstractAsyncContextManager[None]]


async def next_event(events: AsyncIterator[Event]) -> Event:
    async with asyncio.timeout(LIMIT_S):
        return await anext(events)


class BusSuite:
    async def test_a_message_reaches_every_subscriber_in_order(
        self, bus: Bus, other_bus: Bus
    ) -> None:
        async with bus.subscribe("room:1", "room:2") as one, other_bus.subscribe("room:1") as two:
            assert await next_event(one) == Connected()
            assert await next_event(two) == Connected()
            for number in range(3):
                await other_bus.publish("room:1", b"\x00\xff%d" % number)
            await bus.publish("room:2", b"second room")
            expected = [Message("room:1", b"\x00\xff%d" % number) for number in range(3)]
            assert [await next_event(two) for _ in range(3)] == expected
            heard = [await next_event(one) for _ in range(4)]
            assert heard == [*expected, Message("room:2", b"second room")]

    async def test_who_left_hears_no_more(self, bus: Bus) -> None:
        async with bus.subscribe("c") as events:
            assert await next_event(events) == Connected()
        with pytest.raises(StopAsyncIteration):
            await anext(events)
        await bus.publish("c", b"to nobody")

    async def test_a_lost_line_is_told_and_mended(self, bus: Bus, outage: Outage) -> None:
        async with bus.subscribe("c") as events:
            assert await next_event(events) == Connected()
            async with outage():
                assert await next_event(events) == Disconnected()
            assert await next_event(events) == Connected()
            await bus.publish("c", b"again")
            assert await next_event(events) == Message("c", b"again")

    async def test_a_subscription_waits_for_a_server_that_is_away(
        self, bus: Bus, outage: Outage
    ) -> None:
        async with bus.subscribe("c") as events:
            async with outage():
                first = asyncio.create_task(next_event(events))
                with pytest.raises(BusUnavailable):
                    await bus.publish("c", b"x")
            assert await first == Connected()

    async def test_a_lease_is_held_by_one(self, bus: Bus, other_bus: Bus) -> None:
        lease = await bus.acquire("packager:7", ttl_s=60)
        assert lease is not None
        assert lease.name == "packager:7"
        assert await other_bus.acquire("packager:7", ttl_s=60) is None
        assert await bus.acquire("packager:7", ttl_s=60) is None
        assert await other_bus.acquire("packager:8", ttl_s=60) is not None
        assert await bus.renew(lease, ttl_s=60)

    async def test_of_many_who_want_a_lease_one_gets_it(self, bus: Bus, other_bus: Bus) -> None:
        wanted = [(bus, other_bus)[n % 2].acquire("rush", ttl_s=60) for n in range(20)]
        got = [lease for lease in await asyncio.gather(*wanted) if lease is not None]
        assert len(got) == 1

    async def test_a_released_lease_is_free_and_its_fence_grew(
        self, bus: Bus, other_bus: Bus
    ) -> None:
        fences = []
        for holder in (bus, other_bus, bus):
            lease = await holder.acquire("job", ttl_s=60)
            assert lease is not None
            fences.append(lease.fence)
            await holder.release(lease)
        assert fences == sorted(set(fences))

    async def test_a_lease_runs_out(self, bus: Bus, other_bus: Bus) -> None:
        first = await bus.acquire("job", ttl_s=0.05)
        assert first is not None
        async with asyncio.timeout(LIMIT_S):
            while (second := await other_bus.acquire("job", ttl_s=60)) is None:
                pass
        assert second.fence > first.fence
        assert not await bus.renew(first, ttl_s=60)
        await bus.release(first)
        assert await bus.acquire("job", ttl_s=60) is None, "the late holder freed another's lease"

    async def test_renewing_holds_a_lease_beyond_its_first_end(self, bus: Bus) -> None:
        first_s = 0.3

        async def renewed() -> bool:
            lease = await bus.acquire("job", ttl_s=first_s)
            return lease is not None and await bus.renew(lease, ttl_s=60)

        # A machine that stands still for a while renews another in time.
        await until_true(renewed)
        # This value runs out after the lease first would have.
        await bus.set("watch", b"", ttl_s=first_s)

        async def has_run_out() -> bool:
            return await bus.get("watch") is None

        await until_true(has_run_out)
        assert await bus.acquire("job", ttl_s=1) is None

    async def test_a_fence_grows_though_the_server_forgot(self, bus: Bus, outage: Outage) -> None:
        before = await bus.acquire("job", ttl_s=60)
        async with outage():
            pass
        after = await bus.acquire("job", ttl_s=60)
        assert before is not None
        assert after is not None, "a lease outlived the server that held it"
        assert after.fence > before.fence
        assert not await bus.renew(before, ttl_s=60)

    async def test_hits_are_counted_in_a_window(self, bus: Bus, other_bus: Bus) -> None:
        hits = [await (bus, other_bus)[n % 2].hit("sign-in:1", window_s=60) for n in range(4)]
        assert [hit.count for hit in hits] == [1, 2, 3, 4]
        assert all(50 < hit.seconds_left <= 60 for hit in hits)
        assert (await bus.hit("sign-in:2", window_s=60)).count == 1

    async def test_a_window_ends_and_begins_anew(self, bus: Bus) -> None:
        await bus.hit("k", window_s=0.05)
        async with asyncio.timeout(LIMIT_S):
            while (hit := await bus.hit("k", window_s=0.05)).count > 1:
                pass
        assert 0 < hit.seconds_left <= 0.05

    async def test_a_value_is_kept_until_it_runs_out(self, bus: Bus, other_bus: Bus) -> None:
        await bus.set("k", b"\x00\xffvalue", ttl_s=60)
        assert await other_bus.get("k") == b"\x00\xffvalue"
        await bus.set("k", b"brief", ttl_s=0.05)
        async with asyncio.timeout(LIMIT_S):
            while await other_bus.get("k") is not None:
                pass

    async def test_a_value_can_be_deleted(self, bus: Bus) -> None:
        await bus.set("k", b"x", ttl_s=60)
        await bus.delete("k")
        await bus.delete("k")
        assert await bus.get("k") is None

    async def test_names_of_different_kinds_do_not_meet(self, bus: Bus) -> None:
        await bus.set("k", b"x", ttl_s=60)
        assert (await bus.hit("k", window_s=60)).count == 1
        assert await bus.acquire("k", ttl_s=60) is not None
        assert await bus.get("k") == b"x"

    async def test_a_server_that_is_away_is_said_and_forgiven(
        self, bus: Bus, outage: Outage
    ) -> None:
        await bus.set("k", b"x", ttl_s=60)
        async with outage():
            for call in (
                bus.publish("c", b"x"),
                bus.get("k"),
                bus.set("k", b"x", ttl_s=1),
                bus.hit("k", window_s=1),
                bus.acquire("k", ttl_s=1),
                bus.check(),
            ):
                with pytest.raises(BusUnavailable):
                    await call
        assert await bus.get("k") is None
        assert (await bus.hit("k", window_s=60)).count == 1

    async def test_the_check_tells_of_the_server(self, bus: Bus) -> None:
        health = await bus.check()
        assert health.server.split()[0] in {"Valkey", "Redis"}
        assert health.round_trip_s > 0
        assert abs(health.clock_ahead_s) < 60
