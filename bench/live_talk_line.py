"""The talk on a bad line: how late its ends hear and see each other, and how it outlives a cut.

`python -m bench.live_talk_line [--rtt 200] [--loss 5] [--seconds 60] [--cut 5] [--times 3]
[--json]` opens a lead's browser and a room's. The room's has a network of its own, all of whose
packets take so many milliseconds more there and back, and of which so many of a hundred are lost in
each direction: its page's line to the service and its talk. The room is called up, talks, and is
sent back to its seat. In between nothing at all comes through for `--cut` seconds, so many times.

Each end sends a picture and a tone that tell the time. Given: how late the picture is shown in the
room and the tone heard at either end (to some 20 ms, which it takes to know a tone); the longest
that sound was silent and the picture stood; seconds from the end of a cut until either is heard and
the lead is seen again, the median and the longest, and how often the room had to call anew; and
seconds until all know that the room has left the talk.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from playwright.async_api import Page

from bench.live.browser import Browsers, browsers
from bench.live.command import answer
from bench.live.figures import quantile
from bench.live.film import last_before
from bench.live.lesson import Lesson, lesson
from bench.live.marks import BITS
from bench.live.publisher import UNIT_MS, captured_ms
from bench.live.room import WATCH, Room, Shown, now_ms
from bench.live.shaped_network import ShapedNetwork, shaped_network
from bench.live_talk import MADE_UP, ROOM

# A tone each fifth of a second; they come round after 3.2 s, longer than any line here delays.
STEP_MS = 200
HERTZ = [600 + 150 * number for number in range(16)]
# Encoders and the buffers against jitter find how the line is.
SETTLE_S = 15.0
READY_MS = 60_000

# In place of the tone that `MADE_UP` has: one that tells the time.
TELL = """([step, hertz]) => {
  const sound = new AudioContext();
  const tone = new OscillatorNode(sound);
  const out = sound.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  setInterval(() => {
    const now = performance.timeOrigin + performance.now();
    tone.frequency.value = hertz[Math.floor(now / step) % hertz.length];
  }, 5);
  stream.removeTrack(stream.getAudioTracks()[0]);
  stream.addTrack(out.stream.getAudioTracks()[0]);
  window.out = out;
}"""

# Which tone is heard in what `stream()` gives, every hundredth of a second; -1 is silence.
LISTEN = """([hertz, stream]) => {
  const sound = new AudioContext();
  const meter = new AnalyserNode(sound, { fftSize: 1024, smoothingTimeConstant: 0 });
  const levels = new Float32Array(meter.frequencyBinCount);
  const places = hertz.map((hz) => Math.round((hz * meter.fftSize) / sound.sampleRate));
  const streamOf = new Function(`return ${stream}`);
  let heardOf = null, source = null;
  window.heard = [];
  setInterval(() => {
    const now = streamOf();
    if (now !== heardOf) {
      source?.disconnect();
      source = now && sound.createMediaStreamSource(now);
      source?.connect(meter);
      heardOf = now;
    }
    meter.getFloatFrequencyData(levels);
    const loud = places.map((place) => Math.max(...levels.subarray(place - 1, place + 2)));
    const most = Math.max(...loud);
    heard.push([performance.timeOrigin + performance.now(), most < -60 ? -1 : loud.indexOf(most)]);
  }, 10);
}"""

LEAD = """async (classId) => {
  const { LeadTalk } = await import("/bench/lead.js");
  const { Session } = await import("/bench/session.js");
  const session = new Session(`/live/${classId}/socket`);
  Object.assign(window, { session, voice: null, playing: {} });
  session.on("event", ({ kind, room, playing: what }) => {
    if (kind === "mode") playing[room] = what;
  });
  session.open();
  await session.command("begin");
  const nothing = () => undefined;
  const mix = {
    add: (_room, stream) => { window.voice = stream; }, remove: () => { window.voice = null; },
    setMuted: nothing, release: nothing, without: () => out.stream,
  };
  window.talk = new LeadTalk(session, mix, stream, () => true);
}"""

# Every call that a page makes or takes, the newest last.
PEERS = """() => {
  window.peers = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...how) {
      super(...how);
      peers.push(this);
    }
  };
}"""

# Of the newest call's sound: samples that were played, and those of them that were made up.
SAMPLES = """async () => {
  const all = [...(await peers.at(-1).getStats()).values()];
  const sound = all.find(({ type, kind }) => type === "inbound-rtp" && kind === "audio");
  return [sound.totalSamplesReceived, sound.concealedSamples];
}"""

# The room goes into the talk and out of it as it is asked to.
FOLLOW = """() => {
  session.on("event", ({ kind, room }) => {
    if (kind === "call_up" && room === seat) void talk.start(stream);
    if (kind === "sit_down" && room === seat) talk.stop();
  });
}"""
# `ROOM` keeps its session to itself.
ROOM_KEEPS = ROOM.replace("const session =", "const session = window.session =")

Heard = list[tuple[float, int]]
Samples = tuple[int, int]


@dataclass(frozen=True)
class Ends:
    """The two ends of a talk, the room's number and its line."""

    lead: Page
    room: Page
    seat: str
    network: ShapedNetwork

    async def say(self, command: str) -> None:
        await self.lead.evaluate(
            "([command, room]) => session.command(command, { room })", [command, self.seat]
        )

    async def taken(self) -> tuple[Heard, Heard, list[Shown]]:
        """What the lead and the room have heard, and the room seen, since this was asked last."""
        up, down = [await page.evaluate("() => heard.splice(0)") for page in (self.lead, self.room)]
        return up, down, await Room(self.room, captured_ms).shown()

    async def samples(self) -> list[Samples]:
        return [await page.evaluate(SAMPLES) for page in (self.lead, self.room)]


