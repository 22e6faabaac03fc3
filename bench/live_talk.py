"""The talk: how late the lead is seen in a room by WebRTC, and how soon a room is heard.

`python -m bench.live_talk [--rooms 1] [--seconds 30] [--json]` opens an interactive class in a
lead's browser and in rooms. The lead's picture has the time in it. Given: the median and p95 of the
time from drawing it to its display in a room, and the time from a room's first word to the lead
until the lead has its picture.
"""

from __future__ import annotations

import argparse
import asyncio
from contextlib import AsyncExitStack
from typing import Any

from playwright.async_api import Page

from bench.live.browser import Browsers, browsers
from bench.live.command import answer
from bench.live.figures import quantile
from bench.live.lesson import Lesson, lesson
from bench.live.marks import BITS
from bench.live.publisher import UNIT_MS, captured_ms
from bench.live.room import WATCH, Room, now_ms
from tongke.live.vocabulary import LessonKind

SETTLE_S = 10.0
READY_MS = 30_000

# A picture with the time in it, or of a room; and a tone.
MADE_UP = """([unit, bits, hz = 440]) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  document.body.append(canvas);
  const context = canvas.getContext("2d");
  setInterval(() => {
    const now = performance.timeOrigin + performance.now();
    context.fillStyle = "#24493f";
    context.fillRect(0, 0, 320, 180);
    drawMark(context, Math.floor(now / unit) % 2 ** bits);
  }, 1000 / 30);
  const sound = new AudioContext();
  const tone = new OscillatorNode(sound, { frequency: hz });
  const out = sound.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  window.stream = canvas.captureStream(30);
  stream.addTrack(out.stream.getAudioTracks()[0]);
  window.out = out;
}"""

LEAD = """async (classId) => {
  const { LeadTalk } = await import("/bench/lead.js");
  const { Session } = await import("/bench/session.js");
  const session = new Session(`/live/${classId}/socket`);
  session.open();
  await session.command("begin");
  const nothing = () => undefined;
  const mix = {
    add: nothing, remove: nothing, setMuted: nothing, release: nothing, without: () => out.stream,
  };
  window.talk = new LeadTalk(session, mix, stream, () => true);
  window.session = session;
}"""

ROOM = """async (classId) => {
  const { RoomTalk } = await import("/bench/room.js");
  const { Session } = await import("/bench/session.js");
  const video = Object.assign(document.createElement("video"), { width: 320, height: 180 });
  document.body.append(video);
  const session = new Session(`/live/${classId}/socket`);
  const hello = new Promise((resolve) => session.on("hello", resolve));
  session.open();
  window.seat = (await hello).seat;
  window.talk = new RoomTalk(session, video);
}"""


async def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(lesson(chosen.rooms, mode=LessonKind.INTERACTIVE))
        opened = await stack.enter_async_context(browsers())
        lead = await _page(opened, held, held.running.cookie, LEAD)
        heard, rooms = [], []
        for cookie in held.cookies:
            page = await _page(opened, held, cookie, ROOM)
            heard.append(await _speak(lead, page))
            await page.evaluate(WATCH)
            rooms.append(Room(page, captured_ms))
        await asyncio.sleep(SETTLE_S)
        for room in rooms:
            await room.shown()
        await asyncio.sleep(chosen.seconds)
        lags = [shown.lag_ms for room in rooms for shown in await room.shown()]
    return {
        "rooms": chosen.rooms,
        "one_way_p50_ms": round(quantile(lags, 0.5)),
        "one_way_p95_ms": round(quantile(lags, 0.95)),
        "seen_by_lead_after_s": round(max(heard), 2),
    }


async def _page(opened: Browsers, held: Lesson, cookie: str, script: str) -> Page:
    page = await opened.open(held.running.url, cookie)
    await page.evaluate(MADE_UP, [UNIT_MS, BITS])
    await page.evaluate(script, held.class_id)
    return page


async def _speak(lead: Page, room: Page) -> float:
    """Let a room speak; seconds until the lead has its picture."""
    began = now_ms()
    await room.evaluate("() => talk.start(stream)")
    seat = await room.evaluate("() => seat")
    await lead.wait_for_function("(seat) => talk.picture(seat)", arg=seat, timeout=READY_MS)
    return (now_ms() - began) / 1000


if __name__ == "__main__":
    answer(__doc__, measure, rooms=1, seconds=30)
