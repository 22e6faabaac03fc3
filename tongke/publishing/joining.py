"""The step that joins a class's segments into a file, the original of its recording."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from tongke.classes import queries
from tongke.classes.after.recorded import class_of
from tongke.classes.models import LiveSegment
from tongke.library.models import Resource
from tongke.library.vocabulary import Step
from tongke.live.playlist import recorded
from tongke.live.runs import runs, span_us
from tongke.media import joining
from tongke.media.joining import Run
from tongke.media.rendition import SOURCE
from tongke.publishing.recording import listed
from tongke.publishing.work import Outcome, Work

LESSON_FILE: Final = "lesson.mp4"


async def join(work: Work) -> Outcome:
    """Join the runs of the lesson."""
    rows = await work.shop.database.read(_rows, work.resource.id)
    async with work.scratch() as scratch:
        await work.fetch_rendition(SOURCE, scratch / SOURCE)
        found = await asyncio.to_thread(_written, rows, scratch / SOURCE)
        joined = scratch / LESSON_FILE
        await joining.join(work.shop.programs, found, joined, work.progress)
        size = (await asyncio.to_thread(joined.stat)).st_size
        await work.shop.objects.put_file(work.resource.original_key, joined, "video/mp4", move=True)

    def record(_session: Session, resource: Resource) -> None:
        resource.size_bytes = size

    return Outcome(record, then=(Step.CHECKING,))


def _rows(session: Session, resource_id: int) -> list[LiveSegment]:
    live = class_of(session, resource_id)
    assert live is not None, "only the recording of a class is joined"
    return queries.lesson(session, live.id, SOURCE)


def _written(rows: Sequence[LiveSegment], folder: Path) -> list[Run]:
    """A playlist of each run, beside the segments."""
    found = list[Run]()
    for number, run in enumerate(runs(rows)):
        path = folder / f"run-{number}.m3u8"
        path.write_text(recorded(listed(run), ()), "utf-8")
        found.append(Run(path, folder / run[0].map_name, span_us(run) / 1e6))
    return found
