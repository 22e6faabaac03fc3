"""The demonstration: its world, and how it is begun, cut short and gone on with."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from yarl import URL

from tests.cli.conftest import Run, descendants, living, stop
from tests.waiting import until, until_true
from tongke.bootstrap import Ground
from tongke.classes.models import LiveClass
from tongke.cli.demo import plan, record, running_class, workers, world
from tongke.cli.demo.making import MakingFailed, made
from tongke.cli.doctor import running
from tongke.cli.doctor.finding import Finding, ok
from tongke.demo_library.catalogue import ITEMS
from tongke.people import passwords
from tongke.people.audience import EVERYONE, RoleName, agreement
from tongke.people.models import Account, Agreement, Region, Role, School
from tongke.people.queries import viewer_of

Start = Callable[..., subprocess.Popen[bytes]]
# What the board says of a file that has become a resource.
PROCESSED = ("checking", "playable", "encoding", "published")
# The second run adds so many: that it goes on is seen, and the rest is walked elsewhere.
MORE = 2


def counts(session: Session) -> dict[str, int]:
    tables = (Region, School, Agreement, Account, Role)
    return {
        table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
        for table in tables
    }


def levels(session: Session) -> Counter[str]:
    return Counter(session.scalars(select(Region.level)))


async def test_its_world_is_what_it_should_be_however_often_it_is_made(ground: Ground) -> None:
    await ground.database.write(world.create)
    first = await ground.database.read(counts)
    await ground.database.write(world.create)
    assert await ground.database.read(counts) == first
    assert first["school"] == 8
    assert first["agreement"] == 2
    assert await ground.database.read(levels) == {"province": 1, "city": 2, "county": 4}


async def test_every_role_is_there_and_can_sign_in(ground: Ground) -> None:
    await ground.database.write(world.create)
    hashes = await ground.database.read(
        lambda session: list(session.scalars(select(Account.password_hash)))
    )
    assert all(passwords.verify(found, world.PASSWORD) for found in hashes)
    roles = await ground.database.read(lambda session: set(session.scalars(select(Role.name))))
    assert roles == {role.value for role in RoleName}


async def test_each_school_of_a_pair_has_somebody_who_answers_for_it(ground: Ground) -> None:
    await ground.database.write(world.create)

    def answering(session: Session) -> set[str]:
        administrators = select(School.name).join(Role, Role.school_id == School.id)
        return set(session.scalars(administrators.where(Role.name == RoleName.SCHOOL_ADMIN)))

    assert await ground.database.read(answering) >= {
        name for pair in world.PAIRINGS for name in pair
    }


async def test_the_other_pairing_is_another_world(ground: Ground) -> None:
    await ground.database.write(world.create)
    ids = await ground.database.read(world.account_ids)
    held = {}
    for username in ("xiangyuhe", "wushouzhuo", "luoyichuan"):
        viewer = await ground.database.read(viewer_of, ids[username])
        assert viewer is not None
        held[username] = {token for token in viewer.tokens if token.startswith("agreement:")}
        assert EVERYONE in viewer.tokens
    assert held["xiangyuhe"] == {agreement(1)}
    assert held["wushouzhuo"] == {agreement(2)}
    assert held["luoyichuan"] == set()


async def test_what_a_newcomer_changed_stays_changed(ground: Ground) -> None:
    await ground.database.write(world.create)
    mine = passwords.hash_password("my own four words")

    def change(session: Session) -> None:
        found = session.scalars(select(Account).where(Account.username == "admin")).one()
        found.password_hash, found.name = mine, "我自己"

    await ground.database.write(change)
    await ground.database.write(world.create)
    names = await ground.database.read(
        lambda session: session.execute(
            select(Account.name, Account.password_hash).where(Account.username == "admin")
        ).one()
    )
    assert tuple(names) == ("我自己", mine)


def test_scripts_find_the_accounts(tmp_path: Path) -> None:
    record.write(tmp_path, "http://localhost:8600")
    found = json.loads((tmp_path / "demo.json").read_text("utf-8"))
    assert found["url"] == "http://localhost:8600"
    assert all(set(row) == {"username", "password", "role", "school"} for row in found["accounts"])
    by_name = {row["username"]: row for row in found["accounts"]}
    assert by_name["xiangyuhe"]["school"] == "龙山县桐木溪中学"
    assert by_name["hunan"]["school"] is None
    record.forget(tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_its_timetable_is_planned_once(ground: Ground) -> None:
    await ground.database.write(world.create)

    def seats(session: Session) -> list[tuple[str, str]]:
        rows = select(LiveClass).order_by(LiveClass.begins_at)
        return [(live.title, live.seats[0].state) for live in session.scalars(rows)]

    await ground.database.write(plan.make)
    made = await ground.database.read(seats)
    assert [state for _, state in made] == ["confirmed", "asked"]
    await ground.database.write(plan.make)
    assert await ground.database.read(seats) == made


async def test_files_that_cannot_be_made_are_said_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(MakingFailed, match="no-ffmpeg"):
        async for _ in made(tmp_path, tmp_path / "no-ffmpeg"):
            pass


async def test_workers_that_are_not_there_are_said(
    ground: Ground,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = await workers.missing(ground, tmp_path, limit_s=0)
    assert [str(tmp_path) in reason for reason in found.values()] == [True]
    assert str(tmp_path) in capsys.readouterr().out

    async def well(_: Ground) -> Finding:
        return ok("workers", "quick")

    monkeypatch.setattr(running, "workers", well)
    assert await workers.missing(ground, tmp_path, limit_s=0) == {}


@pytest.mark.media
async def test_begun_and_cut_short_it_goes_on_with_what_is_there(
    start: Start, run: Run, folder: Path, port: int, tmp_path: Path
) -> None:
    """And killed, it leaves nothing behind. What its people see once all is published is looked at
    where its pages are walked."""
    output = tmp_path / "output"

    def processed(since: int = 0) -> set[str]:
        """The files that became resources, by what the board said since then."""
        lines = output.read_bytes()[since:].decode("utf-8", errors="replace").splitlines()
        said = (line.partition("  ") for line in lines)
        return {name for state, _, name in said if state in PROCESSED}

    first = start("demo")
    await asyncio.to_thread(until, processed)
    children = descendants(first)
    assert await asyncio.to_thread(stop, first, signal.SIGINT) == 0
    await asyncio.to_thread(until, lambda: not living(children))
    assert not (folder / "demo.json").exists()

    kept, since = processed(), output.stat().st_size
    second = start("demo")
    # It first says where those of the first run are, then what it adds.
    await asyncio.to_thread(until, lambda: len(processed(since) - kept) >= MORE, 200)
    assert kept < processed(since)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}/") as http:
        seen = {name: await titles(http, name) for name in world.AUTHORS.values()}
        await until_true(lambda: on_air(http), what="the class is on the air")
    children = descendants(second)
    assert stop(second, signal.SIGKILL) == -signal.SIGKILL
    # The kernel's promise is Linux's.
    if sys.platform == "linux":
        await asyncio.to_thread(until, lambda: not living(children))
    for item in ITEMS:
        times = seen[world.AUTHORS[item.author_key]].count(item.title)
        assert times == 1 or (times == 0 and item.filename not in kept)


async def on_air(http: aiohttp.ClientSession) -> bool:
    """Whether a classroom's device can play the class that is running."""
    cookies = await signed_in(http, next(iter(running_class.SEATS)))
    async with http.get("/api/v1/classes", cookies=cookies) as response:
        held = [found for found in (await response.json())["items"] if found["hls"]]
    if not held:
        return False
    async with http.get(held[0]["hls"], cookies=cookies) as response:
        if response.status != 200:
            return False
        said = (await response.text()).splitlines()
        playlist = response.url.join(URL(next(line for line in said if line[:1] not in ("", "#"))))
    async with http.get(playlist, cookies=cookies) as response:
        return response.status == 200 and "#EXT-X-PART:" in await response.text()


async def signed_in(http: aiohttp.ClientSession, username: str) -> dict[str, str]:
    """The cookies of an account of the demonstration."""
    body = {"username": username, "password": world.PASSWORD}
    async with http.post("/api/v1/session", json=body) as response:
        assert response.status == 200
        cookies = {name: morsel.value for name, morsel in response.cookies.items()}
    http.cookie_jar.clear()
    return cookies


async def titles(http: aiohttp.ClientSession, username: str) -> list[str]:
    """What an account of the demonstration sees."""
    cookies = await signed_in(http, username)
    async with http.get("/api/v1/resources?limit=100", cookies=cookies) as response:
        assert response.status == 200
        return [found["title"] for found in (await response.json())["items"]]
