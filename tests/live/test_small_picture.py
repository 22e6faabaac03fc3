"""The small picture has the parts and segments of the source: their times, keyframes and sound."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.live.small_encoder import Encoder
from tests.live.suffixes import counted, without
from tests.live.test_packager import PICTURE_US, SOUND, SOUND_US, VIDEO, packager, parts
from tongke.live.boxes import DamagedStream
from tongke.live.frames import Frame
from tongke.live.packager import Opened, Packed, Part, SegmentOpened
from tongke.live.playlist import LivePlaylist
from tongke.live.small_picture import PICTURES_PER_S, WANTED_TICKS, SmallPicture, fitted
from tongke.live.splitter import Fragment, Splitter
from tongke.live.stream import Stream
from tongke.live.tracks import SOUND_ID, VIDEO_ID, VideoTrack
from tongke.media.programs import Programs
from tongke.media.shrinking import shrinking


def source(frames: list[Frame], *, broken: bool = False, video: VideoTrack = VIDEO) -> list[Packed]:
    """The source's parts of some pictures, under a sound without a hole."""
    made, found, heard = packager(discontinuity=broken, tracks=[video, SOUND]), list[Packed](), 0
    for frame in frames:
        while heard <= frame.at_us:
            found += made.sound(Frame(heard, b"s%06d" % heard, True, SOUND_US), frame.at_us)
            heard += SOUND_US
        found += made.picture(frame, frame.at_us)
    return [*found, *made.finish()]


def shrunk(packed: list[Packed], encoder: Encoder, cut: int = 1000) -> list[Packed]:
    made = SmallPicture(VIDEO, SOUND, 0)
    out = encoder.feed(made.opening())
    found = list[Packed]()
    for each in packed:
        out = encoder.feed(made.follow(each))
        for at in range(0, len(out), cut):
            found += made.came(out[at : at + cut])
    found += made.came(encoder.end())
    assert made.is_done
    return found


def steady(count: int, every_us: int = PICTURE_US, key_every: int = 60) -> list[Frame]:
    return [Frame(n * every_us, b"p", n % key_every == 0) for n in range(count)]


def runs(packed: list[Packed]) -> Iterator[Fragment]:
    splitter = Splitter()
    for each in packed:
        if isinstance(each, Opened | Part):
            for found in splitter.feed(each.data):
                if isinstance(found, Fragment):
                    yield found


def outline(packed: list[Packed]) -> list[object]:
    """What a playlist says of a stream."""
    return [
        (each.began_us, each.duration_us, each.independent) if isinstance(each, Part) else each
        for each in packed
        if not isinstance(each, Opened)
    ]


def same(ours: list[Packed], theirs: list[Packed]) -> None:
    """Both have the same parts and segments, and each part the same stretch of both tracks."""
    assert outline(ours) == outline(theirs)
    for mine, other in zip(runs(ours), runs(theirs), strict=True):
        assert mine.runs[VIDEO_ID].begins_with_sync == other.runs[VIDEO_ID].begins_with_sync
        assert mine.runs[VIDEO_ID].time == other.runs[VIDEO_ID].time
        assert mine.runs[VIDEO_ID].duration == other.runs[VIDEO_ID].duration
        assert mine.runs.get(SOUND_ID) == other.runs.get(SOUND_ID)


def test_it_has_the_parts_of_the_source_and_half_its_pictures() -> None:
    packed = source(steady(300))
    made = shrunk(packed, Encoder())
    same(made, packed)
    assert isinstance(made[0], Opened)
    assert made[0].codecs == "avc1.42c015,mp4a.40.2"
    pictures = sum(part.data.count(b"small") for part in parts(made))
    assert 10 * PICTURES_PER_S <= pictures <= 10 * (PICTURES_PER_S + 3)
    assert b"".join(_sound(part) for part in parts(made)) == b"".join(
        _sound(part) for part in parts(packed)
    )


def _sound(part: Part) -> bytes:
    body = part.data[part.data.index(b"mdat") + 4 :]
    return body[body.index(b"s0") :] if b"s0" in body else b""


@given(
    st.lists(st.integers(4_000, 400_000), min_size=1, max_size=60),
    st.lists(st.booleans(), min_size=60, max_size=60),
    st.booleans(),
    st.integers(1, 200),
)
def test_whatever_the_camera_s_rhythm_both_go_in_step(
    gaps: list[int], keys: list[bool], broken: bool, cut: int
) -> None:
    at, frames = 0, [Frame(0, b"p", True)]
    for gap, key in zip(gaps, keys, strict=False):
        at += gap
        frames.append(Frame(at, b"p", key))
    packed = source(frames, broken=broken)
    same(shrunk(packed, Encoder(), cut), packed)


def test_pictures_that_build_on_later_ones_come_in_the_order_they_are_shown() -> None:
    """An appliance's: decoded I P B B P B B, shown two pictures later than their turn at most."""
    frames = [
        Frame(n * 40_000, b"p", n % 49 == 0, offset_us=40_000 * _turns_late(n % 49))
        for n in range(196)
    ]
    packed = source(frames)
    same(shrunk(packed, Encoder(behind=3)), packed)


def _turns_late(number: int) -> int:
    return 1 if number == 0 else 3 if number % 3 == 1 else 0


def test_a_picture_that_the_encoder_cannot_read_moves_none_of_the_others() -> None:
    packed = source(steady(300))
    made = shrunk(packed, Encoder(deaf=frozenset({76, 77, 78})))
    assert outline(made) == outline(packed)
    ours, theirs = list(runs(made)), list(runs(packed))
    assert [f.runs[VIDEO_ID].time for f in ours] == [f.runs[VIDEO_ID].time for f in theirs]


