"""A class becomes a recording: from the first on its segments lie where its resource will look for
them, so that when the class ends there is nothing to copy and it can be watched at once.

Then it goes the way of every lesson. One step comes before: the segments are joined into a file,
which is the resource's original (`tongke.publishing.joining`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.classes import queries, vocabulary
from tongke.classes.models import ClassToken, LiveClass, LiveSegment
from tongke.classes.plan import tokens
from tongke.classes.running import lifecycle
from tongke.library import jobs, keys, resources
from tongke.library.models import Grant, Resource
from tongke.library.vocabulary import Kind, Medium, State, Step
from tongke.live.playlist import DateRange, Part, Segment, recorded
from tongke.live.runs import lasting_us, runs
from tongke.live.stream import moment
from tongke.media import playlist
from tongke.media.rendition import PLAYLIST, SOURCE, Made
from tongke.people import audience
from tongke.publishing.made import make_viewable, rendition_row, swap_renditions
from tongke.storage.objects.port import ObjectStore, once

# No job has this number: the folder is the class's own.
PREFIX: Final = keys.attempt(0, 0)
PLAYLIST_TYPE: Final = "application/vnd.apple.mpegurl"


def folder(resource_id: int, rendition: str) -> str:
    """Where the segments of a class lie; ends with a slash."""
    return f"{keys.folder(resource_id)}{PREFIX}{rendition}/"


def resource_of(session: Session, live: LiveClass) -> Resource:
    """The resource of a class, made when it is first carried. Until the class has ended nobody but
    its teacher knows of it."""
    if live.resource_id is not None:
        return session.get_one(Resource, live.resource_id)
    now = clock.now()
    is_training = live.purpose == vocabulary.Purpose.TRAINING
    found = Resource(
        # Teachers who train together make research, and no lesson.
        kind=Kind.RESEARCH_OUTPUT if is_training else Kind.LESSON_RECORDING,
        title=live.title,
        subject=live.subject,
        grade=live.grade,
        author_id=live.teacher_id,
        school_id=live.school_id,
        filename=f"{live.title}.mp4",
        original_key=keys.original(secrets.token_hex(16)),
        size_bytes=0,
        state=State.CHECKING,
        created_at=now,
        updated_at=now,
    )
    found.grants = [Grant(token=audience.user(live.teacher_id))]
    session.add(found)
    session.flush()
    live.resource_id = found.id
    resources.settle(session, found)
    return found


def offer(session: Session, live: LiveClass, found: Resource) -> None:
    """Show it to whom the class was for: its people, and where it was offered; and to the lead
    school's administrators, who would see what is shown to anybody else, but not what a teacher
    whose class had nobody beside the pupils has alone. Rooms have the class, and not its papers.
    Other heads of schools and officers look into it while it runs (docs/decisions/audience.md).
    """
    carried = set(session.scalars(select(ClassToken.token).where(ClassToken.class_id == live.id)))
    people = {token for token in carried if token.startswith("user:")}
    people.add(audience.admin(live.school_id))
    resources.offer(session, found, people, tokens.invited(session, live))


async def write_playlist(
    store: ObjectStore,
    resource_id: int,
    rows: Sequence[LiveSegment],
    cues: Sequence[DateRange] = (),
) -> None:
    """The playlist of the whole lesson: right at once when the class has ended."""
    text = recorded(listed(rows), cues)
    await store.put(folder(resource_id, SOURCE) + PLAYLIST, once(text.encode()), PLAYLIST_TYPE)


def finish(session: Session, class_id: int, words: str = "") -> Resource | None:
    """The class has ended and its playlists are there: its recording can be watched, is found by
    the words of the lesson, and goes on being worked on. None when nothing was ever sent. Done
    twice, it is the same."""
    live = lifecycle.end(session, class_id)
    found = resource_of(session, live)
    rows = queries.lesson(session, class_id, SOURCE)
    if not rows:
        return None
    if found.viewable_at is not None:
        return found
    made = _made(rows)
    swap_renditions(session, found, [rendition_row(found.id, PREFIX, made)])
    found.medium = Medium.VIDEO if made.kind == "video" else Medium.SOUND
    found.duration_s = made.duration_s
    found.size_bytes = made.size_bytes
    found.text = words
    make_viewable(found)
    offer(session, live, found)
    jobs.create(session, found.id, first=Step.JOINING)
    resources.settle(session, found)
    return found


def _made(rows: Sequence[LiveSegment]) -> Made:
    """Picture and sound are in one, as they went out."""
    lasting_s = [lasts_us / 1e6 for lasts_us in lasting_us(rows)]
    peak, average = playlist.bandwidths(
        [(row.size_bytes, lasts_s) for row, lasts_s in zip(rows, lasting_s, strict=True)]
    )
    # It may have begun, or ended, with its sound alone.
    with_picture = [row.codecs for row in rows if "avc1" in row.codecs]
    codecs = with_picture[-1] if with_picture else rows[-1].codecs
    return Made(
        name=SOURCE,
        kind="video" if with_picture else "audio",
        codecs=codecs,
        bandwidth=peak,
        average_bandwidth=average,
        size_bytes=sum(row.size_bytes for row in rows),
        duration_s=sum(lasting_s),
    )


def listed(rows: Sequence[LiveSegment]) -> list[Segment]:
    """The segments of a lesson as its playlist has them, each as long as it is to be seen; the
    clock begins anew with each run."""
    found, lasting = list[Segment](), iter(lasting_us(rows))
    for run in runs(rows):
        for row in run:
            begins = bool(found) and row is run[0]
            found.append(
                replace(segment(row), duration_s=next(lasting) / 1e6, discontinuity=begins)
            )
    return found


def segment(row: LiveSegment) -> Segment:
    """A row as playlists take it."""
    duration_s = row.duration_us / 1e6
    return Segment(
        row.sequence,
        row.name,
        duration_s,
        row.map_name,
        moment(row.began_us),
        (Part(row.name, duration_s, independent=True),),
        row.discontinuity,
    )


def folders_on_air(session: Session) -> Iterable[str]:
    """The folders of classes that run, which no rendition names yet: no orphans."""
    running = select(LiveClass.resource_id).where(
        LiveClass.state == vocabulary.State.RUNNING, LiveClass.resource_id.is_not(None)
    )
    return [f"{keys.folder(number)}{PREFIX}" for number in session.scalars(running) if number]