async def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(lesson(1))
        opened = await stack.enter_async_context(browsers())
        network = await stack.enter_async_context(
            shaped_network(held.running.settings.port, chosen.rtt, chosen.loss / 100)
        )
        async with asyncio.timeout(READY_MS / 1000):
            ends = await _open(opened, held, network)
        talks_after_s = await _called_up(ends)
        await asyncio.sleep(SETTLE_S)
        await ends.taken()
        before = await ends.samples()
        await asyncio.sleep(chosen.seconds)
        found = _steady(*await ends.taken())
        made_up = _made_up(before, await ends.samples())
        cuts = [await _cut(ends, chosen.cut) for _ in range(chosen.times)]
        left_after_s = await _sent_back(ends)
        return {
            "round_trip_ms": chosen.rtt,
            "loss_percent": chosen.loss,
            "seconds": chosen.seconds,
            "packets": network.packets,
            "talks_after_s": round(talks_after_s, 2),
            **found,
            "sound_made_up_percent": made_up,
            "cut_s": chosen.cut,
            "cuts": chosen.times,
            **_again(cuts),
            "left_after_s": round(left_after_s, 2),
        }


async def _open(opened: Browsers, held: Lesson, network: ShapedNetwork) -> Ends:
    url = held.running.url
    lead = await opened.open(url, held.running.cookie)
    room = await opened.open(url, held.cookies[0], program=network.browser)
    for page, script in ((lead, LEAD), (room, ROOM_KEEPS)):
        await page.evaluate(MADE_UP, [UNIT_MS, BITS])
        await page.evaluate(TELL, [STEP_MS, HERTZ])
        await page.evaluate(PEERS)
        await page.evaluate(script, held.class_id)
    await room.evaluate(FOLLOW)
    await room.evaluate(WATCH)
    await lead.evaluate(LISTEN, [HERTZ, "voice"])
    await room.evaluate(LISTEN, [HERTZ, "document.querySelector('video').srcObject"])
    return Ends(lead, room, await room.evaluate("() => seat"), network)


async def _called_up(ends: Ends) -> float:
    """Call the room up; seconds until the lead hears it."""
    began = now_ms()
    await ends.say("call_up")
    await ends.lead.wait_for_function("() => heard.some(([, tone]) => tone >= 0)", timeout=READY_MS)
    up, _, _ = await ends.taken()
    return _first_s(up, began)


