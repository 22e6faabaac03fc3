"""A recording is filled from the journal when its class has ended (`tongke.live.filling`)."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from services.live.carrying.broadcast import PART_MS, SEGMENT_MS, new_suffix
from services.live.carrying.sound import SILENT_US, encoding
from tongke.classes.models import LiveSegment
from tongke.live.boxes import DamagedStream
from tongke.live.filling import CHUNK_COSTS, WINDOW_COSTS, Kept, Stretch, in_windows, lacking
from tongke.live.frames import Frame
from tongke.live.packager import LONGEST_PICTURE_US, Packager, Packed, Part
from tongke.live.playlist import LivePlaylist
from tongke.live.sound import SoundBridge
from tongke.live.stream import Stream, Whole
from tongke.live.tracks import SoundTrack, Track, VideoTrack
from tongke.live.wire import Chunk, ChunkTrack, Configuration, configuration, decode
from tongke.media.errors import FfmpegFailed
from tongke.storage.journal import records

# What is held of the journal at once: a window, and what comes before it can be cut. More without a
# keyframe is left out; a camera at 8 Mbit/s has given none for half a minute then.
MOST_COSTS: Final = 2 * WINDOW_COSTS

_log = structlog.get_logger("tongke.live")


class Filling:
    """What the journal of a class gives to its recording. Nothing holds all of it: it is read once
    for each pass, and only what is to be made then is kept.
    """

    def __init__(self, journal: Path, origin_us: int, ffmpeg: Path) -> None:
        self._journal, self._origin_us, self._ffmpeg = journal, origin_us, ffmpeg

    def lacking(self, rows: Sequence[LiveSegment]) -> list[list[Stretch]]:
        """What the recording lacks and the journal has, in windows; those of one pass together.
        Reads the journal whole, like each pass."""
        made = [(row.began_us, row.duration_us) for row in rows]
        stretches = lacking(made, (chunk.at_us for chunk in self._chunks()))
        if not stretches:
            return []
        said = self._said()
        return in_windows(stretches, made, (_kept(chunk, said) for chunk in self._chunks()))

    async def made_anew(
        self, windows: Sequence[Stretch], epoch: int
    ) -> AsyncIterator[tuple[Stretch, list[Whole]]]:
        """The segments of each window of a pass, in the order of the lesson. A class has to end
        whatever its journal holds: a stream of which nothing can be made is left out.
        """
        playlist = LivePlaylist(segment_s=SEGMENT_MS / 1000, part_s=PART_MS / 1000, window_s=None)
        stream = Stream(epoch, playlist, new_suffix)
        found = await asyncio.to_thread(self._found, windows)
        for window in windows:
            streams, wholes = found.pop(window, []), list[Whole]()
            while streams:
                # Let go of at once: what was made of it takes as much memory.
                packed = await self._packed(streams.pop(0), window)
                wholes.extend(stream.take(packed))
            yield window, wholes

    async def _packed(self, found: _Found, window: Stretch) -> list[Packed]:
        said, chunks = found
        try:
            # An encoder's run has no long holes: sound of before the class would be all that is
            # heard.
            sounds = [
                chunk
                for chunk in chunks
                if chunk.track is ChunkTrack.SOUND and chunk.at_us >= self._origin_us
            ]
            heard = await _encoded(said, sounds, self._ffmpeg)
            # It takes seconds, in which others are in class.
            return await asyncio.to_thread(
                _packed, said, chunks, heard, self._origin_us, window.until_us
            )
        except Exception:
            _log.exception("stream-left-out", stream=said.stream, chunks=len(chunks))
            return []

    def _found(self, windows: Sequence[Stretch]) -> dict[Stretch, list[_Found]]:
        """The chunks of windows, by stream, in the order of their times."""
        said, begins = self._said(), [window.began_us for window in windows]
        found = defaultdict[Stretch, dict[int, _Found]](dict)
        costs = left_out = 0
        for chunk in self._chunks():
            number = bisect_right(begins, chunk.at_us) - 1
            if number < 0 or chunk.stream not in said or not windows[number].has(chunk.at_us):
                continue
            costs += _costs(chunk)
            if costs > MOST_COSTS:
                left_out += 1
                continue
            streams = found[windows[number]]
            streams.setdefault(chunk.stream, _Found(said[chunk.stream], [])).chunks.append(chunk)
        if left_out:
            _log.warning("chunks-left-out", chunks=left_out, window=windows[0])
        for streams in found.values():
            for each in streams.values():
                each.chunks.sort(key=lambda chunk: chunk.at_us)
        return {
            window: sorted(streams.values(), key=lambda each: each.chunks[0].at_us)
            for window, streams in found.items()
        }

    def _said(self) -> dict[int, Configuration]:
        """How each stream is coded."""
        said = (configuration(r.decode()) for r in records(self._journal) if r.startswith(b"{"))
        return {found.stream: found for found in said}

    def _chunks(self) -> Iterator[Chunk]:
        return (decode(r) for r in records(self._journal) if not r.startswith(b"{"))


class _Found(NamedTuple):
    """The chunks of one stream in a window."""

    said: Configuration
    chunks: list[Chunk]


def _costs(chunk: Chunk) -> int:
    return len(chunk.data) + CHUNK_COSTS


def _kept(chunk: Chunk, said: Mapping[int, Configuration]) -> Kept:
    configured = said.get(chunk.stream)
    if configured is None:
        return Kept(chunk.at_us, 0, begins=False)
    # A lesson without pictures can be cut anywhere.
    is_keyframe = chunk.track is ChunkTrack.PICTURE and chunk.keyframe
    begins = is_keyframe or configured.picture is None
    return Kept(chunk.at_us, _costs(chunk), begins)


def _packed(
    said: Configuration,
    chunks: Sequence[Chunk],
    heard: Sequence[Frame],
    origin_us: int,
    until_us: int,
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
    if shown and until_us - shown[-1].at_us <= LONGEST_PICTURE_US:
        # What comes next says how long the last one lasts: it is the first of the next window.
        shown[-1] = replace(shown[-1], duration_us=until_us - shown[-1].at_us)
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
    found += packager.finish()
    return [_without_frames(each) for each in found]


def _without_frames(packed: Packed) -> Packed:
    """Nobody makes another of a part: it is held without what it was made of."""
    return replace(packed, pictures=(), heard=()) if isinstance(packed, Part) else packed


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
