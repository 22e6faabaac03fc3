"""What the next process reads of what the one before it has stored."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from services.live.carrying import resuming
from services.live.carrying.resuming import MOST_SEGMENTS, earlier
from tongke.bootstrap import Ground
from tongke.live.playlist import Segment
from tongke.live.stream import Earlier, moment
from tongke.media.rendition import SOURCE
from tongke.publishing import recording
from tongke.storage.objects.port import once

RESOURCE = 7


async def stored(ground: Ground, lengths_s: Sequence[float]) -> list[Segment]:
    """Segments of these lengths, each its own name within."""
    found, began_s = list[Segment](), 0.0
    for number, seconds in enumerate(lengths_s):
        name = f"1-s{number}.m4s"
        key = recording.folder(RESOURCE, SOURCE) + name
        await ground.objects.put(key, once(name.encode()), "video/mp4")
        began_at = moment(round(began_s * 1e6))
        found.append(Segment(number, name, seconds, "1-m1.mp4", began_at, ()))
        began_s += seconds
    return found


async def newest(ground: Ground, segments: Sequence[Segment]) -> list[str]:
    found = (await earlier(ground.objects, RESOURCE, {SOURCE: Earlier(segments)}))[SOURCE]
    assert found.segments == segments
    assert all(data == name.encode() for name, data in found.newest.items())
    return sorted(found.newest)


async def test_as_much_as_a_player_looks_at(ground: Ground) -> None:
    segments = await stored(ground, [2.0] * 9)
    assert await newest(ground, segments) == [segment.name for segment in segments[-4:]]
    assert await newest(ground, []) == []


async def test_the_last_is_read_however_long_it_is(ground: Ground) -> None:
    assert await newest(ground, await stored(ground, [20.0] * 3)) == ["1-s2.m4s"]


async def test_of_very_short_ones_not_all_are_read(ground: Ground) -> None:
    assert len(await newest(ground, await stored(ground, [0.01] * 40))) == MOST_SEGMENTS


@pytest.mark.parametrize("error", [OSError("a disk that fails"), None], ids=["broken", "missing"])
async def test_one_that_cannot_be_read_costs_no_other(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, error: OSError | None
) -> None:
    segments, read = await stored(ground, [2.0] * 4), ground.objects.read
    lost = recording.folder(RESOURCE, SOURCE) + segments[1].name
    if error is None:
        await ground.objects.delete(lost)

    async def failing(key: str) -> AsyncIterator[bytes]:
        if key == lost and error is not None:
            raise error
        async for data in read(key):
            yield data

    monkeypatch.setattr(ground.objects, "read", failing)
    names = [segment.name for segment in segments if segment is not segments[1]]
    assert await newest(ground, segments) == names


async def test_a_store_that_does_not_answer_is_not_waited_for(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "PATIENCE_S", 0.0)
    assert await newest(ground, await stored(ground, [2.0])) == []
