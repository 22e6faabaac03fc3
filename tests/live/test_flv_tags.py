"""Pictures are read out of FLV however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.live.small_encoder import tag
from tongke.live.boxes import DamagedStream
from tongke.live.flv_tags import FlvReader


@given(st.integers(1, 60))
def test_tags_are_read_however_they_are_cut(cut: int) -> None:
    sent = [(0, b"a"), (70_000_000, b"b" * 300), (4, b"c")]
    stream = b"FLV\x01\x01\x00\x00\x00\x09\x00\x00\x00\x00" + tag(0, b"said", kind=18)
    stream += b"".join(tag(at, body) for at, body in sent)
    reader = FlvReader()
    found = [
        each for at in range(0, len(stream), cut) for each in reader.feed(stream[at : at + cut])
    ]
    assert [(each.at_ms, each.body) for each in found] == sent


@pytest.mark.parametrize("data", [b"no FLV at all", b"FLX"])
def test_what_is_no_flv_is_told(data: bytes) -> None:
    with pytest.raises(DamagedStream):
        list(FlvReader().feed(data))
