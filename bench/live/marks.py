"""A number in a picture, as black and white cells that any browser reads back.

Two rows of sixteen cells at the upper left: the number's bits, the highest first, and their
opposites, by which a picture that was read wrongly is known.
"""

from __future__ import annotations

from PIL import Image, ImageDraw

BITS = 16
CELL_PX = 16


def stamp(image: Image.Image, number: int) -> None:
    """Draw a number into a picture."""
    draw = ImageDraw.Draw(image)
    for row in range(2):
        for bit in range(BITS):
            on = bool(number >> (BITS - 1 - bit) & 1) is (row == 0)
            x, y = bit * CELL_PX, row * CELL_PX
            box = (x, y, x + CELL_PX - 1, y + CELL_PX - 1)
            draw.rectangle(box, fill="white" if on else "black")


# The same in a page; `read` gives null for what is no number.
SCRIPT = f"""
const BITS = {BITS}, CELL = {CELL_PX};
const markCanvas = Object.assign(document.createElement("canvas"), {{ width: BITS, height: 2 }});
const markContext = markCanvas.getContext("2d", {{ willReadFrequently: true }});
markContext.imageSmoothingEnabled = false;

/** The number in a video's picture, whatever size it is decoded at. */
window.readMark = (video) => {{
  const scale = video.videoWidth / 320;
  markContext.drawImage(video, 0, 0, BITS * CELL * scale, 2 * CELL * scale, 0, 0, BITS, 2);
  const {{ data }} = markContext.getImageData(0, 0, BITS, 2);
  let number = 0;
  for (let bit = 0; bit < BITS; bit += 1) {{
    const on = data[4 * bit] > 127, opposite = data[4 * (BITS + bit)] > 127;
    if (on === opposite) return null;
    number = number * 2 + (on ? 1 : 0);
  }}
  return number;
}};

window.drawMark = (context, number) => {{
  for (let row = 0; row < 2; row += 1) {{
    for (let bit = 0; bit < BITS; bit += 1) {{
      const on = ((number >> (BITS - 1 - bit)) & 1) === 1;
      context.fillStyle = on === (row === 0) ? "#fff" : "#000";
      context.fillRect(bit * CELL, row * CELL, CELL, CELL);
    }}
  }}
}};
"""
