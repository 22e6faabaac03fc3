"""The real service in a temporary folder, with one teacher, for the benchmarks that need it."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil
from sqlalchemy.orm import Session

from tests.servers.ports import free_port
from tongke.cli import parts
from tongke.people import accounts, sign_in
from tongke.people.accounts import RoleWanted
from tongke.people.audience import RoleName
from tongke.people.models import Region, School
from tongke.people.passwords import hash_password
from tongke.people.queries import viewer_of
from tongke.settings import Settings
from tongke.storage import migrate
from tongke.storage.database import Database
from tongke.supervisor import Supervisor
from tongke.supervisor.part import Part

PASSWORD = "a-long-password-for-the-bench"

# What is started otherwise than it would be.
Change = Callable[[Part], Part]


def as_it_is(part: Part) -> Part:
    return part


# What a service that trusts proxies is told in their place; another does not listen to it.
FORWARDED = {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http"}


def cpu_s(processes: Iterable[psutil.Process]) -> float:
    """User and system time that processes have taken."""
    return sum(times.user + times.system for times in (p.cpu_times() for p in processes))


@dataclass(frozen=True)
class Running:
    """A service that answers at `url`; `token` is a teacher's, `cookie` the same as a session."""

    url: str
    token: str
    cookie: str
    account_id: int
    settings: Settings

    def client(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            self.url,
            headers={"Authorization": f"Bearer {self.token}", **FORWARDED},
            timeout=aiohttp.ClientTimeout(total=None),
        )

    def process(self, *words: str) -> psutil.Process:
        """The part whose command line has these words."""
        for process in psutil.Process().children(recursive=True):
            if set(words) <= set(process.cmdline()):
                return process
        raise LookupError(words)


@asynccontextmanager
async def service(
    *, workers: bool, folder: Path | None = None, change: Change = as_it_is
) -> AsyncIterator[Running]:
    """Run it: Valkey and web, and with `workers` everything else."""
    with tempfile.TemporaryDirectory(prefix="tongke-bench") as made:
        data = folder or Path(made)
        settings = Settings(_env_file=None, data_dir=data, port=free_port(), min_free_bytes=0)
        token, cookie, account_id = await _world(settings)
        stages: list[list[Part]] = parts.stages(settings)
        wanted = stages if workers else [stages[0], stages[-1]]
        wanted = [[change(part) for part in stage] for stage in wanted]
        supervisor = Supervisor(wanted, environment=parts.environment(settings), logs=data / "logs")
        async with supervisor:
            url = parts.local_url(settings)
            yield Running(url, token, cookie, account_id, settings)


async def _world(settings: Settings) -> tuple[str, str, int]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.sqlalchemy_url)
    migrate.upgrade(database)
    made = await database.write(_people, settings)
    await database.close()
    return made


def _people(session: Session, settings: Settings) -> tuple[str, str, int]:
    for code, name, level, parent in (
        ("430000", "湖南省", "province", None),
        ("430100", "长沙市", "city", "430000"),
        ("430102", "芙蓉区", "county", "430100"),
    ):
        session.add(Region(code=code, name=name, level=level, parent_code=parent))
        session.flush()
    school = School(name="长沙市橘洲路中学", region_code="430102", trusted=True)
    session.add(school)
    session.flush()
    hashed = hash_password(PASSWORD)
    wanted = RoleWanted(RoleName.TEACHER, school.id, None)
    account = accounts.create_account(session, "zhou", "周敏之", [wanted], password_hash=hashed)
    viewer = viewer_of(session, account.id)
    assert viewer is not None
    _, token = sign_in.add_api_token(session, viewer, "bench")
    _, cookie = sign_in.start(
        session, account.id, verified=hashed, address="", user_agent="bench",
        days=settings.session_days,
    )  # fmt: skip
    return token, cookie, account.id


async def until_playable(client: aiohttp.ClientSession, resource_id: str) -> dict[str, object]:
    """Wait until a resource can be watched; what its media are."""
    while True:
        async with client.get(f"/api/v1/resources/{resource_id}/media") as response:
            found: dict[str, object] = json.loads(await response.text())
            if found.get("hls"):
                return found
        await asyncio.sleep(0.1)
