"""A number in each picture that a lead classroom sends, and when it had which."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from bench.live import marks

# As a class's other pictures in tests: small, so that two cores carry a whole lesson.
WIDTH, HEIGHT, RATE = 320, 180, 15

# What is composed (1280 × 720) is sent small, with a number that counts its pictures; `sent` has
# when each was drawn, in ms since 1970.
NUMBERING = f"""{marks.SCRIPT}
window.sent = [];
const capture = HTMLCanvasElement.prototype.captureStream;
HTMLCanvasElement.prototype.captureStream = function (rate) {{
  if (this.width !== 1280) return capture.call(this, rate);
  const small = document.createElement("canvas");
  Object.assign(small, {{ width: {WIDTH}, height: {HEIGHT} }});
  const pen = small.getContext("2d", {{ alpha: false }});
  let number = 0;
  setInterval(() => {{
    number += 1;
    pen.drawImage(this, 0, 0, {WIDTH}, {HEIGHT});
    drawMark(pen, number);
    window.sent.push(performance.timeOrigin + performance.now());
  }}, 1000 / {RATE});
  return capture.call(small, {RATE});
}};
"""

# The number in a film's picture at a second. Where the player takes up another quality just then,
# there is no picture for a moment, and what was drawn before must not be read again.
READING = f"""{marks.SCRIPT}
window.numberAt = async (seconds, patience) => {{
  const video = document.querySelector(".player video");
  video.currentTime = seconds;
  const how = () => [video.readyState, video.seeking, video.currentTime];
  const near = () => Math.abs(video.currentTime - seconds) < 0.001;
  const there = () => video.readyState > 1 && !video.seeking && near();
  for (const limit = performance.now() + patience; !there();) {{
    if (performance.now() > limit) throw new Error(`not at ${{seconds}} s: ${{how()}}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }}
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return readMark(video);
}};
"""


@dataclass(frozen=True)
class Sent:
    """When each picture was drawn, in ms since 1970; the first has the number 1."""

    drawn_ms: list[float]

    def number_at(self, media_ms: float) -> int:
        """The number of the picture that was the last at a moment."""
        return bisect_right(self.drawn_ms, media_ms)
