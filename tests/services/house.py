"""A small province with people in it, and the service they use.

School 1, 橘洲路中学 (county 430102), is paired with school 2, 桐木溪中学 (county 433101); school 3,
雁回路中学 (county 430102), stands alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import ClientResponse, ClientSession, web
from aiohttp.test_utils import TestClient
from sqlalchemy.orm import Session

from tongke import clock
from tongke.bootstrap import Ground
from tongke.classes.plan import booking
from tongke.classes.plan.booking import Wanted
from tongke.classes.running import lifecycle
from tongke.library import resources
from tongke.library.fields import parse_fields
from tongke.library.models import Asset, Rendition, Resource, Upload
from tongke.library.vocabulary import Medium
from tongke.people import sign_in
from tongke.people.audience import RoleName, Viewer
from tongke.people.models import Account, Agreement, Region, Role, Room, School
from tongke.people.queries import viewer_of
from workers import indexing

REGIONS = {
    "430000": ("湖南省", "province", None),
    "430100": ("长沙市", "city", "430000"),
    "433100": ("湘西土家族苗族自治州", "city", "430000"),
    "430102": ("芙蓉区", "county", "430100"),
    "433101": ("吉首市", "county", "433100"),
}
SCHOOLS = {1: ("橘洲路中学", "430102"), 2: ("桐木溪中学", "433101"), 3: ("雁回路中学", "430102")}
# name -> (role, school or region)
PEOPLE: dict[str, tuple[str, int | str | None]] = {
    "zhou": ("teacher", 1),
    "tang": ("teacher", 1),
    "head": ("school_admin", 1),
    "xiang": ("teacher", 2),
    "long": ("teacher", 3),
    "county": ("officer", "430102"),
    "othercounty": ("officer", "433101"),
    "city": ("officer", "430100"),
    "province": ("officer", "430000"),
    "room": ("classroom", 2),
    "operator": ("system_admin", None),
}
AGREEMENT = 1


@dataclass
class House:
    """The world, the ground and a client of the running service."""

    ground: Ground
    client: TestClient[web.Request, web.Application]
    ids: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def bearer(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secrets[name]}"}

    async def ask(self, name: str, method: str, path: str, **more: Any) -> ClientResponse:
        """A request as one of the people; nobody when the name is empty."""
        headers = {**(self.bearer(name) if name else {}), **more.pop("headers", {})}
        return await self.client.request(
            method, path, headers=headers, allow_redirects=False, **more
        )

    async def json(self, name: str, method: str, path: str, **more: Any) -> Any:
        response = await self.ask(name, method, path, **more)
        assert response.status < 400, await response.text()
        return await response.json()

    async def publish(self, author: str, audience: Iterable[str], **said: Any) -> int:
        """A finished lesson with files, shown to an audience; its id."""
        number = await self.ground.database.write(self._publish, author, list(audience), said)
        prefix = f"resources/{number}/a1-1/"
        for name, body in FILES.items():
            await self.ground.objects.put(f"{prefix}{name}", _once(body), "application/test")
        key = await self.ground.database.read(lambda s: s.get_one(Resource, number).original_key)
        await self.ground.objects.put(key, _once(b"original"), "video/mp4")
        await indexing.catch_up(self.ground)
        return number

    def _publish(
        self, session: Session, author: str, audience: list[str], said: dict[str, Any]
    ) -> int:
        viewer = viewer_of(session, self.ids[author])
        assert viewer is not None
        values = {"title": f"{author} 的一节课", **said, "audience": audience}
        upload = Upload(
            id=secrets.token_hex(16),
            account_id=viewer.account_id,
            filename="课.mp4",
            length=8,
            fields=parse_fields(values).model_dump(mode="json"),
            metadata_header="",
            created_at=clock.now(),
            expires_at=clock.now() + timedelta(days=7),
        )
        session.add(upload)
        session.flush()
        resource = resources.create_from_upload(session, upload, viewer)
        show(session, resource)
        return resource.id


def show(session: Session, resource: Resource) -> None:
    """Make a resource one that can be watched, as the workers would."""
    resource.viewable_at = clock.now()
    resource.medium = Medium.VIDEO
    resource.duration_s = 90.0
    resource.text = f"正文里说的话 {resource.title}"
    session.add(
        Rendition(
            resource_id=resource.id,
            name="720p",
            kind="video",
            prefix="a1-1/",
            playlist="720p.m3u8",
            codecs="avc1.4d401f",
            bandwidth=1_500_000,
            average_bandwidth=1_200_000,
            width=1280,
            height=720,
            frame_rate=25.0,
        )
    )
    for role, name, details in ASSETS:
        session.add(
            Asset(
                resource_id=resource.id, role=role, number=0, prefix="a1-1/", name=name,
                details=details,
            )
        )  # fmt: skip
    resources.settle(session, resource)


FILES = {
    "720p.m3u8": b"#EXTM3U\n",
    "720p/1.m4s": bytes(range(256)) * 8,
    "poster.jpg": b"poster",
    "storyboard.vtt": b"WEBVTT\n",
    "page-1.webp": b"page",
    "lesson.mp4": b"clean copy",
}
ASSETS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("poster", "poster.jpg", {}),
    ("storyboard", "storyboard.vtt", {}),
    ("download", "lesson.mp4", {"kind": "video", "bytes": 10}),
)


async def _once(body: bytes) -> Any:
    yield body


def agreement(number: int, level: str, lead: int, supported: int) -> Agreement:
    """One of two schools that holds."""
    today = clock.today()
    return Agreement(
        id=number, level=level, lead_school_id=lead, supported_school_id=supported,
        starts_on=today - timedelta(days=30), ends_on=today + timedelta(days=300),
    )  # fmt: skip


def populate(session: Session) -> tuple[dict[str, int], dict[str, str]]:
    """Put the world into the database: ids by name, and a token for each."""
    for code, (name, level, parent) in REGIONS.items():
        session.add(Region(code=code, name=name, level=level, parent_code=parent))
        session.flush()
    for number, (name, code) in SCHOOLS.items():
        session.add(School(id=number, name=name, region_code=code))
    session.flush()
    session.add(agreement(AGREEMENT, "province", 1, 2))
    accounts = {
        name: Account(username=name, name=name, created_at=clock.now(), roles=[_role(name)])
        for name in PEOPLE
    }
    session.add_all(accounts.values())
    session.flush()
    return (
        {name: account.id for name, account in accounts.items()},
        {name: _token(session, account) for name, account in accounts.items()},
    )


def _role(name: str) -> Role:
    role, place = PEOPLE[name]
    return Role(
        name=role,
        school_id=place if isinstance(place, int) else None,
        region_code=place if isinstance(place, str) else None,
    )


def _token(session: Session, account: Account) -> str:
    """A room's own device has none."""
    if account.roles[0].name == RoleName.CLASSROOM:
        return ""
    viewer = Viewer(account.id, account.name, roles=(), tokens=frozenset())
    return sign_in.add_api_token(session, viewer, "test")[1]


