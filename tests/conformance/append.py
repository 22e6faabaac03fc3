"""What any adapter of the objects port must do with an object that grows (see `objects`)."""

from __future__ import annotations

import asyncio
import secrets

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.bodies import BINARY, Gate, LineLost, Store, content, keys, sent
from tongke.errors import Invalid
from tongke.storage.objects.errors import (
    AppendInterrupted,
    ObjectBusy,
    ObjectMissing,
    WrongOffset,
)


class AppendableSuite:
    async def test_an_upload_grows_and_becomes_an_object(self, store: Store) -> None:
        await store.create("up/1")
        assert await store.size("up/1") == 0
        assert await store.append("up/1", 0, sent(b"ab", b"cd")) == 4
        assert await store.append("up/1", 4, sent(b"e")) == await store.size("up/1") == 5
        assert await keys(store) == []
        info = await store.seal("up/1", "lessons/1/original", "video/mp4")
        assert (info.key, info.size, info.content_type) == ("lessons/1/original", 5, "video/mp4")
        assert await content(store, "lessons/1/original") == b"abcde"

    async def test_creating_again_keeps_what_is_there(self, store: Store) -> None:
        await store.create("up")
        await store.append("up", 0, sent(b"abc"))
        await store.create("up")
        assert await store.size("up") == 3

    async def test_an_empty_body_and_an_empty_upload(self, store: Store) -> None:
        await store.create("up")
        assert await store.append("up", 0, sent()) == 0
        assert (await store.seal("up", "empty", BINARY)).size == 0

    @pytest.mark.parametrize("offset", [0, 2, 4, 2**40])
    async def test_another_place_than_the_end_is_refused(self, store: Store, offset: int) -> None:
        await store.create("up")
        await store.append("up", 0, sent(b"abc"))
        with pytest.raises(WrongOffset) as refused:
            await store.append("up", offset, sent(b"xyz"))
        assert refused.value.offset == 3
        assert await store.size("up") == 3
        assert await store.append("up", 3, sent(b"d")) == 4

    async def test_what_came_before_a_break_is_kept(self, store: Store, other_store: Store) -> None:
        await store.create("up")
        broken = LineLost()
        with pytest.raises(AppendInterrupted) as interrupted:
            await store.append("up", 0, sent(b"a" * 2**21, b"bc", then=broken))
        assert interrupted.value.__cause__ is broken
        assert interrupted.value.offset == 2**21 + 2 == await other_store.size("up")
        assert await other_store.append("up", 2**21 + 2, sent(b"d")) == 2**21 + 3

    async def test_an_error_with_words_of_its_own_leaves_as_it_is(self, store: Store) -> None:
        await store.create("up")
        refusal = Invalid()
        with pytest.raises(Invalid) as left:
            await store.append("up", 0, sent(b"abc", then=refusal))
        assert left.value is refusal
        assert await store.size("up") == 3

    async def test_what_came_before_a_cancellation_is_kept(self, store: Store) -> None:
        await store.create("up")
        gate = Gate()
        appending = asyncio.create_task(store.append("up", 0, gate.chunks()))
        await gate.begun.wait()
        appending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await appending
        assert await store.size("up") == 3 * 2**20
        assert await store.append("up", 3 * 2**20, sent(b"!")) == 3 * 2**20 + 1

    async def test_one_writer_at_a_time(self, store: Store, other_store: Store) -> None:
        await store.create("up")
        gate = Gate()
        appending = asyncio.create_task(store.append("up", 0, gate.chunks()))
        await gate.begun.wait()
        for refused in (
            other_store.append("up", 0, sent(b"x")),
            store.append("up", 0, sent(b"x")),
            other_store.seal("up", "final", BINARY),
            other_store.abort("up"),
        ):
            with pytest.raises(ObjectBusy):
                await refused
        gate.released.set()
        assert await appending == 3 * 2**20 + 1
        assert await other_store.append("up", 3 * 2**20 + 1, sent(b"x")) == 3 * 2**20 + 2

    async def test_sealing_can_be_repeated(self, store: Store, other_store: Store) -> None:
        await store.create("up/1")
        await store.append("up/1", 0, sent(b"abc"))
        first = await store.seal("up/1", "l/original", "audio/odd")
        assert await other_store.seal("up/1", "l/original", "audio/odd") == first
        assert await store.info("l/original") == first
        assert [info async for info in store.pending()] == []

    async def test_what_is_not_complete_is_not_sealed(self, store: Store) -> None:
        await store.create("up")
        for at, chunk in ((0, b"abc"), (3, b"def")):
            with pytest.raises(WrongOffset) as caught:
                await store.seal("up", "final", BINARY, size=6)
            assert caught.value.values["offset"] == at
            await store.append("up", at, sent(chunk))
        assert (await store.seal("up", "final", BINARY, size=6)).size == 6
        assert (await store.seal("up", "final", BINARY, size=6)).size == 6
        assert await content(store, "final") == b"abcdef"

    async def test_a_sealed_upload_takes_no_more(self, store: Store) -> None:
        await store.create("up")
        await store.seal("up", "final", BINARY)
        for call in (store.append("up", 0, sent(b"x")), store.size("up")):
            with pytest.raises(ObjectMissing):
                await call

    async def test_aborting_can_be_repeated(self, store: Store) -> None:
        await store.create("up")
        await store.append("up", 0, sent(b"abc"))
        await store.abort("up")
        await store.abort("up")
        for call in (
            store.append("up", 3, sent(b"x")),
            store.size("up"),
            store.seal("up", "final", BINARY),
        ):
            with pytest.raises(ObjectMissing):
                await call
        assert await keys(store) == []

    async def test_the_unfinished_are_listed(self, store: Store) -> None:
        for key, body in (("up/b", b"xy"), ("up/a", b"")):
            await store.create(key)
            await store.append(key, 0, sent(body))
        listed = [(info.key, info.size) async for info in store.pending()]
        assert listed == [("up/a", 0), ("up/b", 2)]

    @settings(
        max_examples=25,
        deadline=None,
        # The store outlives an example; each uses a key of its own. Each adapter runs the suite.
        # What is said here stands in place of what the profile says.
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,
        ],
    )
    @given(data=st.data(), whole=st.binary(max_size=400))
    async def test_any_cut_with_breaks_between_gives_the_same_bytes(
        self, store: Store, data: st.DataObject, whole: bytes
    ) -> None:
        key = f"cut/{secrets.token_hex(8)}"  # not drawn: a key may be used only once
        await store.create(key)
        while (offset := await store.size(key)) < len(whole):
            sending = whole[offset : offset + data.draw(st.integers(1, 200))]
            cut = data.draw(st.integers(0, len(sending)))
            then = data.draw(st.sampled_from([None, LineLost()]))
            if then is None:
                await store.append(key, offset, sent(sending[:cut], sending[cut:]))
            else:
                with pytest.raises(AppendInterrupted):
                    await store.append(key, offset, sent(sending[:cut], then=then))
        await store.seal(key, f"whole/{key}", BINARY)
        assert await content(store, f"whole/{key}") == whole
