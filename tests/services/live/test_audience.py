"""Who sees a class: exactly whom mission.md names, by every route that names one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from aiohttp import WSServerHandshakeError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.services.house import AGREEMENT, PEOPLE, SCHOOLS, House, person, session_cookie
from tests.services.live.camera import Camera, until_durable
from tests.services.live.ingest.test_publishing import playlist, publishing
from tests.services.live.signalling.test_socket import ask, entered
from tests.waiting import LIMIT_S
from tongke import clock
from tongke.classes.plan import booking, changes, parting
from tongke.classes.plan.booking import Wanted
from tongke.people.models import Agreement, Room, School

# The school of each room, and the person whose device it is.
ROOMS = {1: 1, 2: 2, 4: 1}
DEVICE_OF = 2
ABOVE = {
    "430102": {"county", "city", "province"},
    "433101": {"othercounty", "province"},
}
HEADS = {1: {"head"}, 2: set[str](), 3: set[str]()}
PEOPLE_OF = {1: {"zhou", "tang", "head"}, 2: {"xiang"}, 3: {"long"}}


@dataclass(frozen=True)
class Plan:
    """A class of school 1: its rooms, the teachers beside the pupils, and who was invited, which
    everyone may be by a trusted school alone, at once or when it stands already. Once it is booked
    the agreement may be ended, or run out. In a training the teachers of the schools that it names
    take part."""

    teacher: str
    seats: tuple[tuple[int, str | None], ...]
    invited: tuple[str, ...]
    trusted: bool
    paired: str
    purpose: str
    opened_later: bool

    @property
    def may_be_booked(self) -> bool:
        """No training is that has neither a room nor a teacher invited."""
        is_for_somebody = self.purpose == "lesson" or self.seats or self.invited
        return bool(is_for_somebody) and (self.trusted or "everyone" not in self.invited)


plans = st.builds(
    Plan,
    st.sampled_from(["zhou", "tang"]),
    st.lists(
        st.sampled_from([(2, None), (2, "xiang"), (4, None), (4, "tang")]),
        max_size=2,
        unique_by=lambda seat: seat[0],
    ).map(tuple),
    st.lists(st.sampled_from(["school:1", "agreement:1", "everyone"]), max_size=2).map(tuple),
    st.booleans(),
    st.sampled_from(["still", "ended", "run out"]),
    st.sampled_from(["lesson", "training"]),
    st.booleans(),
).filter(lambda plan: plan.may_be_booked)


def seats_of(plan: Plan) -> list[tuple[int, str | None]]:
    """Those that are left: of a school that is paired no more there are none."""
    paired = {1, 2} if plan.paired == "still" else {1}
    return [(room, teacher) for room, teacher in plan.seats if ROOMS[room] in paired]


def seen_by(plan: Plan) -> set[str]:
    """In sentences of mission.md, and without the rule."""
    seen = {plan.teacher, "zhou"}  # who booked it
    seats = seats_of(plan)
    schools = {1, *(ROOMS[room] for room, _ in seats)}
    seen |= {teacher for _, teacher in seats if teacher}
    for school in schools:
        seen |= HEADS[school] | ABOVE[SCHOOLS[school][1]]
    if DEVICE_OF in {room for room, _ in seats}:
        seen.add("room")
    if "school:1" in plan.invited:
        seen |= PEOPLE_OF[1]
    if "agreement:1" in plan.invited and plan.paired == "still":
        seen |= PEOPLE_OF[1] | PEOPLE_OF[2]
        if plan.purpose == "training":
            seen |= ABOVE[SCHOOLS[2][1]]
    if "everyone" in plan.invited:
        seen |= set(PEOPLE) - {"operator", "room"}
    return seen


@settings(
    max_examples=16,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=plans)
async def test_a_class_is_seen_by_exactly_whom_it_is_for(house: House, plan: Plan) -> None:
    number = await house.ground.database.write(_book, house, plan)
    device = await session_cookie(house, "room")
    seen = set()
    for name in PEOPLE:
        cookies = device if name == "room" else None
        asked = "" if name == "room" else name
        answers = {
            (await house.ask(asked, "GET", path.format(id=number), cookies=cookies)).status
            for path in SHOWING
        }
        # What is not on the air has nothing to show (404, 409) to who may see it, either; its
        # decks are told, if there are none.
        line = await _line(house, asked, number, cookies)
        admitted = await house.ask(asked, "GET", f"/live/{number}/admission", cookies=cookies)
        assert admitted.status in {204, 403}
        if admitted.status == 204:
            seen.add(name)
            assert answers == {200, 404, 409} and line == 101
        else:
            assert answers == {404} and line == 404, name
    assert seen == seen_by(plan)


async def _line(house: House, name: str, class_id: int, cookies: dict[str, str] | None) -> int:
    """Whether somebody is let in to the line on which playlists are pushed."""
    words = "; ".join(f"{key}={value}" for key, value in (cookies or {}).items())
    headers = {**(house.bearer(name) if name else {}), **({"Cookie": words} if words else {})}
    try:
        async with house.client.ws_connect(PUSHED.format(id=class_id), headers=headers):
            return 101
    except WSServerHandshakeError as refused:
        return refused.status


def _book(session: Session, house: House, plan: Plan) -> int:
    session.get_one(School, 1).trusted = plan.trusted
    agreement = session.get_one(Agreement, AGREEMENT)
    agreement.active, agreement.ends_on = True, clock.today()
    for number, school in ROOMS.items():
        device = house.ids["room"] if number == DEVICE_OF else None
        session.merge(Room(id=number, school_id=school, name=f"教室{number}", account_id=device))
    session.flush()
    # Each at a time of its own, so that none is in another's way.
    _book.day += 1  # type: ignore[attr-defined]
    begins = clock.now() + timedelta(days=_book.day)  # type: ignore[attr-defined]
    wanted = Wanted(
        title="一节课", mode="broadcast", purpose=plan.purpose, begins_at=begins,
        ends_at=begins + timedelta(minutes=40), teacher_id=house.ids[plan.teacher], school_id=1,
        seats=tuple((room, house.ids[t] if t else None) for room, t in plan.seats),
        audience=frozenset(plan.invited),
    )  # fmt: skip
    zhou = person(session, house, "zhou")
    if plan.opened_later and (plan.seats or plan.purpose == "lesson"):
        number = booking.book(session, zhou, replace(wanted, audience=frozenset())).id
        changes.change(session, zhou, number, wanted)
    else:
        number = booking.book(session, zhou, wanted).id
    if plan.paired == "ended":
        parting.end_agreement(session, person(session, house, "province"), AGREEMENT)
    elif plan.paired == "run out":
        agreement.ends_on = clock.today() - timedelta(days=1)
        session.flush()
        parting.part(session)
    return number


_book.day = 0  # type: ignore[attr-defined]

PUSHED = "/live/{id}/playlists/source"
# Routes that show a class, or something of it, to whoever may see it.
SHOWING = (
    "/live/{id}/program.m3u8",
    "/live/{id}/hls/source/live.m3u8",
    "/live/{id}/hls/small/live.m3u8",
    "/live/{id}/hls/sound/live.m3u8",
    "/live/{id}/hls/sound/1-m1.mp4",
    "/live/{id}/decks",
    "/live/{id}/slides/1/1",
)


@pytest.mark.media
async def test_a_room_that_is_sent_out_gets_nothing_until_it_is_let_in_again(
    house: House, running: int, camera: Camera
) -> None:
    """Nor does the teacher beside its pupils; observers go on watching."""
    cookies = await session_cookie(house, "room")
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(camera.configuration())
    for chunk in camera.filmed(round(clock.now().timestamp() * 1e6)):
        await socket.send_bytes(chunk.encode())
    await until_durable(socket, len(camera.chunks))
    lead, _ = await entered(house, running, "zhou")

    async def gets(paths: Sequence[str], name: str = "") -> set[int]:
        mine = None if name else cookies
        asked = [path.format(id=running) for path in paths]
        return {(await house.ask(name, "GET", path, cookies=mine)).status for path in asked}

    async def until_it_gets(paths: Sequence[str], status: int) -> None:
        async with asyncio.timeout(LIMIT_S):
            while await gets(paths) | await gets(paths, "xiang") != {status}:
                await asyncio.sleep(0.05)

    folder = "/live/{id}/hls/source/"
    listed = await playlist(house, running)
    pieces = [
        folder + re.findall(pattern, listed, re.MULTILINE)[0]
        for pattern in (r"^1-s.*$", r'PART:.*URI="([^"]+)"')
    ]
    there = [*ON_THE_AIR, *pieces]
    assert await gets(there) == await gets(there, "xiang") == {200}
    await ask(lead, "remove", room="2")
    await until_it_gets([*SHOWING, *pieces], 404)
    assert await gets(["/live/{id}/admission"]) == {403}
    assert await gets(there, "county") == {200}
    await ask(lead, "admit", room="2")
    await until_it_gets(there, 200)


# Of those, what there is as soon as a class is on the air.
ON_THE_AIR = ("/live/{id}/program.m3u8", "/live/{id}/hls/source/live.m3u8", "/live/{id}/decks")
# Of lines, which answer by a code: test_publishing, test_socket and test_phones; of the patrol's
# own rule: test_stills.
ELSEWHERE = {
    "/live/{id}/still",
    "/live/{id}/publish",
    "/live/{id}/socket",
    "/live/{id}/device",
    "/live/{id}/admission",
}


async def test_every_route_that_names_a_class_is_walked(house: House) -> None:
    """A new one has to be added above."""
    app = house.client.server.app  # type: ignore[attr-defined]
    named = {
        route.resource.canonical
        for route in app.router.routes()
        if route.resource and "/live/{id" in route.resource.canonical
    }
    walked = {"/live/{id}/program.m3u8", "/live/{id}/hls/{rendition}/live.m3u8"}
    walked |= {"/live/{id}/hls/{rendition}/{name}"}
    walked |= {"/live/{id}/playlists/{rendition}"}
    walked |= {"/live/{id}/decks", "/live/{id}/slides/{deck}/{number}"}
    assert named == walked | ELSEWHERE


async def test_nobody_gets_in_without_signing_in(house: House, running: int) -> None:
    for path in SHOWING:
        assert (await house.ask("", "GET", path.format(id=running))).status in {401, 303}
    assert (await house.ask("", "GET", f"/live/{running}/admission")).status == 401
    assert await _line(house, "", running, None) == 401


@pytest.mark.parametrize(
    "name", ["1-s0.m4s/..", "1-s0-.m4s", "1-s0-..m4s", "..%2f..%2fa", "1-x0.m4s", "index.m3u8"]
)
async def test_addresses_lead_nowhere_else(house: House, running: int, name: str) -> None:
    path = f"/live/{running}/hls/source/{name}"
    assert (await house.ask("zhou", "GET", path)).status in {400, 404}