async def session_cookie(house: House, name: str) -> dict[str, str]:
    """The cookie of a session of this person."""

    def begin(session: Session) -> str:
        account = session.get_one(Account, house.ids[name])
        account.password_hash = "checked"
        return sign_in.start(
            session, account.id, verified="checked", address="", user_agent="", days=1
        )[1]

    return {"tongke": await house.ground.database.write(begin)}


__all__ = ["AGREEMENT", "PEOPLE", "ClientSession", "House", "populate", "session_cookie"]


def person(session: Session, house: House, name: str) -> Viewer:
    found = viewer_of(session, house.ids[name])
    assert found is not None
    return found


def begin_class(session: Session, ids: Mapping[str, int]) -> int:
    """A class of teacher zhou with the room of school 2, which has begun."""
    session.add(Room(id=1, school_id=1, name="录播教室"))
    session.add(Room(id=2, school_id=2, name="七（2）班", account_id=ids["room"]))
    session.flush()
    teacher = viewer_of(session, ids["zhou"])
    assert teacher is not None
    wanted = Wanted(
        title="有理数的加法", mode="broadcast", purpose="lesson",
        begins_at=clock.now(), ends_at=clock.now() + timedelta(minutes=40),
        teacher_id=teacher.account_id, school_id=1, room_id=1,
        seats=((2, ids["xiang"]),),
    )  # fmt: skip
    booked = booking.book(session, teacher, wanted)
    return lifecycle.begin(session, teacher, booked.id).id
