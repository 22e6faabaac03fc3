"""Playlists by the rules of RFC 8216, for any renditions, and read back by ffprobe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media.clips import Studio
from tongke.media import run
from tongke.media.ladder import plan
from tongke.media.playlist import Variant, bandwidths, multivariant, segments
from tongke.media.probe import probe
from tongke.media.programs import Programs
from tongke.media.rendition import PLAYLIST, SOUND, describe
from tongke.media.transcode import encode_ladder, encode_thin

rates = st.integers(1, 50_000_000)
pictures = st.builds(
    Variant,
    uri=st.from_regex(r"a[0-9]{1,3}-[0-9]/[0-9]{3}p/index\.m3u8", fullmatch=True),
    codecs=st.just("avc1.4d401f"),
    bandwidth=rates,
    average_bandwidth=rates,
    width=st.integers(2, 4096),
    height=st.integers(2, 4096),
    frame_rate=st.none() | st.floats(1, 60),
)
sounds = st.builds(
    Variant,
    uri=st.just("a1-1/sound/index.m3u8"),
    codecs=st.just("mp4a.40.2"),
    bandwidth=rates,
    average_bandwidth=rates,
)
_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]+)(?:,|$)')


def attributes(line: str) -> dict[str, str]:
    """An attribute list (RFC 8216, 4.2), whole or not at all."""
    text = line.partition(":")[2]
    found = _ATTRIBUTE.findall(text)
    assert ",".join(f"{name}={value}" for name, value in found) == text
    assert len({name for name, _ in found}) == len(found)
    return {name: value.strip('"') for name, value in found}


def streams(text: str) -> list[tuple[dict[str, str], str]]:
    lines = text.splitlines()
    return [
        (attributes(line), lines[at + 1])
        for at, line in enumerate(lines)
        if line.startswith("#EXT-X-STREAM-INF:")
    ]


@given(st.lists(pictures, max_size=6), st.lists(sounds, max_size=1))
def test_every_picture_is_listed_once_with_what_the_rfc_wants(
    listed: list[Variant], sound: list[Variant]
) -> None:
    text = multivariant(listed, sound)
    lines = text.splitlines()
    assert lines[0] == "#EXTM3U"
    assert text.endswith("\n")
    wanted = listed or sound
    assert sorted(uri for _, uri in streams(text)) == sorted(variant.uri for variant in wanted)
    for said, uri in streams(text):
        assert not uri.startswith("#")
        assert int(said["BANDWIDTH"]) > 0  # 4.3.4.2: required
        assert said["CODECS"]


@given(st.lists(pictures, min_size=1, max_size=6), sounds)
def test_the_sound_is_one_group_that_every_picture_names(
    listed: list[Variant], sound: Variant
) -> None:
    text = multivariant(listed, [sound])
    groups = [attributes(line) for line in text.splitlines() if line.startswith("#EXT-X-MEDIA:")]
    assert [(g["TYPE"], g["URI"], g["DEFAULT"]) for g in groups] == [("AUDIO", sound.uri, "YES")]
    for said, _ in streams(text):
        assert said["AUDIO"] == groups[0]["GROUP-ID"]
        assert sound.codecs in said["CODECS"].split(",")


@given(st.lists(pictures, min_size=1, max_size=6), sounds)
def test_a_thin_line_begins_with_the_smallest_and_rates_count_the_sound(
    listed: list[Variant], sound: Variant
) -> None:
    found = [int(said["BANDWIDTH"]) for said, _ in streams(multivariant(listed, [sound]))]
    assert found == sorted(variant.bandwidth + sound.bandwidth for variant in listed)


parts = st.lists(st.tuples(st.integers(1, 10**8), st.floats(0, 20)), max_size=40)


@given(parts)
def test_the_peak_is_never_below_the_average(listed: list[tuple[int, float]]) -> None:
    peak, average = bandwidths(listed)
    assert peak >= average >= 1


@given(st.lists(st.floats(0.01, 20), max_size=40))
def test_segments_are_read_back_in_order(lengths: list[float]) -> None:
    text = '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n' + "".join(
        f"#EXTINF:{seconds:.6f},\n{number:05d}.m4s\n" for number, seconds in enumerate(lengths)
    )
    found = segments(text)
    assert [name for name, _ in found] == [f"{n:05d}.m4s" for n in range(len(lengths))]
    assert [seconds for _, seconds in found] == pytest.approx(lengths, abs=1e-6)


@pytest.mark.media
async def test_a_player_that_nobody_here_wrote_reads_it(
    programs: Programs, studio: Studio, out: Path
) -> None:
    clip = studio.clip("lesson.mp4")
    found = await probe(programs, clip)
    ladder = plan(found, may_remux=False)
    await encode_thin(programs, clip, found, ladder, out)
    await encode_ladder(programs, clip, found, ladder, out)
    pictures = [
        Variant(f"{rung.name}/{PLAYLIST}", made.codecs, made.bandwidth, made.average_bandwidth,
                rung.width, rung.height)
        for rung in ladder.rungs
        for made in [await describe(out / rung.name)]
    ]  # fmt: skip
    made = await describe(out / SOUND)
    sound = Variant(made.playlist, made.codecs, made.bandwidth, made.average_bandwidth)
    (out / "master.m3u8").write_text(multivariant(pictures, [sound]))
    code, said, errors = await run.ffprobe(
        programs.ffprobe,
        ["-f", "hls", "-show_entries", "stream=height,codec_name", "-of", "csv=p=0",
         str(out / "master.m3u8")],
    )  # fmt: skip
    assert code == 0, errors
    rows = {row.strip(",") for row in said.decode().split()}
    assert {f"h264,{rung.height}" for rung in ladder.rungs} | {"aac"} == rows
