"""A class that runs on the real service, with rooms whose devices are signed in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
from sqlalchemy.orm import Session

from bench.live.film import HEIGHT, film
from bench.service import Change, Running, as_it_is, service
from tongke import clock
from tongke.classes import queries
from tongke.classes.models import LiveClass
from tongke.classes.plan import booking
from tongke.classes.plan.booking import Wanted
from tongke.classes.running import lifecycle
from tongke.demo_library.live_feed import publish
from tongke.live.vocabulary import LessonKind
from tongke.media.programs import Programs
from tongke.people import accounts, sign_in
from tongke.people.accounts import RoleWanted
from tongke.people.audience import RoleName
from tongke.people.models import Account, Room
from tongke.people.queries import viewer_of
from tongke.storage.database import Database

TITLE = "有理数的加法"
LASTS = timedelta(hours=3)
AGAIN_AFTER_S = 0.3


@dataclass(frozen=True)
class Lesson:
    """`cookies`: of each room's device."""

    running: Running
    class_id: int
    cookies: tuple[str, ...]

    async def ended(self) -> None:
        """End it, as its teacher does."""
        async with (
            self.running.client() as client,
            client.post(f"/api/v1/classes/{self.class_id}/end") as answer,
        ):
            answer.raise_for_status()

    async def missing_s(self) -> float:
        """How much of the lesson is in no segment, between the first and the last."""
        database = Database(self.running.settings.sqlalchemy_url)
        try:
            rows = await database.read(queries.lesson, self.class_id, "source")
        finally:
            await database.close()
        ends = [row.began_us + row.duration_us for row in rows]
        holes = (row.began_us - end for row, end in zip(rows[1:], ends, strict=False))
        # A picture's length is rounded; what is shorter than one is no hole.
        return sum(hole for hole in holes if hole > 40_000) / 1e6


@asynccontextmanager
async def lesson(
    rooms: int,
    *,
    mode: LessonKind = LessonKind.BROADCAST,
    workers: bool = False,
    change: Change = as_it_is,
) -> AsyncIterator[Lesson]:
    """The service, and a class with so many rooms that has begun."""
    async with service(workers=workers, change=change) as running:
        database = Database(running.settings.sqlalchemy_url)
        class_id, cookies = await database.write(_arrange, running.account_id, rooms, mode)
        await database.close()
        yield Lesson(running, class_id, tuple(cookies))


def _arrange(
    session: Session, teacher_id: int, rooms: int, mode: LessonKind
) -> tuple[int, list[str]]:
    teacher = viewer_of(session, teacher_id)
    assert teacher is not None and teacher.home_school_id is not None
    school_id = teacher.home_school_id
    hashed = session.get_one(Account, teacher_id).password_hash
    seats, cookies = [], []
    for number in range(1, rooms + 1):
        role = RoleWanted(RoleName.CLASSROOM, school_id, None)
        device = accounts.create_account(
            session, f"room-{number}", f"{number} 班教室", [role], password_hash=hashed
        )
        room = Room(school_id=school_id, name=f"{number} 班", account_id=device.id)
        session.add(room)
        session.flush()
        seats.append((room.id, None))
        cookies.append(new_cookie(session, device.id))
    wanted = Wanted(
        title=TITLE, mode=mode, purpose="lesson", begins_at=clock.now(),
        ends_at=clock.now() + LASTS, teacher_id=teacher_id, school_id=school_id,
        seats=tuple(seats),
    )  # fmt: skip
    made: LiveClass = booking.book(session, teacher, wanted)
    return lifecycle.begin(session, teacher, made.id).id, cookies


def new_cookie(session: Session, account_id: int) -> str:
    """Sign an account in on one more device."""
    verified = session.get_one(Account, account_id).password_hash or ""
    _, cookie = sign_in.start(
        session, account_id, verified=verified, address="", user_agent="bench", days=1
    )
    return cookie


@asynccontextmanager
async def fed(lesson: Lesson, kbit_s: int = 0, height: int = HEIGHT) -> AsyncIterator[None]:
    """The numbered film is published meanwhile, through breaks; the class has begun for its people
    too. `kbit_s` and `height`: as `film` has it."""
    with TemporaryDirectory(prefix="tongke-bench") as folder:
        shown = await asyncio.to_thread(film, Programs(), Path(folder), kbit_s, height)
        async with lesson.running.client() as http:
            await say(http, lesson, {"command": "begin"})

            async def keep() -> None:
                while True:
                    with suppress(aiohttp.ClientError, OSError):
                        await publish(http, lesson.class_id, shown)
                    await asyncio.sleep(AGAIN_AFTER_S)

            feeding = asyncio.create_task(keep())
            try:
                yield
            finally:
                feeding.cancel()
                await asyncio.gather(feeding, return_exceptions=True)


async def say(http: aiohttp.ClientSession, lesson: Lesson, *asked: dict[str, object]) -> None:
    """Ask for something as the lead, and wait until it has happened."""
    async with http.ws_connect(f"/live/{lesson.class_id}/socket") as socket:
        for number, body in enumerate(asked):
            await socket.send_json({**body, "ref": number})
            while "done" not in (told := await socket.receive_json()):
                assert "refused" not in told, told
