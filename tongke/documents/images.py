"""Pictures inside a document, made into pictures for a page.

Each is decoded and written again: a page gets one format that every browser of the schools shows
(WebP, Chromium 32 and later), of a size for a screen, and none of what a phone writes into its
photographs (place, device, name).
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path

from PIL import Image, ImageOps

from tongke.documents.markup import MEDIA

# The text column is 720 px wide; twice that for dense screens.
MAX_WIDTH_PX = 1440
# A phone's photograph has 12 to 50 megapixels; decoded, 3 bytes each.
MAX_PIXELS = 80_000_000
# A paper with more pictures than this is an album; the rest is left out and that is said.
MAX_IMAGES = 300
QUALITY = 78
# Icons and bullets that carry nothing.
MIN_SIDE_PX = 8


class Gallery:
    """Collects the pictures of one document into `folder`/media."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[bytes, tuple[str, int, int]] = {}
        self.left_out = 0

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _, _ in self._known.values())

    def add(self, data: bytes) -> dict[str, str]:
        """Attributes for the `img` of this picture; empty when it is left out."""
        if data not in self._known:
            if len(self._known) >= MAX_IMAGES or (picture := _decode(data)) is None:
                self.left_out += 1
                return {}
            self._known[data] = self._write(picture)
        name, width, height = self._known[data]
        return {"src": name, "width": str(width), "height": str(height), "loading": "lazy"}

    def _write(self, picture: Image.Image) -> tuple[str, int, int]:
        name = f"{MEDIA}{len(self._known) + 1}.webp"
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        picture.save(target, "WEBP", quality=QUALITY, method=3)
        return name, picture.width, picture.height


def _decode(data: bytes) -> Image.Image | None:
    """None: not a picture that can be shown (Windows metafiles, damaged, oversized, an icon)."""
    try:
        with warnings.catch_warnings():
            # Pillow only warns where our own limit is decided below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data))
        if picture.width * picture.height > MAX_PIXELS or min(picture.size) < MIN_SIDE_PX:
            return None
        picture.draft("RGB", (MAX_WIDTH_PX, MAX_WIDTH_PX))
        picture.thumbnail((MAX_WIDTH_PX, MAX_WIDTH_PX * 4))
        upright = ImageOps.exif_transpose(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return upright.convert("RGBA" if upright.has_transparency_data else "RGB")
