"""HLS playlists as text (RFC 8216), and what is read out of those ffmpeg wrote. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_TARGET = re.compile(r"#EXT-X-TARGETDURATION:(\d+)")
_EXTINF = re.compile(r"#EXTINF:([\d.]+)")
# What plays the sound alone also names it, so it has to be the same in both playlists.
SOUND_GROUP = "sound"
# A picture at 25 a second: the rate of anything shorter says nothing.
SHORTEST_S = 0.04


@dataclass(frozen=True)
class Variant:
    """A rendition, as the multi-variant playlist names it. Rates in bit/s."""

    uri: str
    codecs: str
    bandwidth: int
    average_bandwidth: int
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None


def multivariant(pictures: Sequence[Variant], sounds: Sequence[Variant]) -> str:
    """The multi-variant playlist (RFC 8216, 4.3.4): every picture with the shared sound.

    With no pictures the sound is a variant of its own. The largest picture comes first only in
    the menu; the first *listed* is what a player begins with, so it is the smallest.
    """
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    sound = sounds[0] if sounds else None
    if sound and pictures:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{SOUND_GROUP}",NAME="{SOUND_GROUP}",'
            f'DEFAULT=YES,AUTOSELECT=YES,URI="{sound.uri}"'
        )
    for variant in sorted(pictures, key=lambda v: v.bandwidth):
        lines += _stream(variant, sound)
    if sound and not pictures:
        lines += _stream(sound, None)
    return "\n".join(lines) + "\n"


def _stream(variant: Variant, sound: Variant | None) -> Iterable[str]:
    """A variant's bandwidth includes the sound that is played with it."""
    together = [variant, sound] if sound else [variant]
    attributes = [
        f"BANDWIDTH={sum(part.bandwidth for part in together)}",
        f"AVERAGE-BANDWIDTH={sum(part.average_bandwidth for part in together)}",
        f'CODECS="{",".join(part.codecs for part in together)}"',
    ]
    if variant.width and variant.height:
        attributes.append(f"RESOLUTION={variant.width}x{variant.height}")
    if variant.frame_rate:
        attributes.append(f"FRAME-RATE={variant.frame_rate:.3f}")
    if sound:
        attributes.append(f'AUDIO="{SOUND_GROUP}"')
    return (f"#EXT-X-STREAM-INF:{','.join(attributes)}", variant.uri)


def growing(text: str, target_s: int) -> str:
    """A playlist that ffmpeg is still writing, as players may be shown it.

    They begin at its start and not at its live edge (RFC 8216, 4.3.5.2), and its target duration
    stays (6.2.1), where ffmpeg writes the longest of the segments so far.
    """
    start = "#EXTM3U\n#EXT-X-START:TIME-OFFSET=0,PRECISE=YES"
    longest = max([target_s, *(int(found) for found in _TARGET.findall(text))])
    fixed = _TARGET.sub(f"#EXT-X-TARGETDURATION:{longest}", text)
    return fixed.replace("#EXTM3U", start, 1)


def segments(text: str) -> list[tuple[str, float]]:
    """The segments of a media playlist: name and seconds, in order."""
    found, seconds = [], 0.0
    for line in text.splitlines():
        match = _EXTINF.match(line)
        if match:
            seconds = float(match.group(1))
        elif line and not line.startswith("#"):
            found.append((line, seconds))
    return found


def bandwidths(parts: Iterable[tuple[int, float]]) -> tuple[int, int]:
    """Peak and average bit/s of segments given as (bytes, seconds)."""
    parts = [(size, max(seconds, SHORTEST_S)) for size, seconds in parts]
    if not parts:
        return 1, 1
    # The last segment may be a splinter, whose rate says nothing.
    peak = max(size * 8 / seconds for size, seconds in (parts[:-1] or parts))
    total = sum(size for size, _ in parts) * 8 / sum(seconds for _, seconds in parts)
    return max(1, round(max(peak, total))), max(1, round(total))
