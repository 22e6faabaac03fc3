"""A class as it was held, written down without holding it: its log, its segments, its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from tests.services.house import House
from tongke import clock
from tongke.classes.models import ClassEvent, LiveClass, LiveSegment, Material
from tongke.classes.running import lifecycle
from tongke.library import resources
from tongke.library.vocabulary import Medium
from tongke.live.bodies import (
    Answer,
    Begin,
    BookedRoom,
    CallUp,
    CloseQuiz,
    End,
    HeadCount,
    Join,
    Known,
    Layout,
    Note,
    OpenQuiz,
    Prepare,
    Publisher,
    Slide,
)
from tongke.live.decide import decide
from tongke.live.quiz import Page, Question, QuestionKind
from tongke.live.state import ClassState
from tongke.live.vocabulary import LessonKind, Role, View, Who
from tongke.publishing import recording
from tongke.publishing.made import make_viewable

Asked = tuple[float, Who, Known]

SERVER, ROOM = Who(Role.SERVER), Who(Role.ROOM, "2")
QUESTION = Question(
    kind=QuestionKind.SINGLE, text="两个负数相加得什么？", options=("负数", "正数"), right=("A",)
)
SEGMENT_S = 2


def usual(house: House, began: int, deck: int = 0) -> list[Asked]:
    """Two minutes of a lesson: a room comes, three slides, a question, a call-up, two notes."""
    lead = Who(Role.LEAD, str(house.ids["zhou"]))
    officer = Who(Role.OBSERVER, str(house.ids["county"]))
    head = Who(Role.OBSERVER, str(house.ids["head"]))
    rooms = (BookedRoom(id="2", name="七（2）班"),)
    return [
        (-60, SERVER, Prepare(lesson=LessonKind.BROADCAST, rooms=rooms)),
        (-50, ROOM, Join(connection="r")),
        (0, lead, Begin()),
        (1, SERVER, Publisher(on=True)),
        (2, lead, Layout(view=View.BOTH)),
        (3, lead, Slide(page=Page(deck=str(deck), number=1))),
        (20, ROOM, HeadCount(room="2", heads=31)),
        (40, lead, Slide(page=Page(deck=str(deck), number=2))),
        (60, lead, OpenQuiz(quiz="q", question=QUESTION, seconds=30)),
        (70, ROOM, Answer(quiz="q", given=("A",), shown_ms=began + 68_000)),
        (95, lead, CloseQuiz(quiz="q")),
        (100, lead, CallUp(room="2")),
        (101, officer, Note(id="n", shown_ms=began + 100_000, text="板书清楚")),
        (102, head, Note(id="m", shown_ms=began + 30_000, text="导入自然")),
    ]


def began_ms() -> int:
    """Two minutes ago, to the second."""
    return (int(clock.now().timestamp()) - 120) * 1000


def write_log(session: Session, class_id: int, began: int, asked: Sequence[Asked]) -> None:
    """Let this have happened in a class, seconds after its begin."""
    state, seq = ClassState(), 0
    for seconds, who, body in asked:
        at = began + round(seconds * 1000)
        for happened in decide(state, who, body, at, at):
            state.apply(happened)
            seq += 1
            row: dict[str, Any] = happened.to_dict()
            session.add(ClassEvent(class_id=class_id, seq=seq, **row))
    live = session.get_one(LiveClass, class_id)
    live.started_at = datetime.fromtimestamp(began / 1000, UTC)


async def held(house: House, class_id: int, *, deck: int | None = None, ended: bool = True) -> int:
    """The class as it was held, with a recording of two minutes; the recording's number."""
    return await house.ground.database.write(_held, house, class_id, deck, ended)


def _held(session: Session, house: House, class_id: int, deck: int | None, ended: bool) -> int:
    began = began_ms()
    asked = usual(house, began, deck or 0)
    lead = next(who for _, who, _ in asked if who.role is Role.LEAD)
    write_log(session, class_id, began, [*asked, *([(119.0, lead, End())] if ended else [])])
    live = session.get_one(LiveClass, class_id)
    if deck is not None:
        live.materials.append(Material(resource_id=deck, position=0))
    for number in range(60):
        session.add(
            LiveSegment(
                class_id=class_id, rendition="source", sequence=number, name=f"1-s{number}.m4s",
                map_name="1-m0.mp4", codecs="avc1.42e01f,mp4a.40.2",
                began_us=began * 1000 + number * SEGMENT_S * 1_000_000,
                duration_us=SEGMENT_S * 1_000_000, size_bytes=1000,
            )
        )  # fmt: skip
    if not ended:
        return 0
    lifecycle.end(session, class_id)
    live.ends_at = clock.now()
    found = recording.resource_of(session, live)
    found.medium, found.duration_s = Medium.VIDEO, 120.0
    make_viewable(found)
    recording.offer(session, live, found)
    resources.settle(session, found)
    return found.id
