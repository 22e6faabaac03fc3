"""The real service on a thread of its own, with a class that teacher zhou is about to lead."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import ClientSession, ClientWebSocketResponse, web
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.app import create_app
from tests.databases import upgrade
from tests.servers.ports import free_port
from tests.services.house import House, person, populate, session_cookie
from tongke import bootstrap, clock
from tongke.classes.models import ClassEvent, LiveClass, Material
from tongke.classes.plan import booking
from tongke.classes.plan.booking import Wanted
from tongke.library.models import Asset
from tongke.people.models import Room
from tongke.settings import Settings

T = TypeVar("T")

# Of the pages, in their order: a picture tells by its colour which one is shown.
COLOURS = ((200, 40, 40), (40, 160, 60), (40, 60, 200))
PAGE_SIZE = (1600, 900)
ROOM = 2


class Leading:
    """The service at `url`, and what a test does and sees beside the teacher's page."""

    house: House
    url: str
    class_id: int
    deck: int

    def __init__(self, valkey: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tk-lead"))
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        upgrade(f"sqlite:///{self.folder / 'tongke.db'}")
        self.run(self._start(valkey))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def cookie(self, name: str) -> dict[str, str]:
        """What a browser is signed in with."""
        ((key, value),) = self.run(session_cookie(self.house, name)).items()
        return {"name": key, "value": value, "url": self.url}

    def read(self, query: Callable[..., T], *args: Any) -> T:
        return self.run(self.house.ground.database.read(query, *args))

    def live(self) -> LiveClass:
        return self.read(lambda session: session.get_one(LiveClass, self.class_id))

    def happened(self, kind: str) -> list[dict[str, Any]]:
        """The events of a kind, in their order."""

        def find(session: Session) -> list[ClassEvent]:
            wanted = select(ClassEvent).where(
                ClassEvent.class_id == self.class_id, ClassEvent.kind == kind
            )
            return [*session.scalars(wanted.order_by(ClassEvent.seq))]

        return [{"media_ms": row.media_ms, **row.payload} for row in self.read(find)]

    def book(self, minutes: float = 5) -> None:
        """Another class, so many minutes from now: each test has its own."""
        self.class_id = self.run(self.house.ground.database.write(self._book, minutes))

    def stop(self) -> None:
        self.run(self._stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
        shutil.rmtree(self.folder)

    async def _start(self, valkey: str) -> None:
        settings = Settings(
            _env_file=None, data_dir=self.folder, bus_url=valkey, min_free_bytes=0, port=0,
            rtmp_port=free_port(),
        )  # fmt: skip
        ground = bootstrap.build(settings)
        ids, tokens = await ground.database.write(populate)
        self.runner = web.AppRunner(create_app(ground), shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "localhost", 0).start()
        assert self.runner.addresses
        self.url = f"http://localhost:{self.runner.addresses[0][1]}"
        self.client = ClientSession(self.url)
        # aiohttp's own test server cuts off whoever hangs up, which the real one does not.
        self.house = House(ground, None, ids, tokens)  # type: ignore[arg-type]  # it asks nothing
        await ground.database.write(_rooms, self.house)
        self.deck = await self._make_deck()

    async def _stop(self) -> None:
        await self.client.close()
        await self.runner.cleanup()
        await self.house.ground.close()

    async def _make_deck(self) -> int:
        number = await self.house.publish("zhou", [], title="有理数的加法")
        for page, colour in enumerate(COLOURS, 1):
            key = f"resources/{number}/a1-1/{page}.png"
            await self.house.ground.objects.put(key, _once(picture(colour)), "image/png")
        await self.house.ground.database.write(_pages, number)
        return number

    def _book(self, session: Session, minutes: float) -> int:
        teacher = person(session, self.house, "zhou")
        for earlier in session.query(LiveClass):
            earlier.state = "cancelled"
        session.flush()
        wanted = Wanted(
            title="5.3 实际问题与一元一次方程（第 2 课时）", mode="broadcast", purpose="lesson",
            begins_at=clock.now() + timedelta(minutes=minutes),
            ends_at=clock.now() + timedelta(minutes=minutes + 40),
            teacher_id=teacher.account_id, school_id=1, room_id=1,
            seats=((ROOM, self.house.ids["xiang"]),),
        )  # fmt: skip
        booked = booking.book(session, teacher, wanted)
        session.add(Material(class_id=booked.id, resource_id=self.deck, position=0))
        return booked.id


class Device:
    """A receiving room's device, without a browser: its line, and all that it was told."""

    socket: ClientWebSocketResponse

    def __init__(self, leading: Leading) -> None:
        self.leading = leading
        self.told: list[dict[str, Any]] = []
        leading.run(self._enter())

    def ask(self, command: str, **more: Any) -> None:
        said = {"command": command, "ref": 1, "room": str(ROOM), **more}
        self.leading.run(self.socket.send_json(said))

    def happened(self, kind: str) -> list[dict[str, Any]]:
        events = [told["event"] for told in self.told if "event" in told]
        return [event for event in events if event["kind"] == kind]

    def leave(self) -> None:
        self.leading.run(self._leave())

    async def _enter(self) -> None:
        house = self.leading.house
        ((name, value),) = (await session_cookie(house, "room")).items()
        headers = {"Cookie": f"{name}={value}", "Sec-Fetch-Site": "same-origin"}
        path = f"/live/{self.leading.class_id}/socket"
        self.socket = await self.leading.client.ws_connect(path, headers=headers)
        self.told.append(await self.socket.receive_json(timeout=10))
        self._hearing = asyncio.create_task(self._hear())

    async def _leave(self) -> None:
        self._hearing.cancel()
        await self.socket.close()

    async def _hear(self) -> None:
        async for message in self.socket:
            self.told.append(json.loads(message.data))


def picture(colour: tuple[int, int, int]) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", PAGE_SIZE, colour).save(data, "PNG")
    return data.getvalue()


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _rooms(session: Session, house: House) -> None:
    session.add(Room(id=1, school_id=1, name="录播教室"))
    session.add(Room(id=ROOM, school_id=2, name="七（2）班", account_id=house.ids["room"]))


def _pages(session: Session, number: int) -> None:
    for page in range(1, len(COLOURS) + 1):
        names = {"small": f"{page}.png", "large": f"{page}.png", "text": f"{page}.json"}
        details = {"width": PAGE_SIZE[0], "height": PAGE_SIZE[1], **names}
        session.add(
            Asset(
                resource_id=number, role="page", number=page, prefix="a1-1/",
                name=f"{page}.json", details=details,
            )
        )  # fmt: skip
