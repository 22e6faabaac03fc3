"""A recording is filled from the journal when its class has ended (`tongke.live.filling`)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from pathlib import Path

import structlog

from services.live.carrying.broadcast import PART_MS, SEGMENT_MS
from services.live.carrying.sound import SILENT_US, encoding
from tongke.classes.models import LiveSegment
from tongke.live.boxes import DamagedStream
from tongke.live.filling import Stretch, lacking
from tongke.live.packager import Frame, Packager, Packed
from tongke.live.playlist import LivePlaylist
from tongke.live.sound import SoundBridge
from tongke.live.stream import Stream, Whole
from tongke.live.tracks import SoundTrack, Track, VideoTrack
from tongke.live.wire import Chunk, ChunkTrack, Configuration, configuration, decode
from tongke.media.errors import FfmpegFailed
from tongke.storage.journal import records

_log = structlog.get_logger("tongke.live")


def stretches(journal: Path, rows: Sequence[LiveSegment]) -> list[Stretch]:
    """What the recording lacks and the journal has. Reads the journal whole."""
    made = [(row.began_us, row.duration_us) for row in rows]
    return lacking(made, (chunk.at_us for chunk in _chunks(journal)))


async def made_anew(
    journal: Path, missing: Iterable[Stretch], *, epoch: int, origin_us: int, ffmpeg: Path
) -> AsyncIterator[tuple[Stretch, list[Whole]]]:
    """The segments of each stretch that was missing, in the order of the lesson. A class has to end
    whatever its journal holds: a stream of which nothing can be made is left out.
    """
    playlist = LivePlaylist(segment_s=SEGMENT_MS / 1000, part_s=PART_MS / 1000, window_s=None)
    stream = Stream(epoch, playlist)
    for stretch in missing:
        found = list[Whole]()
        for said, chunks in await asyncio.to_thread(_of, journal, stretch):
            try:
                # An encoder's run has no long holes: sound of before the class would be all that
                # is heard.
                sounds = [
                    chunk
                    for chunk in chunks
                    if chunk.track is ChunkTrack.SOUND and chunk.at_us >= origin_us
                ]
                heard = await _encoded(said, sounds, ffmpeg)
                # Of an hour it takes seconds, in which others are in class.
                packed = await asyncio.to_thread(_packed, said, chunks, heard, origin_us)
            except Exception:
                _log.exception("stream-left-out", stream=said.stream, chunks=len(chunks))
                continue
            found.extend(stream.take(packed))
        yield stretch, found


def _of(journal: Path, stretch: Stretch) -> list[tuple[Configuration, list[Chunk]]]:
    """The chunks of a stretch, by stream, in the order of their times."""
    said = {found.stream: found for found in _configurations(journal)}
    by_stream: dict[int, list[Chunk]] = {}
    for chunk in _chunks(journal):
        if stretch.has(chunk.at_us) and chunk.stream in said:
            by_stream.setdefault(chunk.stream, []).append(chunk)
    for chunks in by_stream.values():
        chunks.sort(key=lambda chunk: chunk.at_us)
    return [
        (said[number], by_stream[number])
        for number in sorted(by_stream, key=lambda each: by_stream[each][0].at_us)
    ]


def _configurations(journal: Path) -> Iterator[Configuration]:
    return (configuration(r.decode()) for r in records(journal) if r.startswith(b"{"))


def _chunks(journal: Path) -> Iterator[Chunk]:
    return (decode(record) for record in records(journal) if not record.startswith(b"{"))


def _packed(
    said: Configuration, chunks: Sequence[Chunk], heard: Sequence[Frame], origin_us: int
) -> list[Packed]:
    tracks: list[VideoTrack | SoundTrack] = [said.video] if said.video else []
    if said.heard is not None:
        tracks.append(said.heard)
    packager = Packager(
        list[Track](tracks),
        part_us=PART_MS * 1000,
        segment_us=SEGMENT_MS * 1000,
        origin_us=origin_us,
        discontinuity=True,
    )
    shown = [
        Frame(chunk.at_us, chunk.data, chunk.keyframe, offset_us=chunk.offset_us)
        for chunk in chunks
        if chunk.track is ChunkTrack.PICTURE
    ]
    found: list[Packed] = []
    frames = [(frame.at_us, True, frame) for frame in shown]
    frames += [(frame.at_us, False, frame) for frame in heard]
    for _, is_picture, frame in sorted(frames, key=lambda each: each[:2]):
        # Its own time is the clock that sound is waited by, as it was when all came at its time.
        if not is_picture:
            found += packager.sound(frame, frame.at_us)
            continue
        try:
            found += packager.picture(frame, frame.at_us)
        except DamagedStream:
            # More than any camera gives: it goes on with the next keyframe.
            _log.warning("pictures-left-out", stream=said.stream, at_us=frame.at_us)
            found += packager.finish()
            packager.discontinuity = True
    return [*found, *packager.finish()]


async def _encoded(said: Configuration, sounds: Sequence[Chunk], ffmpeg: Path) -> list[Frame]:
    if said.opus is None:
        return [Frame(each.at_us, each.data, duration_us=each.duration_us) for each in sounds]
    frames, left = list[Frame](), deque(sounds)
    while left:
        began_us = left[0].at_us
        bridge = SoundBridge.of(said.opus.channels, began_us)
        try:
            async with encoding(ffmpeg, bridge, frames.append) as encoder:
                while left and encoder.goes_on(left[0]):
                    await encoder.take(left.popleft())
        except FfmpegFailed as error:
            _log.warning("sound-lost", said=str(error))
            # Where it did not even begin, the next would not either.
            while left and left[0].at_us < began_us + SILENT_US:
                left.popleft()
    return frames
