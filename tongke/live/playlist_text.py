"""What a live playlist lists, and each of it as lines of text (draft-pantos-hls-rfc8216bis). Pure.

Lengths are added up as whole microseconds: a lesson of hours must not drift, and the length of a
segment has to be exactly that of its parts. Text that would break a line or end a quoted string is
refused here, because names and cues come from elsewhere and a playlist has no escapes (4.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

MICROSECONDS: Final = 1_000_000
# EXT-X-MAP needs 6, EXT-X-SKIP needs 9 (section 8), and more than is needed should not be claimed.
VERSION: Final = 6
VERSION_WITH_SKIP: Final = 9
# The least the standard allows (4.4.3.8): every second of it is a second behind the teacher.
PART_HOLD_BACK_PARTS: Final = 3
HOLD_BACK_TARGETS: Final = 3
# A player may reload by difference when its copy is at most half of this old, and parts are listed
# for the other half: so none is left over in what it puts together.
SKIP_TARGETS: Final = 6
PARTS_TARGETS: Final = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A partial segment (4.4.4.9). `independent` when it holds a keyframe."""

    name: str
    duration_s: float
    independent: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """A media segment that has all its parts.

    Args:
        sequence: Its media sequence number.
        map_name: The initialisation segment it needs (EXT-X-MAP).
        began_at: When its first picture was shown (EXT-X-PROGRAM-DATE-TIME), in UTC.
        discontinuity: Its clock or its coding does not go on from the one before.
    """

    sequence: int
    name: str
    duration_s: float
    map_name: str
    began_at: datetime
    parts: tuple[Part, ...]
    discontinuity: bool = False


@dataclass(frozen=True)
class DateRange:
    """A cue, for players that are not ours (4.4.5.1).

    Args:
        duration_s: 0 for a moment.
        payload: What goes into X-TONGKE, without quotes and line breaks (base64url).
    """

    id: str
    class_name: str
    start: datetime
    duration_s: float
    payload: str


@dataclass
class OpenSegment:
    """The segment that parts are being added to. `opening` is what stands before them."""

    sequence: int
    map_name: str
    began_at: datetime
    discontinuity: bool
    opening: str
    parts: list[Part] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    duration_us: int = 0

    def add(self, part: Part) -> None:
        self.lines.append(_part(part))
        self.parts.append(part)
        self.duration_us += microseconds(part.duration_s)

    @property
    def text(self) -> str:
        """Nothing before its first part, as it may still be abandoned."""
        return self.opening + "".join(self.lines) if self.parts else ""

    def closed(self, name: str) -> Segment:
        return Segment(
            self.sequence,
            name,
            self.duration_us / MICROSECONDS,
            self.map_name,
            self.began_at,
            tuple(self.parts),
            self.discontinuity,
        )


@dataclass(frozen=True, slots=True)
class ListedSegment:
    """A closed segment in view. `ends_us` counts from the beginning of the lesson."""

    segment: Segment
    text: str
    ends_us: int
    states_map: bool

    def without_parts(self) -> ListedSegment:
        """The same, listed as a whole."""
        return replace(self, segment=replace(self.segment, parts=()))

    @property
    def missing_map(self) -> str:
        """What has to stand before it when the segment that stated its map is out of view."""
        return "" if self.states_map else initialisation(self.segment.map_name)


def _date_range(cue: DateRange) -> str:
    attributes = [
        f"ID={quoted(cue.id)}",
        f"CLASS={quoted(cue.class_name)}",
        f'START-DATE="{instant(cue.start)}"',
        f"DURATION={seconds(microseconds(cue.duration_s))}",
        f"X-TONGKE={quoted(cue.payload)}",
    ]
    return f"#EXT-X-DATERANGE:{','.join(attributes)}\n"


def microseconds(duration_s: float) -> int:
    return round(duration_s * MICROSECONDS)


def seconds(duration_us: int) -> str:
    """A decimal-floating-point (4.2)."""
    return f"{duration_us / MICROSECONDS:.6f}"


