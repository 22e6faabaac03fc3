"""A room is called up: how soon it is heard everywhere.

`python -m bench.live_called [--times 5] [--json]` opens a class in a lead's browser and in two
rooms. The rooms watch the lesson as a whole school does, a class's delay behind. The lead calls the
first up, which has a tone of its own: it goes into the talk, from there into the lesson's sound,
and is heard in the second. Given: seconds from the lead's press until then, the median and the
longest, and the class's delay, which is in them.
"""

from __future__ import annotations

import argparse
from contextlib import AsyncExitStack
from statistics import median
from typing import Any

from playwright.async_api import Page

from bench.live.browser import browsers
from bench.live.command import answer
from bench.live.lesson import lesson
from bench.live.marks import BITS
from bench.live.publisher import UNIT_MS, captured_ms
from bench.live.room import Room, now_ms
from bench.live_talk import MADE_UP

# Neither is near a multiple of the other.
TEACHER_HZ, ROOM_HZ = 440, 1000
# The room has left the talk, and what was heard of it has been played.
QUIET_MS = 2_000
READY_MS = 30_000

LEAD = """async ([classId]) => {
  const { LeadTalk } = await import("/bench/lead.js");
  const { Mix } = await import("/bench/mix.js");
  const { Publisher } = await import("/bench/publisher.js");
  const { Session } = await import("/bench/session.js");
  const session = new Session(`/live/${classId}/socket`);
  session.open();
  await session.command("begin");
  const mix = new Mix();
  mix.add("teacher", new MediaStream(stream.getAudioTracks()));
  const picture = new MediaStream(stream.getVideoTracks());
  window.talk = new LeadTalk(session, mix, picture, () => true);
  window.session = session;
  const publisher = new Publisher({
    address: `/live/${classId}/publish`, classId: String(classId), bitrate: 600000,
    worklet: "/bench/worklet.js",
  });
  await publisher.start();
  publisher.show(new MediaStream([...picture.getVideoTracks(), ...mix.stream.getAudioTracks()]));
}"""

# In a room that watches already: into the talk when it is called, and out of it.
GUEST = """async () => {
  const { RoomTalk } = await import("/bench/room.js");
  const talk = new RoomTalk(session, document.createElement("video"));
  const { seat } = session.hello;
  session.on("event", ({ kind, room }) => {
    if (kind === "call_up" && room === seat) void talk.start(stream);
    if (kind === "sit_down" && room === seat) talk.stop();
  });
  return seat;
}"""

# How loud a tone is in what a room plays, in dB.
LISTEN = """(hz) => {
  const context = new AudioContext();
  const meter = new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0 });
  context.createMediaStreamSource(video.captureStream()).connect(meter);
  const levels = new Float32Array(meter.frequencyBinCount);
  const place = Math.round((hz * meter.fftSize) / context.sampleRate);
  Object.assign(window, { heardAt: null, loudAt: -Infinity });
  setInterval(() => {
    meter.getFloatFrequencyData(levels);
    if (Math.max(...levels.subarray(place - 1, place + 2)) < -50) return;
    window.loudAt = performance.now();
    window.heardAt ??= performance.timeOrigin + loudAt;
  }, 10);
}"""


async def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(lesson(2))
        opened = await stack.enter_async_context(browsers())
        url = held.running.url
        lead = await opened.open(url, held.running.cookie)
        await lead.evaluate(MADE_UP, [UNIT_MS, BITS, TEACHER_HZ])
        await lead.evaluate(LEAD, [held.class_id])
        guest, other = [
            await Room.open(opened, url, cookie, held.class_id, captured_ms)
            for cookie in held.cookies
        ]
        await guest.page.evaluate(MADE_UP, [UNIT_MS, BITS, ROOM_HZ])
        seat = await guest.page.evaluate(GUEST)
        await other.until_in_step()
        delay_ms = await other.until_delay_stays()
        await other.page.evaluate(LISTEN, ROOM_HZ)
        heard = [await _called(lead, seat, other.page) for _ in range(chosen.times)]
        return {
            "times": chosen.times,
            "heard_everywhere_s": round(median(heard), 2),
            "heard_everywhere_max_s": round(max(heard), 2),
            "class_delay_ms": delay_ms,
        }


async def _called(lead: Page, seat: str, other: Page) -> float:
    """Call a room up; seconds until the other room hears it. Then it sits down again."""
    await other.wait_for_function(
        "(quiet) => performance.now() - loudAt > quiet", arg=QUIET_MS, timeout=READY_MS
    )
    await other.evaluate("() => { window.heardAt = null; }")
    began = now_ms()
    await lead.evaluate('(room) => session.command("call_up", { room })', seat)
    heard = await other.wait_for_function("() => heardAt", timeout=READY_MS)
    after_s = (await heard.json_value() - began) / 1000
    await lead.evaluate('(room) => session.command("sit_down", { room })', seat)
    return float(after_s)


if __name__ == "__main__":
    answer(__doc__, measure, times=5)
