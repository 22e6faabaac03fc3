"""A class on the air in the real service: its lead is a film and a line, its rooms are browsers."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from aiohttp import ClientWebSocketResponse
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.orm import Session

from services.app import create_app
from tests.services.house import House, person, populate, session_cookie
from tests.services.live.camera import Camera
from tests.services.live.signalling.test_socket import ask, entered
from tongke import bootstrap, clock
from tongke.classes.models import LiveClass
from tongke.classes.plan import booking
from tongke.classes.plan.booking import Wanted
from tongke.classes.running import lifecycle
from tongke.demo_library import live_feed
from tongke.demo_library.live_film import Film
from tongke.people import slips
from tongke.people.models import Room
from tongke.settings import Settings

T = TypeVar("T")

LIMIT_S = 60.0
FILM_S = 20


class Attentive:
    """A line that is read all the time: one that is not answers none of the service's pings."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.send_json = socket.send_json
        self._heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read(socket))

    async def receive_json(self, timeout: float) -> dict[str, Any]:  # noqa: ASYNC109 aiohttp has it
        async with asyncio.timeout(timeout):
            return await self._heard.get()

    async def _read(self, socket: ClientWebSocketResponse) -> None:
        async for message in socket:
            self._heard.put_nowait(message.json())


class World:
    """Runs on an event loop in a thread of its own; a test asks it to do things. `template` is a
    migrated database of SQLite."""

    def __init__(self, folder: Path, valkey: str, template: Path) -> None:
        self.settings = Settings(
            _env_file=None, data_dir=folder / "data", bus_url=valkey, min_free_bytes=0
        )
        self.settings.data_dir.mkdir()
        shutil.copyfile(template, self.settings.data_dir / "tongke.db")
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()
        self._filming: asyncio.Task[Any] | None = None
        self.house: House
        self.lead: Attentive
        self.do(self._open())
        self.camera = Camera(self.house.ground.programs, FILM_S)
        assert self.camera.film, "made beforehand"

    @property
    def url(self) -> str:
        return str(self.house.client.make_url("")).rstrip("/")

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(LIMIT_S)

    async def _open(self) -> None:
        ground = bootstrap.build(self.settings)
        ids, tokens = await ground.database.write(populate)
        client = TestClient(TestServer(create_app(ground)))
        await client.start_server()
        self.house = House(ground, client, ids, tokens)
        await ground.database.write(self._rooms)

    def _rooms(self, session: Session) -> None:
        session.add(Room(id=1, school_id=1, name="录播教室"))
        session.add(Room(id=2, school_id=2, name="七（2）班", account_id=self.house.ids["room"]))

    def book(self, minutes: float = 0, mode: str = "broadcast", **more: Any) -> int:
        """A class of zhou's with the room of school 2, so many minutes from now; `more` is what
        else `Wanted` has."""

        def write(session: Session) -> int:
            teacher = person(session, self.house, "zhou")
            begins = clock.now() + timedelta(minutes=minutes)
            wanted = Wanted(
                title="有理数的加法", mode=mode, purpose="lesson", begins_at=begins,
                ends_at=begins + timedelta(minutes=40), teacher_id=teacher.account_id,
                school_id=1, room_id=1, seats=((2, self.house.ids["xiang"]),),
            )  # fmt: skip
            return booking.book(session, teacher, replace(wanted, **more)).id

        return self.do(self.house.ground.database.write(write))

    def begin(self, class_id: int, film: Film | None = None) -> None:
        """The lead teacher begins, and films; `film` instead of what the camera has."""
        self.do(self._begin(class_id))
        self.film(class_id, film)

    def film(self, class_id: int, film: Film | None = None) -> None:
        """She films, from now on."""
        self.do(self._start_filming(class_id, film or self.camera.film))

    async def _start_filming(self, class_id: int, film: Film) -> None:
        self._filming = asyncio.create_task(self._film(class_id, film))

    async def _begin(self, class_id: int) -> None:
        await self.house.ground.database.write(
            lambda session: lifecycle.begin(session, person(session, self.house, "zhou"), class_id)
        )
        socket, _ = await entered(self.house, class_id, "zhou")
        self.lead = Attentive(socket)
        assert await ask(self.lead, "begin") == {"done": 7}

    async def _film(self, class_id: int, film: Film) -> None:
        headers = self.house.bearer("zhou")
        async with aiohttp.ClientSession(self.url, headers=headers) as http:
            await live_feed.publish(http, class_id, film)

    def ask(self, command: str, **more: Any) -> None:
        """The lead teacher does something."""
        assert self.do(ask(self.lead, command, **more)) == {"done": 7}

    def told(self, class_id: int) -> dict[str, Any]:
        """The whole state of the class, as an officer who looks in is told."""

        async def look() -> dict[str, Any]:
            socket, hello = await entered(self.house, class_id, "county")
            await socket.close()
            state: dict[str, Any] = hello["state"]
            return state

        return self.do(look())

    def room(self, class_id: int) -> dict[str, Any]:
        """The room of school 2 in it."""
        return next(each for each in self.told(class_id)["rooms"] if each["id"] == "2")

    def end(self, class_id: int) -> None:
        self.stop_filming()
        self.ask("end")
        self.do(self.house.json("zhou", "POST", f"/api/v1/classes/{class_id}/end", json={}))

    def stop_filming(self) -> None:
        if self._filming is not None:
            self.do(_ended(self._filming))
            self._filming = None

    def slip(self, name: str = "room") -> str:
        """The code of a slip for somebody."""

        def write(session: Session) -> str:
            return slips.issue(session, self.house.ids["head"], self.house.ids[name])[1]

        return self.do(self.house.ground.database.write(write))

    def session(self, name: str) -> str:
        """The secret of a session of somebody."""
        return self.do(session_cookie(self.house, name))["tongke"]

    def phone_code(self, class_id: int) -> str:
        def read(session: Session) -> str:
            return session.get_one(LiveClass, class_id).phone_code or ""

        return self.do(self.house.ground.database.read(read))

    def close(self) -> None:
        self.stop_filming()
        self.do(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    async def _close(self) -> None:
        await self.house.client.close()
        await self.house.ground.close()


async def _ended(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
