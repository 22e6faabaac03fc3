"""A player that was written from the standard alone, for what it reads of a playlist.

It is strict: a tag it does not know, an attribute list that is not one, or a rule of
draft-pantos-hls-rfc8216bis that is broken, is a failure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,|$)')


@dataclass(frozen=True)
class Shown:
    """A segment as a player knows it. `turn` is its discontinuity sequence number."""

    sequence: int
    name: str
    duration_us: int
    map_name: str
    began_at: datetime
    turn: int
    parts: tuple[tuple[str, int, bool], ...]


@dataclass
class Seen:
    head: dict[str, str] = field(default_factory=dict)
    version: int = field(default=0, compare=False)
    skipped: int = field(default=0, compare=False)
    segments: list[Shown] = field(default_factory=list)
    open_parts: tuple[tuple[str, int, bool], ...] = ()
    hint: str = ""
    reports: dict[str, tuple[int, int]] = field(default_factory=dict)
    cues: list[dict[str, str]] = field(default_factory=list)
    ended: bool = False

    @property
    def last(self) -> int:
        return self.segments[-1].sequence if self.segments else -1

    def seconds(self, attribute: str) -> float:
        return float(attributes(self.head["#EXT-X-SERVER-CONTROL"])[attribute])


def attributes(text: str) -> dict[str, str]:
    """An attribute list (4.2), whole or not at all."""
    found = _ATTRIBUTE.findall(text)
    assert ",".join(f"{name}={value}" for name, value in found) == text
    assert len({name for name, _ in found}) == len(found)
    return {name: value.strip('"') for name, value in found}


def us(text: str) -> int:
    return round(float(text) * 1_000_000)


HEAD = [
    "#EXT-X-TARGETDURATION", "#EXT-X-SERVER-CONTROL", "#EXT-X-PART-INF", "#EXT-X-PLAYLIST-TYPE",
    "#EXT-X-MEDIA-SEQUENCE", "#EXT-X-DISCONTINUITY-SEQUENCE",
]  # fmt: skip


def read(text: str, before: Seen | None = None) -> Seen:
    """A playlist; one with EXT-X-SKIP is put together with the copy from `before` (6.3.7)."""
    assert text.startswith("#EXTM3U\n#EXT-X-VERSION:") and text.endswith("\n")
    seen, map_name, began, turn, length = Seen(), "", None, 0, None
    parts: list[tuple[str, int, bool]] = []
    for line in text.splitlines()[1:]:
        assert not seen.ended
        tag, _, value = line.partition(":")
        if length is not None:  # The address follows its EXTINF.
            assert not line.startswith("#") and map_name and began
            sequence = int(seen.head["#EXT-X-MEDIA-SEQUENCE"]) + len(seen.segments)
            shown = Shown(sequence, line, length, map_name, began, turn, tuple(parts))
            seen.segments.append(shown)
            parts, began, length = [], None, None
        elif tag == "#EXT-X-VERSION":
            seen.version = int(value)
        elif tag in HEAD:
            assert tag not in seen.head and not seen.segments
            seen.head[tag] = value
            turn = int(value) if tag == "#EXT-X-DISCONTINUITY-SEQUENCE" else turn
        elif tag == "#EXT-X-SKIP":
            assert before and not seen.segments and not map_name and seen.version >= 9
            seen.skipped = int(attributes(value)["SKIPPED-SEGMENTS"])
            first = int(seen.head["#EXT-X-MEDIA-SEQUENCE"])
            wanted = range(first, first + seen.skipped)
            seen.segments = [old for old in before.segments if old.sequence in wanted]
            assert [old.sequence for old in seen.segments] == list(wanted)
            map_name, turn = seen.segments[-1].map_name, seen.segments[-1].turn
        elif tag == "#EXT-X-MAP":
            assert not parts
            map_name = attributes(value)["URI"]
        elif tag == "#EXT-X-DISCONTINUITY":
            assert not parts and not value
            turn += 1
        elif tag == "#EXT-X-PROGRAM-DATE-TIME":
            assert not parts and re.fullmatch(r"[\d-]{10}T[\d:]{8}\.\d{3}Z", value)
            began = datetime.fromisoformat(value)
        elif tag == "#EXT-X-PART":
            said = attributes(value)
            parts.append((said["URI"], us(said["DURATION"]), said.get("INDEPENDENT") == "YES"))
            assert began and map_name
        elif tag == "#EXTINF":
            length = us(value.removesuffix(","))
        elif tag == "#EXT-X-DATERANGE":
            seen.cues.append(attributes(value))
        elif tag == "#EXT-X-PRELOAD-HINT":
            assert not seen.hint and attributes(value)["TYPE"] == "PART"
            seen.hint = attributes(value)["URI"]
        elif tag == "#EXT-X-RENDITION-REPORT":
            said = attributes(value)
            seen.reports[said["URI"]] = int(said["LAST-MSN"]), int(said["LAST-PART"])
        else:
            assert line == "#EXT-X-ENDLIST", line
            seen.ended = True
    assert length is None
    seen.open_parts = tuple(parts)
    return seen


def follow_the_standard(seen: Seen, segment_s: float) -> None:
    """`segment_s`: the target of a segment at the beginning."""
    target = int(seen.head["#EXT-X-TARGETDURATION"])
    part_s = float(attributes(seen.head["#EXT-X-PART-INF"])["PART-TARGET"])
    assert attributes(seen.head["#EXT-X-SERVER-CONTROL"])["CAN-BLOCK-RELOAD"] == "YES"
    assert seen.seconds("PART-HOLD-BACK") >= 3 * part_s - 1e-9
    assert seen.seconds("HOLD-BACK") >= 3 * target
    assert seen.seconds("CAN-SKIP-UNTIL") >= 6 * target
    for shown in seen.segments:
        assert shown.duration_us < (target + 0.5) * 1_000_000  # 6.2.1
        assert not shown.parts or sum(us for _, us, _ in shown.parts) == shown.duration_us
        assert all(us <= part_s * 1_000_000 for _, us, _ in shown.parts)
    # 6.2.2: parts are listed at the live edge, and only there. A target that was raised since does
    # not bring back those that had left.
    end = sum(us for _, us, _ in seen.open_parts)
    for shown in reversed(seen.segments):
        assert shown.parts or end >= 3 * segment_s * 1_000_000
        assert not shown.parts or end < 3 * target * 1_000_000
        end += shown.duration_us