def test_a_part_without_pictures_is_the_end_of_it() -> None:
    with pytest.raises(DamagedStream):
        shrunk(source(steady(120)), Encoder(deaf=frozenset(range(8, 15))))


@pytest.mark.media
@pytest.mark.parametrize("later", [0, 2], ids=["in their turn", "by later pictures"])
async def test_a_real_encoder_gives_back_each_picture_at_its_time(
    tmp_path: Path, later: int
) -> None:
    programs = Programs()
    video, frames = filmed(programs, tmp_path / "film.mp4", later)
    packed = source(frames, video=video)
    made, found = SmallPicture(video, SOUND, 0), list[Packed]()
    async with shrinking(
        programs.ffmpeg, fitted(640, 360), pictures_per_s=PICTURES_PER_S, wanted_ticks=WANTED_TICKS
    ) as encoder:

        async def listen() -> None:
            async for data in encoder.read():
                found.extend(made.came(data))

        listening = asyncio.create_task(listen())
        await encoder.write(made.opening())
        for each in packed:
            await encoder.write(made.follow(each))
        encoder.end()
        await listening
    assert made.is_done
    same(found, packed)
    small = tmp_path / "small.mp4"
    small.write_bytes(b"".join(e.data for e in found if isinstance(e, Opened | Part)))
    shown = {at: key for at, _, key, _ in film_packets(programs, small)}
    origin = {frame.at_us + frame.offset_us: frame.sync for frame in frames}
    assert {round(at * 1e6 / 90_000): key for at, key in shown.items()}.items() <= origin.items()
    assert len(shown) >= 6 * PICTURES_PER_S


def film_packets(programs: Programs, path: Path) -> list[tuple[int, int, bool, slice]]:
    """Of each picture when it is shown, its turn, whether it is a keyframe, and where it lies."""
    told = subprocess.run(
        [programs.ffprobe, "-v", "error", "-select_streams", "v", "-show_packets", "-of", "json",
         path], check=True, capture_output=True,
    )  # fmt: skip
    return [
        (
            int(packet["pts"]),
            int(packet["dts"]),
            "K" in packet["flags"],
            slice(int(packet["pos"]), int(packet["pos"]) + int(packet["size"])),
        )
        for packet in json.loads(told.stdout)["packets"]
    ]


def filmed(programs: Programs, path: Path, later: int) -> tuple[VideoTrack, list[Frame]]:
    """Six seconds of pictures 34 ms apart, which build on so many later ones."""
    subprocess.run(
        [programs.ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30",
         "-t", "6", "-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-g", "60",
         "-bf", str(later), "-pix_fmt", "yuv420p", path],
        check=True,
    )  # fmt: skip
    data = path.read_bytes()
    at = data.index(b"avcC")
    avcc = data[at + 4 : at - 4 + int.from_bytes(data[at - 4 : at], "big")]
    rows = film_packets(programs, path)
    step, first = rows[1][1] - rows[0][1], rows[0][1]
    frames = [
        Frame(
            (turn - first) // step * 34_000,
            data[lies],
            key,
            offset_us=(shown - turn) // step * 34_000,
        )
        for shown, turn, key, lies in rows
    ]
    return VideoTrack(640, 360, avcc), frames


def test_what_waits_is_told() -> None:
    made, encoder = SmallPicture(VIDEO, SOUND, 0), Encoder()
    encoder.feed(made.opening())
    assert made.oldest_us is None
    given = [made.follow(each) for each in source(steady(30))]
    assert made.oldest_us == 0
    assert not made.is_done
    out = b"".join(encoder.feed(each) for each in given)
    list(made.came(out))
    assert made.oldest_us is None
    assert made.is_done


@pytest.mark.parametrize(
    ("source_size", "size"),
    [
        ((1280, 720), (426, 240)),
        ((1920, 1080), (426, 240)),
        ((640, 480), (320, 240)),
        ((720, 1280), (136, 240)),
        ((320, 180), (320, 180)),
        ((1600, 200), (426, 54)),
    ],
)  # fmt: skip
def test_it_keeps_the_shape(source_size: tuple[int, int], size: tuple[int, int]) -> None:
    assert fitted(*source_size) == size


def _stream(first_suffix: int) -> Stream:
    playlist = LivePlaylist(segment_s=2, part_s=0.25, window_s=60)
    return Stream(1, playlist, counted(first_suffix))


def test_one_that_begins_later_has_the_numbers_of_the_source() -> None:
    """Also where the source has had a break before: players tell by the numbers what belongs
    together (6.2.4)."""
    theirs, ours = _stream(0), _stream(1_000)
    packed = [*source(steady(120)), *source(_later(steady(240), 5_000_000), broken=True)]
    opened = 0
    encoder, made = Encoder(), SmallPicture(VIDEO, SOUND, 0)
    encoder.feed(made.opening())
    for each in packed:
        list(theirs.take([each]))
        opened += isinstance(each, SegmentOpened)
        if opened < 4:
            continue
        if isinstance(each, SegmentOpened) and opened == 4:
            ours.stand_beside(theirs)
        list(ours.take(made.came(encoder.feed(made.follow(each)))))
    text, whole = (
        without(stream.playlist.render(next_part_name=stream.next_part))
        for stream in (ours, theirs)
    )
    assert "#EXT-X-MEDIA-SEQUENCE:3\n" in text
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:1\n" in text
    assert whole.endswith(text[text.index("#EXT-X-PROGRAM-DATE-TIME") :])


def _later(frames: list[Frame], by_us: int) -> list[Frame]:
    return [Frame(frame.at_us + by_us, frame.data, frame.sync) for frame in frames]
