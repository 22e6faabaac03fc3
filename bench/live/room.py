"""A receiving classroom in a browser of its own, and what was seen on its screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.async_api import Page

from bench.live.browser import Browsers
from bench.live.film import captured_ms
from tongke.live.delay import CALM_S

READY_S = 60.0
# Half a second of delay at a twentieth of speed.
RUN_IN_S = 10.0

# Plays the class in step, holds cues back, tells how its line is and follows the class's delay, as
# a room does.
OPEN = """async (classId) => {
  const { Receiver } = await import("/bench/receiver.js");
  const { toldOf } = await import("/bench/measuring.js");
  const { Session } = await import("/bench/session.js");
  const { Cues } = await import("/bench/stage.js");
  const video = Object.assign(document.createElement("video"), { width: 320, height: 180 });
  document.body.append(video);
  const session = new Session(`/live/${classId}/socket`);
  const cues = new Cues();
  const seen = { states: [], cues: [], measure: null, hellos: 0 };
  Object.assign(window, { session, seen, video });
  session.on("event", (event) => cues.add(event));
  session.on("hello", () => { seen.hellos += 1; });
  const hello = new Promise((resolve) => session.on("hello", resolve));
  session.open();
  const { delay_ms: delayMs } = await hello;
  await session.clock.ready;
  const address = `/live/${classId}/hls/source/live.m3u8`;
  const receiver = new Receiver({ video, address, clock: session.clock, delayMs });
  Object.assign(window, { receiver });
  const now = () => performance.timeOrigin + performance.now();
  receiver.on("state", (state) => seen.states.push([now(), state]));
  let toldAt = -Infinity;
  receiver.on("measure", (measure) => {
    seen.measure = measure;
    if (performance.now() - toldAt < 5000 || measure.lagMs < 0) return;
    toldAt = performance.now();
    session.measured(toldOf(measure));
  });
  session.on("event", ({ kind }) => {
    if (kind === "delay") receiver.delayMs = session.hello.delay_ms;
  });
  receiver.on("moment", (moment) => {
    for (const { kind, media_ms: due } of cues.due(moment)) seen.cues.push([now(), kind, due]);
  });
  await receiver.open();
}"""

# Notes each picture of the page's video: when it is on the screen, and its number. And where the
# video is, every tenth of a second.
WATCH = """() => {
  const video = document.querySelector("video");
  Object.assign(window, { shown: [], played: [] });
  let request = 0;
  const ask = () => {
    video.cancelVideoFrameCallback(request);
    request = video.requestVideoFrameCallback(onFrame);
  };
  const onFrame = (_now, { expectedDisplayTime }) => {
    ask();
    const number = readMark(video);
    if (number !== null) shown.push([performance.timeOrigin + expectedDisplayTime, number]);
  };
  // Another source forgets who asked for its pictures.
  video.addEventListener("loadedmetadata", ask);
  ask();
  setInterval(() => played.push([performance.now(), video.currentTime]), 100);
}"""


@dataclass(frozen=True)
class Shown:
    """A picture on a screen: when, and when it was captured, in ms of the same clock."""

    at_ms: float
    captured_ms: float

    @property
    def lag_ms(self) -> float:
        return self.at_ms - self.captured_ms


Captured = Callable[[float, int], float]


class Room:
    """`captured`: the time of capture of a picture that was shown at a time, by its number."""

    def __init__(self, page: Page, captured: Captured) -> None:
        self.page = page
        self._captured = captured

    @classmethod
    async def open(
        cls, browsers: Browsers, url: str, cookie: str, class_id: int,
        captured: Captured = captured_ms,
    ) -> Room:  # fmt: skip
        page = await browsers.open(url, cookie)
        await page.evaluate(OPEN, class_id)
        room = cls(page, captured)
        await room.watch()
        return room

    async def watch(self) -> None:
        await self.page.evaluate(WATCH)

    async def shown(self) -> list[Shown]:
        """What was shown since this was asked for last."""
        found = await self.page.evaluate("() => shown.splice(0)")
        return [Shown(at, self._captured(at, number)) for at, number in found]

    async def cues(self) -> list[tuple[float, str, float]]:
        """When which cue fired, and the media time it was due at."""
        found: list[tuple[float, str, float]] = await self.page.evaluate("() => seen.cues")
        return found

    async def state(self) -> str:
        state: str = await self.page.evaluate("() => receiver.state")
        return state

    async def hello(self) -> dict[str, Any]:
        """What the service said when this line began."""
        hello: dict[str, Any] = await self.page.evaluate("() => session.hello")
        return hello

    async def hellos(self) -> int:
        """How often a line has begun."""
        count: int = await self.page.evaluate("() => seen.hellos")
        return count

    async def until_hellos(self, count: int) -> None:
        await self.page.wait_for_function(
            "(count) => seen.hellos >= count", arg=count, timeout=READY_S * 1e3
        )

    async def longest_still_s(self) -> float:
        """The longest that what is played stood still, since it began to play."""
        played = await self.page.evaluate("() => played")
        moving = [at for (_, before), (at, place) in pairwise(played) if place != before]
        return max((later - at for at, later in pairwise(moving)), default=0.0) / 1000

    async def heap_mb(self) -> float:
        """What its page holds on to, once the garbage is gone; a little of it is what is written
        down of it here, ten times a second."""
        line = await self.page.context.new_cdp_session(self.page)
        await line.send("HeapProfiler.collectGarbage")
        usage = await line.send("Runtime.getHeapUsage")
        await line.detach()
        return float(usage["usedSize"]) / 1e6

    async def until_in_step(self) -> None:
        await self.page.wait_for_function(
            "() => receiver.state === 'in-step'", timeout=READY_S * 1e3
        )

    async def delay_ms(self) -> int:
        """The class's delay, as it was told last."""
        told: int = await self.page.evaluate("() => session.hello.delay_ms")
        return told

    async def until_delay_stays(self) -> int:
        """Wait until the class has found the delay that its lines allow; what it is."""
        limit = time.monotonic() + READY_S
        told, since = await self.delay_ms(), time.monotonic()
        while time.monotonic() < limit and time.monotonic() - since < CALM_S + RUN_IN_S:
            await asyncio.sleep(1)
            now = await self.delay_ms()
            if now != told:
                told, since = now, time.monotonic()
        return told

    async def until_shown(self, captured_after_ms: float) -> float:
        """Wait for a picture that was captured after a time; when it was shown."""
        limit = time.monotonic() + READY_S
        while time.monotonic() < limit:
            for seen in await self.shown():
                if seen.captured_ms > captured_after_ms:
                    return seen.at_ms
            await asyncio.sleep(0.05)
        raise TimeoutError("nothing newer is shown")


def now_ms() -> float:
    """The clock of this machine, which the browsers on it have too."""
    return time.time() * 1000
