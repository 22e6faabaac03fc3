"""Parts and segments: nothing is lost, nothing is longer than its target, and ffprobe reads it."""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.live.boxes import DamagedStream
from tongke.live.frames import Frame
from tongke.live.packager import (
    MOST_SOUNDS_IN_PART,
    Opened,
    Packager,
    Packed,
    Part,
    SegmentClosed,
    SegmentOpened,
)
from tongke.live.splitter import Fragment, Initialisation, Splitter
from tongke.live.tracks import SOUND_ID, VIDEO_ID, SoundTrack, VideoTrack
from tongke.media.programs import Programs

VIDEO = VideoTrack(320, 180, b"\x01\x42\xc0\x1e\xff\xe1\x00\x00\x01\x00\x00")
SOUND = SoundTrack(48_000, 2, b"\x11\x90")
PICTURE_US = 33_333
SOUND_US = 21_333


def packager(**more: object) -> Packager:
    given = {"tracks": [VIDEO, SOUND], "part_us": 250_000, "segment_us": 2_000_000, "origin_us": 0}
    return Packager(**{**given, **more})  # type: ignore[arg-type]  # a test's own words


def fed(made: Packager, seconds: float, key_every: int = 60) -> list[Packed]:
    """A steady lesson, its sound a tenth of a second late."""
    frames: list[tuple[int, bool, Frame]] = []
    for number in range(int(seconds * 1e6 / PICTURE_US)):
        at = number * PICTURE_US
        frames.append((at, True, Frame(at, b"p%06d" % number, number % key_every == 0)))
    for number in range(int(seconds * 1e6 / SOUND_US)):
        at = number * SOUND_US
        frames.append((at + 100_000, False, Frame(at, b"s%06d" % number, True, SOUND_US)))
    found: list[Packed] = []
    for at, is_picture, frame in sorted(frames, key=lambda each: each[:2]):
        found += made.picture(frame, at) if is_picture else made.sound(frame, at)
    return [*found, *made.finish()]


def parts(packed: list[Packed]) -> list[Part]:
    return [each for each in packed if isinstance(each, Part)]


def test_segments_begin_with_a_keyframe_and_hold_every_part() -> None:
    packed = fed(packager(), 10)
    assert isinstance(packed[0], Opened)
    assert packed[0].codecs == "avc1.42c01e,mp4a.40.2"
    opened = [each for each in packed if isinstance(each, SegmentOpened)]
    closed = [each for each in packed if isinstance(each, SegmentClosed)]
    assert len(opened) == len(closed) == 5
    for index, each in enumerate(packed):
        if isinstance(each, SegmentOpened):
            following = packed[index + 1]
            assert isinstance(following, Part)
            assert following.independent
            assert following.began_us == each.began_us


def test_parts_are_as_long_as_they_may_be() -> None:
    packed = fed(packager(), 10)
    lengths = [part.duration_us for part in parts(packed)]
    assert max(lengths) <= 250_000
    ends = {index for index, each in enumerate(packed) if isinstance(each, SegmentClosed)}
    inner = [
        each.duration_us
        for index, each in enumerate(packed)
        if isinstance(each, Part) and index + 1 not in ends
    ]
    assert min(inner) >= 0.85 * 250_000


def test_sound_that_never_comes_holds_nothing_up_for_long() -> None:
    """It is waited for once; then parts leave as soon as they are full, until there is sound."""
    made = packager()
    left: list[int] = []
    for number in range(150):
        at = number * PICTURE_US
        left += [at] * len(parts(list(made.picture(Frame(at, b"p", number == 0), at))))
    assert left[0] >= 2_000_000
    assert len(left) >= 18
    late = [at for at in left if at > 2_500_000]
    assert max(after - before for before, after in itertools.pairwise(late)) <= 250_000 + PICTURE_US


