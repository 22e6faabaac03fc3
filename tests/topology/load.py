"""People at work while something fails: they upload, watch and search, and everything is noted.

What is noted is what they see: the answer to each request, when. An uploading client goes on by
itself (it is a tus client); a player asks again; a search that fails is tried again by a person.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.chaos.client import Uploader
from tests.chaos.files import Sent, paper

UPLOADING, WATCHING, SEARCHING = "uploading", "watching", "searching"
KINDS = (UPLOADING, WATCHING, SEARCHING)

UPLOADERS = 2
WATCHERS = 3
SEARCHERS = 2
# Between two requests of one person: a player fetches a segment every few seconds, and three
# watchers stand for a class.
PAUSE_S = 0.2
# Between two files of one person: each becomes a document that one worker has to read, and what is
# tested is not how fast that is.
FILE_PAUSE_S = 2.5
REQUEST_LIMIT = ClientTimeout(total=10)


@dataclass
class Notes:
    """What people saw. Times are seconds of the monotonic clock."""

    answers: dict[str, list[tuple[float, bool]]] = field(default_factory=lambda: defaultdict(list))
    acknowledged: dict[str, int] = field(default_factory=dict)
    sent: dict[str, Sent] = field(default_factory=dict)

    def note(self, kind: str, *, fine: bool) -> None:
        self.answers[kind].append((time.monotonic(), fine))

    def failed(self, kind: str, since: float = 0.0) -> int:
        return sum(not fine for at, fine in self.answers[kind] if at >= since)

    def asked(self, kind: str) -> int:
        return len(self.answers[kind])

    def recovered_after_s(self, kind: str, fault_at: float) -> float:
        """From the fault to the last failure after it; 0 when nobody saw any."""
        failures = [at for at, fine in self.answers[kind] if not fine and at >= fault_at]
        return max(failures, default=fault_at) - fault_at


@asynccontextmanager
async def under_load(
    url: str, token: str, media: list[str], words: str, written: Callable[[str], Sent] = paper
) -> AsyncIterator[Notes]:
    """Load while the block runs; `written` makes the file of a name.

    At its end every upload that was begun is waited for.
    """
    notes, ending = Notes(), asyncio.Event()
    headers = {"Authorization": f"Bearer {token}"}
    async with ClientSession(url, headers=headers, timeout=REQUEST_LIMIT) as session:
        works: list[Awaitable[None]] = [
            *(
                _upload(session, url, token, notes, ending, f"{n}", written)
                for n in range(UPLOADERS)
            ),
            *(
                _ask(session, itertools.cycle(media), WATCHING, notes, ending)
                for _ in range(WATCHERS)
            ),
            *(
                _ask(
                    session, itertools.repeat(f"/api/v1/search?q={words}"), SEARCHING, notes, ending
                )
                for _ in range(SEARCHERS)
            ),
        ]
        at_work = asyncio.gather(*works)
        try:
            yield notes
        finally:
            ending.set()
            await at_work


async def _upload(
    session: ClientSession,
    url: str,
    token: str,
    notes: Notes,
    ending: asyncio.Event,
    who: str,
    written: Callable[[str], Sent],
) -> None:
    uploader = Uploader(
        session, url, token, on_answer=lambda fine: notes.note(UPLOADING, fine=fine)
    )
    for number in itertools.count():
        if ending.is_set():
            return
        file = written(f"办法{who}-{number}-{time.monotonic_ns()}.txt")
        notes.sent[file.name] = file
        notes.acknowledged[file.name] = await uploader.upload(file.name, file.content, file.title)
        await _pause(ending, FILE_PAUSE_S)


async def _ask(
    session: ClientSession,
    paths: Iterator[str],
    kind: str,
    notes: Notes,
    ending: asyncio.Event,
) -> None:
    for path in paths:
        if ending.is_set():
            return
        notes.note(kind, fine=await _answered(session, path))
        await _pause(ending, PAUSE_S)


async def _answered(session: ClientSession, path: str) -> bool:
    try:
        async with session.get(path) as answer:
            await answer.read()
            return answer.status in (200, 206, 304)
    except (ClientError, TimeoutError, ConnectionError):
        return False


async def _pause(ending: asyncio.Event, pause_s: float) -> None:
    try:
        await asyncio.wait_for(ending.wait(), pause_s)
    except TimeoutError:
        return
