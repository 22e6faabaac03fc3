"""QR codes: an address that a camera reads instead of somebody typing it."""

from __future__ import annotations

# The darker of the two; the page gives the light one.
INK = "#1c2421"


def qr(text: str) -> str:
    """A drawing of a text, as a `data:` address for an `<img>`."""
    # Few pages need it, and none of them while the service starts.
    import segno

    return str(segno.make(text, error="m").svg_data_uri(dark=INK, border=2, scale=4))
