"""A lead classroom in a browser: a canvas with the time in its picture, and a tone."""

from __future__ import annotations

from playwright.async_api import Page

from bench.live.browser import Browsers
from bench.live.film import last_before
from bench.live.marks import BITS

# What a number in the picture counts: it comes round after five minutes and a half.
UNIT_MS = 5

OPEN = """async ([classId, unit, bits]) => {
  const { Publisher } = await import("/bench/publisher.js");
  const { Session } = await import("/bench/session.js");
  const session = new Session(`/live/${classId}/socket`);
  session.open();
  await session.command("begin");
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  document.body.append(canvas);
  const context = canvas.getContext("2d");
  const draw = () => {
    const now = performance.timeOrigin + performance.now();
    context.fillStyle = "#24493f";
    context.fillRect(0, 0, 320, 180);
    context.fillStyle = "#f4ce6a";
    context.fillRect((now / 20) % 320, 100, 12, 60);
    drawMark(context, Math.floor(now / unit) % 2 ** bits);
  };
  setInterval(draw, 1000 / 30);
  const sound = new AudioContext();
  const tone = sound.createOscillator();
  const out = sound.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  const stream = canvas.captureStream(30);
  stream.addTrack(out.stream.getAudioTracks()[0]);
  const publisher = new Publisher({
    address: `/live/${classId}/publish`, classId: String(classId), bitrate: 600000,
    worklet: "/bench/worklet.js",
  });
  const seen = { states: [] };
  Object.assign(window, { publisher, session, seen });
  publisher.on("state", (state) => seen.states.push(state));
  await publisher.start();
  publisher.show(stream);
}"""


def captured_ms(shown_ms: float, number: int) -> float:
    """When a picture with this number was drawn, to a unit."""
    return last_before(shown_ms, number * UNIT_MS, 2**BITS * UNIT_MS)


async def open_publisher(browsers: Browsers, url: str, cookie: str, class_id: int) -> Page:
    """A browser that publishes."""
    page = await browsers.open(url, cookie)
    await page.evaluate(OPEN, [class_id, UNIT_MS, BITS])
    return page


async def until_all_is_kept(page: Page) -> None:
    """Wait until the service has everything on disk that was captured before now."""
    await page.evaluate("() => publisher.finish()")
