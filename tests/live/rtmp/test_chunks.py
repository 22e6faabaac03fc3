"""Messages come out of a chunk stream as they went in, however they were cut (RTMP 1.0, 5.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.live.boxes import DamagedStream
from tongke.live.rtmp.chunks import FIRST_CHUNK_SIZE, ChunkReader, Message, encode

messages = st.lists(
    st.builds(
        Message,
        st.sampled_from([18, 20]),
        st.integers(0, 2**32 - 1),
        st.binary(min_size=1, max_size=900),
        st.just(1),
    )
    # Sound and pictures may be empty.
    | st.builds(
        Message,
        st.sampled_from([8, 9]),
        st.integers(0, 2**32 - 1),
        st.binary(max_size=900),
        st.just(1),
    ),
    max_size=8,
)


def chunked(message: Message, size: int, basic: bytes) -> bytes:
    """As a publisher writes it whose numbers and times may be long."""
    extended = message.time_ms >= 0xFFFFFF
    time = min(message.time_ms, 0xFFFFFF).to_bytes(3, "big")
    more = message.time_ms.to_bytes(4, "big") if extended else b""
    said = len(message.data).to_bytes(3, "big") + bytes([message.type])
    whole = basic + time + said + message.stream.to_bytes(4, "little") + more
    parts = [message.data[at : at + size] for at in range(0, len(message.data), size)]
    later = bytes([basic[0] | 0xC0]) + basic[1:] + more
    return whole + later.join(parts)


@given(
    sent=messages,
    size=st.integers(FIRST_CHUNK_SIZE, 500),
    step=st.integers(1, 400),
    number=st.sampled_from([3, 63, 64, 319, 320, 65_599]),
)
def test_whatever_its_size_and_wherever_it_is_cut(
    sent: list[Message], size: int, step: int, number: int
) -> None:
    if number < 64:
        basic = bytes([number])
    elif number < 320:
        basic = bytes([0, number - 64])
    else:
        basic = b"\1" + (number - 64).to_bytes(2, "little")
    said = Message(1, 0, size.to_bytes(4, "big"))
    data = encode(said, 2) + b"".join(chunked(message, size, basic) for message in sent)
    reader, found = ChunkReader(), list[Message]()
    for at in range(0, len(data), step):
        found += reader.feed(data[at : at + step])
    assert found == [said, *sent]
    assert reader.read_bytes == len(data)


@given(sent=messages)
def test_our_own_are_read_back(sent: list[Message]) -> None:
    own = [Message(m.type, m.time_ms % 2**24 % 0xFFFFFF, m.data, m.stream) for m in sent]
    data = b"".join(encode(message, 3) for message in own)
    assert list(ChunkReader().feed(data)) == own


def test_later_headers_leave_out_what_is_the_same() -> None:
    """Formats 1, 2 and 3: less and less is said again, and times are told as steps."""
    data = (
        b"\4" + b"\0\3\350" + b"\0\0\2" + b"\x09" + b"\1\0\0\0" + b"ab"
        + b"\x44" + b"\0\0\50" + b"\0\0\3" + b"\x08" + b"cde"
        + b"\x84" + b"\0\0\41" + b"fgh"
        + b"\xc4" + b"ijk"
    )  # fmt: skip
    assert list(ChunkReader().feed(data)) == [
        Message(9, 1000, b"ab", 1),
        Message(8, 1040, b"cde", 1),
        Message(8, 1073, b"fgh", 1),
        Message(8, 1106, b"ijk", 1),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"\xc4abc",
        b"\4" + b"\0\0\0" + b"\xff\xff\xff" + b"\x09" + bytes(4),
        encode(Message(1, 0, bytes(4)), 2),
        # Each chunk would be of one byte, or each message: whoever reads them does nothing else.
        encode(Message(1, 0, (127).to_bytes(4, "big")), 2),
        encode(Message(20, 0, b""), 3),
        encode(Message(18, 0, b""), 3),
        encode(Message(1, 0, b""), 2),
        b"".join(encode(Message(8, 0, b"a"), number) for number in range(3, 60)),
    ],
)
def test_what_cannot_be_or_would_fill_the_memory_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedStream):
        list(ChunkReader().feed(data))


@given(data=st.binary(max_size=300))
def test_noise_is_refused_or_waits(data: bytes) -> None:
    try:
        list(ChunkReader().feed(data))
    except DamagedStream:
        return


def begun(number: int, chunks: int) -> bytes:
    """The first chunks of a message that is longer."""
    whole = chunked(Message(9, 0, bytes(10_000), 1), FIRST_CHUNK_SIZE, bytes([number]))
    return whole[: 12 + FIRST_CHUNK_SIZE + (chunks - 1) * (1 + FIRST_CHUNK_SIZE)]


def test_of_messages_that_are_begun_and_not_finished_few_are_kept() -> None:
    reader = ChunkReader(10_000)
    assert [*reader.feed(begun(3, 60)), *reader.feed(begun(4, 60))] == []
    with pytest.raises(DamagedStream):
        _ = [*reader.feed(begun(5, 60))]


@given(sent=messages)
def test_finished_or_aborted_they_count_no_more(sent: list[Message]) -> None:
    reader = ChunkReader(10_000)
    aborted = Message(2, 0, (5).to_bytes(4, "big"))
    abort = encode(aborted, 2)
    for _ in range(20):
        assert [m for message in sent for m in reader.feed(chunked(message, 128, b"\4"))] == sent
        assert [*reader.feed(begun(5, 60)), *reader.feed(abort)] == [aborted]
