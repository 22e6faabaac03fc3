"""A bad line between a room and the rest: its page's line to the service, and its talk's datagrams.

Browsers find each other by the addresses that each tells of itself. The service hands these on, and
here it hands on doors of the line instead: so neither end knows an address of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.live.signalling.talk import Talk
from tests.browser.classroom.world import World
from tests.servers.bad_datagrams import Datagrams, datagrams
from tests.servers.bad_line import Line, Shape, line
from tests.waiting import LIMIT_S
from tongke.live import talk
from tongke.live.state import ClassState
from tongke.live.vocabulary import Who

# Every end of a talk that a page has had, the newest last, and what became of them.
PEERS = """
  window.peers = [];
  window.states = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...how) {
      super(...how);
      peers.push(this);
      this.addEventListener("connectionstatechange", () => states.push(this.connectionState));
    }
  };
"""
HEARD = """async () => {
  const { connectionState } = peers.at(-1) ?? {};
  if (connectionState !== "connected") return null;
  const all = [...(await peers.at(-1).getStats()).values()];
  const of = (kind) => all.find((one) => one.type === "inbound-rtp" && one.kind === kind) ?? {};
  const { packetsReceived, packetsLost, totalSamplesReceived, concealedSamples } = of("audio");
  const trips = all.map(({ currentRoundTripTime }) => currentRoundTripTime ?? 0);
  return {
    call: peers.length,
    packets: packetsReceived ?? 0,
    lost: packetsLost ?? 0,
    samples: totalSamplesReceived ?? 0,
    concealed: concealedSamples ?? 0,
    frames: of("video").framesDecoded ?? 0,
    round_trip_s: Math.max(...trips),
    addresses: all.filter(({ type }) => type === "remote-candidate")
        .map(({ address, port }) => [address, port]),
  };
}"""


# A page comes by such a line too, and browsers notice only after a while that they hear nothing.
PATIENCE_MS = LIMIT_S * 1000


@dataclass(frozen=True)
class Heard:
    """What a page has received by its newest call; counts of the sound, but for `frames`."""

    call: int
    packets: int
    lost: int
    samples: int
    concealed: int
    frames: int
    round_trip_s: float
    addresses: tuple[tuple[str, int], ...]


def heard(page: Page) -> Heard | None:
    """None while the page is not connected with the other end."""
    told = page.evaluate(HEARD)
    if told is None:
        return None
    return Heard(**{**told, "addresses": tuple(map(tuple, told["addresses"]))})


def stands(room: Page, step: str) -> None:
    """Wait until the room's line says so."""
    line = room.locator(".room-line")
    expect(line).to_have_attribute("data-step", step, timeout=PATIENCE_MS)


class RoomLine:
    """A village's line. It is cut as a whole, or for what is no TCP."""

    def __init__(self, world: World, pages: Line, media: Datagrams) -> None:
        self._world = world
        self._pages = pages
        self.media = media
        self.url = pages.url

    def cut(self) -> None:
        self._do(self._pages.cut, self.media.cut)

    def cut_media(self) -> None:
        self._do(self.media.cut)

    def restore(self) -> None:
        self._do(self._pages.restore, self.media.restore)

    def _do(self, *acts: Callable[[], None]) -> None:
        async def acting() -> None:
            for act in acts:
                act()

        self._world.do(acting())


@contextmanager
def room_line(world: World, shape: Shape, monkeypatch: pytest.MonkeyPatch) -> Iterator[RoomLine]:
    port = world.house.client.port
    assert port is not None
    stack = AsyncExitStack()
    try:
        pages = world.do(stack.enter_async_context(line(port, shape)))
        media = world.do(stack.enter_async_context(datagrams(shape)))
        _tell_doors(media, monkeypatch)
        yield RoomLine(world, pages, media)
    finally:
        world.do(stack.aclose())


def _tell_doors(media: Datagrams, monkeypatch: pytest.MonkeyPatch) -> None:
    say = Talk.say

    async def say_doors(self: Talk, state: ClassState, who: Who, asked: Any) -> None:
        data = await _by_doors(media, str(talk.end_of(who)), asked["data"])
        if data is not None:
            await say(self, state, who, {**asked, "data": data})

    monkeypatch.setattr(Talk, "say", say_doors)


async def _by_doors(media: Datagrams, end: str, data: dict[str, Any]) -> dict[str, Any] | None:
    """What an end says, with doors for its addresses; None where it says but one without a door."""
    if (description := data.get("description")) is not None:
        lines = description["sdp"].split("\r\n")
        told = [await _by_door(media, end, each) for each in lines]
        sdp = "\r\n".join(each for each in told if each is not None)
        return {**data, "description": {**description, "sdp": sdp}}
    if (candidate := data.get("candidate")) is not None:
        told_one = await _by_door(media, end, candidate["candidate"])
        if told_one is None:
            return None
        return {**data, "candidate": {**candidate, "candidate": told_one}}
    return data


async def _by_door(media: Datagrams, end: str, line: str) -> str | None:
    """A line of a description, or a candidate (RFC 8839, 5.1): foundation, component, transport,
    priority, address, port, "typ" and the kind."""
    if not line.removeprefix("a=").startswith("candidate:"):
        return line
    fields = line.split(" ")
    if fields[2].lower() != "udp" or fields[7] != "host":
        return None
    fields[5] = str(await media.door(end, (fields[4], int(fields[5]))))
    return " ".join(fields)
