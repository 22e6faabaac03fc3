"""What a file is, decided from its content; nothing that names other files gets further."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media.clips import Studio
from tongke.media import run
from tongke.media.container import HEAD_BYTES, demuxer_of, demuxer_of_head, is_encrypted
from tongke.media.errors import NotARecording, TruncatedRecording
from tongke.media.probe import opening, probe
from tongke.media.programs import Programs

# None of them names another file.
KNOWN = frozenset(
    {"mov", "matroska", "flv", "asf", "mpeg", "ogg", "flac", "mp3", "rm", "avi", "wav", "mpegts"}
    | {"aac"}
)

LISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{other}\n#EXT-X-ENDLIST\n",
    "ffconcat": "ffconcat version 1.0\nfile '{other}'\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period>'
    '<AdaptationSet mimeType="video/mp4"><Representation id="1"><BaseURL>{other}</BaseURL>'
    "</Representation></AdaptationSet></Period></MPD>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "m3u": "{other}\n",
    "asx": '<asx version="3.0"><entry><ref href="{other}"/></entry></asx>',
}


@pytest.mark.parametrize(
    ("name", "demuxer"),
    [
        ("lesson.mp4", "mov"),
        ("telling.mov", "mov"),
        ("lesson.mkv", "matroska"),
        ("browser.webm", "matroska"),
        ("lesson.ts", "mpegts"),
        ("lesson.flv", "flv"),
        ("lesson.avi", "avi"),
        ("old.mpg", "mpeg"),
        ("lesson.wmv", "asf"),
        ("sound.mp3", "mp3"),
        ("sound.m4a", "mov"),
        ("sound.wav", "wav"),
        ("sound.flac", "flac"),
        ("sound.aac", "aac"),
        ("sound.ogg", "ogg"),
        ("empty.mp4", None),
    ],
)
@pytest.mark.media
def test_the_content_says_what_a_file_is(studio: Studio, name: str, demuxer: str | None) -> None:
    assert demuxer_of(studio.clip(name)) == demuxer


@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes_are_one_of_a_closed_list_or_nothing(head: bytes) -> None:
    assert demuxer_of_head(head) in {None, *KNOWN}


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=300))
def test_a_text_is_no_recording(text: str) -> None:
    """A text that begins with a container's own mark is at worst a damaged recording."""
    head = text.encode()
    if demuxer_of_head(head) is not None:
        assert head[4:8] in {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot",
                             b"styp"} or head[:3] in {b"ID3", b"Ogg", b"fLa", b".RM", b"FLV",
                                                      b"RIF"} or head[:1] == b"G"  # fmt: skip


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.media
async def test_a_list_in_disguise_opens_no_other_file(
    programs: Programs, studio: Studio, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "lesson.mp4"
    path.write_text(LISTS[kind].format(other=studio.clip("secret.mp4")))
    with pytest.raises(NotARecording):
        await probe(programs, path)


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.media
async def test_a_list_behind_the_mark_of_a_container_opens_no_other_file(
    programs: Programs, studio: Studio, tmp_path: Path, kind: str
) -> None:
    """The demuxer is forced: the text after the first box is never read as a list."""
    path = tmp_path / "lesson.mp4"
    path.write_bytes(
        b"\0\0\0\x10ftypisom\0\0\0\0\n"
        + LISTS[kind].format(other=studio.clip("secret.mp4")).encode()
    )
    with pytest.raises(TruncatedRecording):
        await probe(programs, path)


@pytest.mark.media
async def test_a_film_that_refers_to_another_file_does_not_get_it(
    programs: Programs, studio: Studio
) -> None:
    """ffmpeg sees the reference and, told by nobody to follow it, does not."""
    path = studio.clip("references.mov")
    _, _, said = await run.ffprobe(programs.ffprobe, ["-v", "verbose", *opening("mov"), str(path)])
    assert "Skipped opening external track" in said
    assert "for reading" not in said


@pytest.mark.media
def test_a_protected_file_is_told_from_an_open_one(studio: Studio) -> None:
    assert is_encrypted(studio.clip("encrypted.mp4"))
    assert not is_encrypted(studio.clip("lesson.mp4"))


@given(st.binary(max_size=200))
def test_a_walk_through_any_boxes_ends(
    tmp_path_factory: pytest.TempPathFactory, rest: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "boxes"
    path.write_bytes(b"\0\0\0\x08ftyp" + rest)
    assert not is_encrypted(path)
