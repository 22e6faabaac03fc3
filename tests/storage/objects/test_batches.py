"""Batches lose no byte, keep the order, and hold back what broke them."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conformance.bodies import LineLost, sent
from tongke.storage.objects.batches import Batches

# A busy machine may take long over one example; that says nothing about the code.
unhurried = settings(deadline=None)
chunk_lists = st.lists(st.binary(max_size=20), max_size=30)


@unhurried
@given(chunks=chunk_lists, at_least=st.integers(1, 50), breaks=st.booleans())
async def test_every_byte_comes_out_in_pieces_worth_a_trip(
    chunks: list[bytes], at_least: int, breaks: bool
) -> None:
    failure = LineLost() if breaks else None
    batches = Batches(sent(*chunks, then=failure), at_least)
    pieces = [piece async for piece in batches]
    assert b"".join(pieces) == b"".join(chunks)
    assert all(len(piece) >= at_least for piece in pieces[:-1])
    assert batches.failure is failure


async def test_a_cancellation_waits_for_the_bytes_before_it() -> None:
    cancelled = asyncio.CancelledError()
    batches = Batches(sent(b"a", b"b", then=cancelled), 100)
    assert [piece async for piece in batches] == [b"ab"]
    assert batches.failure is cancelled