def whole_seconds(duration_us: int) -> int:
    """As a target duration counts: the nearest second, half a second being one (4.4.3.1)."""
    return max(1, (duration_us + MICROSECONDS // 2) // MICROSECONDS)


def instant(moment: datetime) -> str:
    """A date and time in UTC, to the nearest millisecond (4.4.4.6).

    Raises:
        ValueError: it is not known in which zone it is.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"{moment} has no time zone")
    nearest = moment.astimezone(UTC) + timedelta(microseconds=500)
    return nearest.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def quoted(value: str) -> str:
    """A quoted-string (4.2).

    Raises:
        ValueError: it holds what such a string cannot.
    """
    if any(forbidden in value for forbidden in '"\r\n'):
        raise ValueError(f"a playlist cannot quote {value!r}")
    return f'"{value}"'


def initialisation(map_name: str) -> str:
    return f"#EXT-X-MAP:URI={quoted(map_name)}\n"


def opening(began_at: datetime, *, new_map: str | None, discontinuity: bool) -> str:
    """What stands before the parts of a segment. `new_map` when it is not that of the one before.

    Each has its date and time: what viewers are kept together by must not depend on adding up.
    """
    return (
        ("#EXT-X-DISCONTINUITY\n" if discontinuity else "")
        + (initialisation(new_map) if new_map is not None else "")
        + f"#EXT-X-PROGRAM-DATE-TIME:{instant(began_at)}\n"
    )


def _part(part: Part) -> str:
    duration = seconds(microseconds(part.duration_s))
    independent = ",INDEPENDENT=YES" if part.independent else ""
    return f"#EXT-X-PART:DURATION={duration},URI={quoted(part.name)}{independent}\n"


def closing(name: str, duration_us: int) -> str:
    """What ends a segment: its length and its address.

    Raises:
        ValueError: the name would not be read as one line with an address.
    """
    if not name or name.startswith("#") or name.strip() != name or len(name.splitlines()) > 1:
        raise ValueError(f"a playlist cannot list {name!r}")
    return f"#EXTINF:{seconds(duration_us)},\n{name}\n"


def head(
    *,
    with_skip: bool,
    target_s: int,
    part_us: int,
    first_sequence: int,
    gone_discontinuities: int,
) -> str:
    """What a live playlist begins with."""
    target_us = target_s * MICROSECONDS
    return (
        f"#EXTM3U\n#EXT-X-VERSION:{VERSION_WITH_SKIP if with_skip else VERSION}\n"
        f"#EXT-X-TARGETDURATION:{target_s}\n"
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,"
        f"PART-HOLD-BACK={seconds(PART_HOLD_BACK_PARTS * part_us)},"
        f"HOLD-BACK={seconds(HOLD_BACK_TARGETS * target_us)},"
        f"CAN-SKIP-UNTIL={seconds(SKIP_TARGETS * target_us)}\n"
        f"#EXT-X-PART-INF:PART-TARGET={seconds(part_us)}\n"
        f"#EXT-X-MEDIA-SEQUENCE:{first_sequence}\n"
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{gone_discontinuities}\n"
    )


def coming(next_part_name: str, reports: Mapping[str, tuple[int, int]]) -> str:
    """What a player may ask for next, here and of the other renditions (4.4.5.3, 4.4.5.4)."""
    return f"#EXT-X-PRELOAD-HINT:TYPE=PART,URI={quoted(next_part_name)}\n" + "".join(
        f"#EXT-X-RENDITION-REPORT:URI={quoted(uri)},LAST-MSN={sequence},LAST-PART={part}\n"
        for uri, (sequence, part) in reports.items()
    )


def recorded(segments: Sequence[Segment], date_ranges: Iterable[DateRange]) -> str:
    """The whole lesson as a recording, right at once when the class ends (4.4.3.5: VOD)."""
    longest = max((microseconds(segment.duration_s) for segment in segments), default=0)
    first = segments[0].sequence if segments else 0
    return (
        f"#EXTM3U\n#EXT-X-VERSION:{VERSION}\n#EXT-X-TARGETDURATION:{whole_seconds(longest)}\n"
        f"#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MEDIA-SEQUENCE:{first}\n"
        + "".join(map(_date_range, date_ranges))
        + "".join(_recorded(segments))
        + "#EXT-X-ENDLIST\n"
    )


def _recorded(segments: Sequence[Segment]) -> Iterable[str]:
    stated = None
    for segment in segments:
        new_map = None if segment.map_name == stated else segment.map_name
        yield opening(segment.began_at, new_map=new_map, discontinuity=segment.discontinuity)
        yield closing(segment.name, microseconds(segment.duration_s))
        stated = segment.map_name
