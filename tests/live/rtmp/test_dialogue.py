"""A publisher is greeted, asked for its key, and answered; all else ends the connection."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.live.boxes import DamagedStream
from tongke.live.rtmp import amf
from tongke.live.rtmp.chunks import ChunkReader, Message, encode
from tongke.live.rtmp.dialogue import Asked, Dialogue, Media, Over, Pause

GREETING = b"\3" + bytes(1536) + bytes(1536)


def commanded(*values: str | float | dict[str, str | float] | None) -> bytes:
    return encode(Message(20, 0, amf.encode(*values)), 3)


def connected(dialogue: Dialogue) -> None:
    assert list(dialogue.feed(GREETING + commanded("connect", 1.0, {"app": "live"}))) == []


def answers(dialogue: Dialogue) -> list[list[amf.Value]]:
    """The commands in the output, which the handshake stands before."""
    said = ChunkReader().feed(bytes(dialogue.output[1 + 2 * 1536 :]))
    return [amf.decode(message.data) for message in said if message.type == 20]


def test_the_handshake_gives_back_what_was_sent() -> None:
    dialogue, sent = Dialogue(), bytes(range(256)) * 6
    for at in range(0, 1537, 100):
        list(dialogue.feed((b"\3" + sent)[at : at + 100]))
    assert dialogue.output[0] == 3
    assert dialogue.output[1 + 1536 :] == sent


def test_a_key_is_asked_about_before_anything_is_taken() -> None:
    dialogue = Dialogue()
    connected(dialogue)
    assert answers(dialogue)[0][:2] == ["_result", 1.0]
    sound = encode(Message(8, 20, b"\xaf\1abc", 1), 4)
    asked = commanded("publish", 5.0, None, "sk_secret?quality=high", "live")
    assert list(dialogue.feed(commanded("createStream", 4.0, None))) == []
    assert list(dialogue.feed(asked + sound)) == [Asked("sk_secret")]
    dialogue.accept()
    assert list(dialogue.feed(sound)) == [Media(8, 20, b"\xaf\1abc")]
    assert list(dialogue.feed(commanded("FCUnpublish", 6.0, None, "sk_secret"))) == [Over()]
    said = answers(dialogue)
    assert said[1] == ["_result", 4.0, None, 1.0]
    assert said[2][3]["code"] == "NetStream.Publish.Start"  # type: ignore[index, call-overload]


# A message of no sound, of one byte on the line but for the first.
EMPTY = b"\4" + bytes(3) + bytes(3) + b"\x08" + bytes(4)


def test_who_has_shown_no_key_says_little() -> None:
    """Everybody waits while it is read, and anybody can connect."""
    dialogue = Dialogue()
    connected(dialogue)
    assert list(dialogue.feed(EMPTY + b"\xc4" * 98)) == []
    with pytest.raises(DamagedStream):
        list(dialogue.feed(b"\xc4"))
    dialogue = Dialogue()
    connected(dialogue)
    some = encode(Message(18, 0, bytes(15_000), 1), 4)
    for _ in range(4):
        assert list(dialogue.feed(some)) == []
    with pytest.raises(DamagedStream):
        list(dialogue.feed(some))


def test_between_many_messages_others_have_a_turn() -> None:
    dialogue = Dialogue()
    connected(dialogue)
    list(dialogue.feed(commanded("publish", 5.0, None, "sk_secret", "live")))
    dialogue.accept()
    sound = encode(Message(8, 20, b"\xaf\1abc", 1), 4)
    events = [*dialogue.feed(EMPTY + b"\xc4" * 65_000), *dialogue.feed(sound * 1_000)]
    assert events.count(Pause()) == 66_003 // 200
    heard = 0
    for event in events[events.index(Media(8, 20, b"\xaf\1abc")) :]:
        heard = 0 if event == Pause() else heard + 1
        assert heard <= 200


def test_another_application_and_who_wants_to_play_are_sent_away() -> None:
    dialogue = Dialogue()
    asked = commanded("connect", 1.0, {"app": "vod"})
    assert list(dialogue.feed(GREETING + asked)) == [Over()]
    dialogue = Dialogue()
    connected(dialogue)
    assert list(dialogue.feed(commanded("play", 2.0, None, "sk_secret"))) == [Over()]


def test_another_version_is_refused() -> None:
    with pytest.raises(DamagedStream):
        list(Dialogue().feed(b"\6"))


def test_what_was_received_is_acknowledged() -> None:
    dialogue = Dialogue()
    connected(dialogue)
    list(dialogue.feed(encode(Message(1, 0, (2**20).to_bytes(4, "big")), 2)))
    dialogue.accept()
    dialogue.output.clear()
    head = b"\4" + bytes(3) + (10**6).to_bytes(3, "big") + b"\x09" + bytes(4)
    for _ in range(3):
        list(dialogue.feed(head + bytes([0x17]) + bytes(10**6 - 1)))
    (message,) = ChunkReader().feed(bytes(dialogue.output))
    assert message.type == 3
    assert 2_500_000 <= int.from_bytes(message.data, "big") < 3_100_000


@given(data=st.binary(max_size=200))
def test_noise_in_a_command_is_refused(data: bytes) -> None:
    try:
        amf.decode(data)
    except DamagedStream:
        return


def test_every_kind_of_value_is_read() -> None:
    data = (
        b"\x08\0\0\0\1" + b"\0\1a" + b"\0" + struct.pack(">d", 2.5) + b"\0\0\x09"
        + b"\x0a\0\0\0\2" + b"\1\1" + b"\6"
        + b"\x0b" + struct.pack(">d", 7) + b"\0\0"
        + b"\x0c\0\0\0\2hi"
    )  # fmt: skip
    assert amf.decode(data) == [{"a": 2.5}, [True, None], 7.0, "hi"]
    with pytest.raises(DamagedStream):
        amf.decode(b"\x0a\0\0\0\1" * 50)