def test_what_was_held_up_comes_at_once_and_keeps_its_sound() -> None:
    """A line that stood still: five seconds of pictures in a moment, the encoder a little later."""
    made = packager()
    found: list[Packed] = []
    for number in range(150):
        found += made.picture(Frame(number * PICTURE_US, b"p", number % 60 == 0), now_us=7)
    assert found == []
    for number in range(234):
        sound = Frame(number * SOUND_US, b"s%06d" % number, True, SOUND_US)
        found += made.sound(sound, now_us=100_007)
    found += made.finish()
    for part in parts(found):
        assert part.data.count(b"traf") == 2


@given(
    st.lists(st.integers(1, 400_000), min_size=1, max_size=60),
    st.lists(st.booleans(), min_size=60, max_size=60),
    st.integers(0, 400_000),
    st.booleans(),
)
def test_every_frame_from_the_first_keyframe_is_packed_once(
    gaps: list[int], keys: list[bool], late_us: int, broken: bool
) -> None:
    """Whatever the camera's rhythm, the keyframes, and the sound's delay."""
    made = packager(discontinuity=broken)
    at, shown, packed = 0, [], list[Packed]()
    heard = 0
    for number, (gap, key) in enumerate(zip(gaps, keys, strict=False)):
        at += gap
        shown.append((b"<%d>" % number, key))
        packed += made.picture(Frame(at, b"<%d>" % number, key), at)
        while heard + SOUND_US <= at - late_us:
            frame = Frame(heard, b"[%d]" % (heard // SOUND_US), True, SOUND_US)
            packed += made.sound(frame, at)
            heard += SOUND_US
    packed += made.finish()
    first = next((index for index, (_, key) in enumerate(shown) if key), len(shown))
    wanted = b"".join(data for data, _ in shown[first:])
    stream = b"".join(part.data for part in parts(packed))
    got = b"".join(each for each in _pictures(packed))
    assert got == wanted
    if wanted:
        assert stream.count(b"moof") == len(parts(packed))
    times = [part.began_us for part in parts(packed)]
    assert times == sorted(set(times))
    for before, after in zip(parts(packed), parts(packed)[1:], strict=False):
        assert before.began_us + before.duration_us <= after.began_us
    opened = [each.discontinuity for each in packed if isinstance(each, SegmentOpened)]
    assert opened == [broken, *[False] * (len(opened) - 1)][: len(opened)]


def _pictures(packed: list[Packed]) -> Iterator[bytes]:
    """The data of the pictures, from the bytes of the fragments."""
    for part in parts(packed):
        body = part.data[part.data.index(b"mdat") + 4 :]
        # Pictures come first, sound in square brackets after them.
        yield body.partition(b"[")[0]


def test_what_was_captured_before_the_class_began_is_in_no_fragment() -> None:
    origin_us = 1_000_000
    shown = parts(fed(packager(origin_us=origin_us), 4))
    assert shown[0].began_us == 60 * PICTURE_US, "with the next keyframe"
    alone = packager(tracks=[SOUND], origin_us=origin_us)
    frames = [Frame(number * SOUND_US, b"s", True, SOUND_US) for number in range(100)]
    heard = parts([each for frame in frames for each in alone.sound(frame, 0)])
    assert heard[0].began_us == 47 * SOUND_US


def test_a_splitter_reads_what_was_packed_however_it_is_cut() -> None:
    packed = fed(packager(), 4)
    whole = b"".join(each.data for each in packed if isinstance(each, Opened | Part))
    for step in (1, 7, 1000, len(whole)):
        splitter = Splitter()
        found = [
            each
            for at in range(0, len(whole), step)
            for each in splitter.feed(whole[at : at + step])
        ]
        assert isinstance(found[0], Initialisation)
        assert found[0].timescales == {VIDEO_ID: 90_000, SOUND_ID: 48_000}
        fragments = [each for each in found if isinstance(each, Fragment)]
        assert len(fragments) == len(parts(packed))
        for fragment, part in zip(fragments, parts(packed), strict=True):
            run = fragment.runs[VIDEO_ID]
            assert run.time == round(part.began_us * 0.09)
            assert abs(run.duration - part.duration_us * 0.09) < 2
            assert run.begins_with_sync == part.independent
        assert b"".join(each.data for each in found) == whole


@pytest.mark.media
def test_what_ffmpeg_fragments_is_packed_anew_and_plays(tmp_path: Path) -> None:
    """A real H.264 and AAC stream: taken apart by ffprobe, its samples packed, and read again."""
    programs = Programs()
    source = tmp_path / "source.mp4"
    subprocess.run(
        [programs.ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=30",
         "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", "5",
         "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "30", "-pix_fmt", "yuv420p",
         "-c:a", "aac", "-ac", "2", source],
        check=True,
    )  # fmt: skip
    video, sound = _tracks(source)
    made = Packager([video, sound], part_us=250_000, segment_us=1_000_000, origin_us=0)
    found: list[Packed] = []
    for is_picture, frame in _frames(programs.ffprobe, source):
        found += made.picture(frame, 0) if is_picture else made.sound(frame, 0)
    found += made.finish()
    packed = tmp_path / "packed.mp4"
    packed.write_bytes(b"".join(e.data for e in found if isinstance(e, Opened | Part)))
    told = json.loads(
        subprocess.run(
            [programs.ffprobe, "-v", "error", "-count_packets", "-show_streams", "-of", "json",
             packed], check=True, capture_output=True,
        ).stdout
    )["streams"]  # fmt: skip
    assert [stream["codec_name"] for stream in told] == ["h264", "aac"]
    assert told[0]["nb_read_packets"] == "150"
    assert abs(int(told[1]["nb_read_packets"]) - 235) <= 1
    decoded = subprocess.run(
        [programs.ffmpeg, "-v", "error", "-i", packed, "-f", "null", "-"],
        check=True, capture_output=True,
    )  # fmt: skip
    assert decoded.stderr == b""


def _tracks(path: Path) -> tuple[VideoTrack, SoundTrack]:
    data = path.read_bytes()
    at = data.index(b"avcC")
    size = int.from_bytes(data[at - 4 : at], "big")
    return VideoTrack(320, 180, data[at + 4 : at - 4 + size]), SoundTrack(48_000, 2, b"\x11\x90")


def _frames(ffprobe: Path, path: Path) -> list[tuple[bool, Frame]]:
    told = json.loads(
        subprocess.run(
            [ffprobe, "-v", "error", "-show_packets", "-of", "json", path],
            check=True, capture_output=True,
        ).stdout
    )["packets"]  # fmt: skip
    data, found = path.read_bytes(), []
    for packet in told:
        at, size = int(packet["pos"]), int(packet["size"])
        time_us = round(float(packet["pts_time"]) * 1e6)
        lasts_us = round(float(packet["duration_time"]) * 1e6)
        sync = "K" in packet["flags"]
        is_picture = packet["codec_type"] == "video"
        found.append((is_picture, Frame(time_us, data[at : at + size], sync, lasts_us)))
    return sorted(found, key=lambda each: each[1].at_us)


def test_of_sound_without_pictures_the_newest_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tongke.live.packager.MOST_SOUND_BYTES", 7_000)
    made = packager()
    packed = [*made.picture(Frame(0, b"key"), 0)]
    for number in range(5_000):
        at = number * SOUND_US
        packed += made.sound(Frame(at, b"s%06d" % number, True, SOUND_US), at)
    again = 5_000 * SOUND_US
    for number in range(30):
        at = again + number * PICTURE_US
        packed += made.picture(Frame(at, b"p", sync=number == 0), at)
    packed += made.finish()
    heard = [frame.data for part in parts(packed) for frame in part.heard]
    assert heard == [b"s%06d" % number for number in range(4_000, 5_000)]


def test_a_lesson_without_keyframes_is_whole_in_pieces_all_the_same() -> None:
    """An appliance may be set so."""
    packed = fed(packager(), 70, key_every=100_000)
    lengths, shown = list[int](), 0
    for each in packed:
        if isinstance(each, SegmentOpened):
            lengths.append(0)
        elif isinstance(each, Part):
            lengths[-1] += each.duration_us
            shown += len(each.pictures)
    assert len(lengths) == 4
    assert max(lengths) <= 20_000_000 + 250_000
    assert shown == int(70e6 / PICTURE_US)


def test_pictures_that_make_no_part_are_not_kept_without_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tongke.live.packager.MOST_WAITING_BYTES", 10_000)
    made = packager()
    steady = sum(len(part.pictures) for part in parts(fed(made, 20)))
    assert steady == int(20e6 / PICTURE_US), "what leaves in parts counts no more"
    made = packager()
    with pytest.raises(DamagedStream):
        for number in range(11):
            _ = [*made.picture(Frame(number, bytes(1_000), number == 0), 0)]


def test_a_segment_is_whole_at_so_many_bytes_however_slow_its_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The times are the publisher's own."""
    monkeypatch.setattr("tongke.live.packager.MOST_SEGMENT_BYTES", 10_000)
    made, packed = packager(tracks=[VIDEO]), list[Packed]()
    for number in range(400):
        packed += made.picture(Frame(number * 100, b"<%08d>" % number * 100, number == 0), number)
    packed += made.finish()
    sizes = list[int]()
    for each in packed:
        if isinstance(each, SegmentOpened):
            sizes.append(0)
        elif isinstance(each, Part):
            assert each.pictures
            sizes[-1] += sum(len(picture.data) for picture in each.pictures)
    assert sizes == [10_000] * 40, "each with as many as fill it, and nothing is lost"


def test_of_a_lesson_in_its_time_no_segment_is_shortened_by_its_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = fed(packager(), 10)
    sizes = sum(len(f.data) for part in parts(usual) for f in (*part.pictures, *part.heard))
    monkeypatch.setattr("tongke.live.packager.MOST_SEGMENT_BYTES", sizes // 4)
    assert fed(packager(), 10) == usual


class Looked(list[Frame]):
    """What came, counting how often somebody looks at one."""

    looks = 0

    def popleft(self) -> Frame:
        return self.pop(0)

    def __getitem__(self, at):  # type: ignore[no-untyped-def, override]  # as a list's
        self.looks += 1
        return super().__getitem__(at)


@pytest.mark.parametrize("leads", ["_pictures", "_sounds"])
def test_what_waits_is_looked_at_once_and_not_with_every_frame_that_comes(leads: str) -> None:
    """Who sends a thousand in one moment would have everybody wait."""
    made = packager(tracks=[VIDEO if leads == "_pictures" else SOUND])
    waiting = Looked()
    setattr(made, leads, waiting)
    take = made.picture if leads == "_pictures" else made.sound
    for number in range(900):
        _ = [*take(Frame(number, b"x", number == 0, leads == "_sounds"), 0)]
    assert 900 < waiting.looks < 20 * 900


def test_sound_that_says_it_is_shorter_than_any_is_packed_all_the_same() -> None:
    """As old journals have it; nothing is lost, and little waits."""
    made, packed, most = packager(tracks=[SOUND]), list[Packed](), 0
    for number in range(5_000):
        packed += made.sound(Frame(number, b"<%04d>" % number, True, 1), 0)
        most = max(most, len(made._sounds))
    packed += made.finish()
    assert most <= MOST_SOUNDS_IN_PART + 1
    heard = [frame.data for part in parts(packed) for frame in part.pictures]
    assert heard == [b"<%04d>" % number for number in range(5_000)]


def test_so_many_sounds_wait_for_a_picture_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tongke.live.packager.MOST_SOUNDS", 100)
    made = packager()
    packed = [*made.picture(Frame(0, b"key"), 0)]
    for number in range(500):
        at = number * SOUND_US
        packed += made.sound(Frame(at, b"s%06d" % number, True, SOUND_US), at)
    packed += made.finish()
    heard = [frame.data for part in parts(packed) for frame in part.heard]
    assert heard == [b"s%06d" % number for number in range(400, 500)]
