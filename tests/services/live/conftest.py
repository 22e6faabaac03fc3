"""A class that runs in a small world, and a camera to film it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.orm import Session

from services.app import behind_proxies, create_app
from services.live import lease
from tests.servers.process import free_port
from tests.services.house import House
from tests.services.live.camera import Camera
from tongke import bootstrap, clock
from tongke.classes import booking, lifecycle
from tongke.classes.booking import Wanted
from tongke.people.audience import Viewer
from tongke.people.models import Room
from tongke.people.queries import viewer_of

Node = Callable[[], Awaitable[House]]


@pytest.fixture
def camera(house: House) -> Camera:
    return Camera(house.ground.programs)


def person(session: Session, house: House, name: str) -> Viewer:
    found = viewer_of(session, house.ids[name])
    assert found is not None
    return found


@pytest.fixture
async def running(house: House) -> int:
    """A class of teacher zhou with the room of school 2, which has begun."""

    def arrange(session: Session) -> int:
        session.add(Room(id=1, school_id=1, name="录播教室"))
        session.add(Room(id=2, school_id=2, name="七（2）班", account_id=house.ids["room"]))
        session.flush()
        teacher = person(session, house, "zhou")
        wanted = Wanted(
            title="有理数的加法", mode="broadcast", purpose="lesson",
            begins_at=clock.now(), ends_at=clock.now() + timedelta(minutes=40),
            teacher_id=teacher.account_id, school_id=1, room_id=1,
            seats=((2, house.ids["xiang"]),),
        )  # fmt: skip
        booked = booking.book(session, teacher, wanted)
        return lifecycle.begin(session, teacher, booked.id).id

    return await house.ground.database.write(arrange)


@pytest.fixture
async def node(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Node]:
    """Begins another web process of the house, which the others know by its address."""
    monkeypatch.setattr(lease, "HELD_S", 1.5)
    monkeypatch.setattr(lease, "RENEWED_EVERY_S", 0.3)
    async with contextlib.AsyncExitStack() as stack:

        async def begin() -> House:
            port = free_port()
            settings = house.ground.settings.model_copy(
                update={"node_url": f"http://127.0.0.1:{port}", "port": port}
            )
            ground = bootstrap.build(settings)
            stack.push_async_callback(ground.close)
            app = create_app(ground)
            await behind_proxies(app, ["127.0.0.0/8"])
            client = TestClient(TestServer(app, port=port), headers={"X-Forwarded-For": "10.0.0.9"})
            client._session.headers["X-Forwarded-Proto"] = "http"
            await stack.enter_async_context(client)
            return House(ground, client, house.ids, house.secrets)

        yield begin