async def _cut(ends: Ends, cut_s: float) -> dict[str, float]:
    """Cut the line; seconds after it has come back until each end hears, and the room sees."""
    calls = await ends.room.evaluate("() => peers.length")
    ends.network.cut()
    await asyncio.sleep(cut_s)
    ends.network.restore()
    restored = now_ms()
    after = "(after) => heard.some(([at, tone]) => at > after && tone >= 0)"
    for page in (ends.lead, ends.room):
        await page.wait_for_function(after, arg=restored, timeout=READY_MS)
    await ends.room.wait_for_function(
        "(after) => shown.some(([at]) => at > after)", arg=restored, timeout=READY_MS
    )
    await asyncio.sleep(SETTLE_S)
    up, down, shown = await ends.taken()
    return {
        "room_heard_again": _first_s(up, restored),
        "lead_heard_again": _first_s(down, restored),
        "lead_seen_again": (min(s.at_ms for s in shown if s.at_ms > restored) - restored) / 1000,
        "silent": max(_silence_s(up, restored), _silence_s(down, restored)),
        "calls": await ends.room.evaluate("() => peers.length") - calls,
    }


async def _sent_back(ends: Ends) -> float:
    """Send the room back to its seat; seconds until it, the service and the lead have it so."""
    began = now_ms()
    await ends.say("sit_down")
    await ends.room.wait_for_function("() => talk.state === 'out'", timeout=READY_MS)
    await ends.lead.wait_for_function(
        "(room) => playing[room] === 'lesson' && !talk.picture(room) && !voice",
        arg=ends.seat, timeout=READY_MS,
    )  # fmt: skip
    return (now_ms() - began) / 1000


def _first_s(heard: Heard, after: float) -> float:
    return (min(at for at, tone in heard if at > after and tone >= 0) - after) / 1000


def _late_ms(heard: Heard) -> list[float]:
    """Of each tone that follows the one before it: from when it was sent."""
    return [
        at - last_before(at, tone * STEP_MS, len(HERTZ) * STEP_MS)
        for (_, before), (at, tone) in pairwise(heard)
        if before >= 0 and tone == (before + 1) % len(HERTZ)
    ]


def _silence_s(heard: Heard, after: float = 0.0) -> float:
    """The longest between two moments with a sound, once there was one."""
    loud = [at for at, tone in heard if at > after and tone >= 0]
    return _longest_s(loud)


def _longest_s(times: Sequence[float]) -> float:
    return max((later - at for at, later in pairwise(times)), default=0.0) / 1000


def _steady(up: Heard, down: Heard, shown: list[Shown]) -> dict[str, Any]:
    late = {
        "room_heard": _late_ms(up),
        "lead_heard": _late_ms(down),
        "lead_seen": [each.lag_ms for each in shown],
    }
    found: dict[str, Any] = {}
    for name, values in late.items():
        found[f"{name}_p50_ms"] = round(quantile(values, 0.5))
        found[f"{name}_p95_ms"] = round(quantile(values, 0.95))
    return {
        **found,
        "longest_silence_s": round(max(_silence_s(up), _silence_s(down)), 2),
        "longest_still_s": round(_longest_s([each.at_ms for each in shown]), 2),
    }


def _made_up(before: list[Samples], now: list[Samples]) -> float:
    """How many of a hundred samples were not those that were sent, at the end with more of them."""
    shares = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(before, now, strict=True)]
    return round(100 * max(shares), 1)


def _again(cuts: list[dict[str, float]]) -> dict[str, Any]:
    found: dict[str, Any] = {"called_anew": sum(cut["calls"] for cut in cuts)}
    for name in ("room_heard_again", "lead_heard_again", "lead_seen_again"):
        times = [cut[name] for cut in cuts]
        found[f"{name}_s"] = round(median(times), 2)
        found[f"{name}_max_s"] = round(max(times), 2)
    return {**found, "silent_after_s": round(max(cut["silent"] for cut in cuts), 2)}


if __name__ == "__main__":
    answer(__doc__, measure, rtt=200.0, loss=5.0, seconds=60, cut=5.0, times=3)
