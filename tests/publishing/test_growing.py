"""A rendition that grows: whoever writes it and whoever publishes it end together."""

from __future__ import annotations

import asyncio
from pathlib import Path
from unittest.mock import AsyncMock, Mock

import pytest

from tongke.media.errors import FfmpegFailed
from tongke.media.probe import Probe
from tongke.media.rendition import PLAYLIST, SOURCE
from tongke.publishing.growing import Growing
from tongke.publishing.work import Work
from tongke.storage.objects.errors import StoreFull

PICTURE = Probe(demuxer="mov", duration_s=9.0, bit_rate=1_000_000, video=None, audio=None)


@pytest.fixture
def work(tmp_path: Path) -> Mock:
    """A step whose first segment is there."""
    (tmp_path / SOURCE).mkdir()
    (tmp_path / SOURCE / PLAYLIST).write_text("#EXTM3U\n#EXTINF:4.0,\n00000.m4s\n")
    return Mock(Work, keep_files=AsyncMock(), keep_file=AsyncMock())


async def test_a_store_that_is_full_ends_the_writing(work: Mock, tmp_path: Path) -> None:
    ended = asyncio.Event()

    async def writing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    work.keep_files.side_effect = StoreFull
    with pytest.raises(StoreFull):
        await Growing(work, tmp_path, PICTURE).publish(writing())
    assert ended.is_set()


async def test_why_the_writing_ended_is_told_as_it_is(work: Mock, tmp_path: Path) -> None:
    async def writing() -> None:
        raise FfmpegFailed("no keyframe")

    with pytest.raises(FfmpegFailed, match="no keyframe"):
        await Growing(work, tmp_path, PICTURE).publish(writing())
