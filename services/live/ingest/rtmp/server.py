"""Takes appliances' connections: `rtmp://host:port/live/<key>`.

A key is a room's own secret, of which only the digest is kept. A wrong one is refused, counted, and
slows down whoever tries more. Who that is, a proxy says in front of what it passes on
(`tongke.live.rtmp.proxied`): those of `trusted_proxies` have to, and nobody else is believed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, NamedTuple

import structlog
from aiohttp import web

from services.admin.metrics import RTMP_PUSHES
from services.http.keys import GROUND
from services.live.access.counted import counted
from services.live.ingest.rtmp.lesson import Lesson, place_of
from tongke.classes.school import appliances
from tongke.errors import NotFound, Text, TongkeError, TooManyRequests, Unavailable
from tongke.live.boxes import DamagedStream
from tongke.live.rtmp import proxied
from tongke.live.rtmp.dialogue import Asked, Dialogue, Media, Over, Pause
from tongke.people import throttle
from tongke.people.secret import digest
from tongke.people.throttle import Lane, LocalCounters, Throttle

_log = structlog.get_logger("tongke.live")

# An appliance asks to publish at once, and pushes at once. It brings no picture and no sound for
# longer only when its line is dead.
ASKS_WITHIN_S: Final = 10.0
SILENCE_S: Final = 10.0
MOST_CONNECTIONS: Final = 100
# A school's appliances stand behind one address. Who holds more lines is not one.
MOST_OF_ONE_ADDRESS: Final = 20
# A room has one appliance, which may be back before its dead line was noticed.
MOST_OF_ONE_KEY: Final = 2
READ_BYTES: Final = 64 * 1024
# An appliance tries a key that was revoked every few seconds, for ever.
KEY_FREE, KEY_CAP_S = 10, 60


class WrongKey(NotFound):
    code = "wrong-stream-key"
    message = Text("推流密钥不对", "The stream key is wrong")
    remedy = Text(
        "请学校管理员在教室页重新生成一个", "Ask the school's administrator for a new one"
    )


class NoClassNow(NotFound):
    code = "no-class-now"
    message = Text("这间教室现在没有课", "This room has no class now")
    remedy = Text("开课前十分钟起可以推流", "Push from ten minutes before a class")


class TooManyLines(TooManyRequests):
    code = "too-many-appliances"
    message = Text("这个地址连着的录播主机太多", "Too many appliances come from this address")
    remedy = Text("关掉不用的推流", "End the pushes that are not needed")


class Server:
    """The connections of this process."""

    def __init__(self, app: web.Application) -> None:
        self._app = app
        self._throttle = Throttle(app[GROUND].bus, LocalCounters())
        self._proxies = [ip_network(net) for net in app[GROUND].settings.trusted_proxies]
        self._connections: set[asyncio.Task[None]] = set()
        # Of those, who has shown no key yet, oldest first.
        self._keyless: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        self._held: Counter[str] = Counter()
        # Oldest first.
        self._of_key: defaultdict[str, list[Lesson]] = defaultdict(list)

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= MOST_CONNECTIONS:
            RTMP_PUSHES.labels(TooManyLines.code).inc()
            if not self._keyless:
                writer.close()
                return
            # Anybody can hold lines without a key: no appliance is kept out by them.
            oldest = next(iter(self._keyless))
            self._keyless.pop(oldest).cancel()
            # A task that is ended before it began closes nothing.
            oldest.close()
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        self._keyless[writer] = task
        task.add_done_callback(lambda task: self._ended(task, writer))

    def _ended(self, task: asyncio.Task[None], writer: asyncio.StreamWriter) -> None:
        self._connections.discard(task)
        self._keyless.pop(writer, None)

    def keep(self, writer: asyncio.StreamWriter) -> None:
        """Who speaks there is an appliance, and stays."""
        self._keyless.pop(writer, None)

    async def close(self) -> None:
        for task in list(self._connections):
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(ASKS_WITHIN_S):
                line = await _met(reader, _peer(writer), self._proxies)
            with self._counted(line.address):
                await self._speak(_Connection(self, line, reader, writer))
        except (DamagedStream, TooManyLines, OSError, TimeoutError) as error:
            _log.info("appliance-lost", reason=str(error) or type(error).__name__)
        finally:
            writer.close()

    async def _speak(self, connection: _Connection) -> None:
        try:
            await connection.run()
        finally:
            if connection.lesson is not None:
                self._forget(connection.lesson)
                await connection.lesson.leave()

    def _keep(self, lesson: Lesson) -> None:
        """Of too many with one key the oldest is ended."""
        held = self._of_key[lesson.key]
        held.append(lesson)
        if len(held) > MOST_OF_ONE_KEY:
            held.pop(0).close()

    def _forget(self, lesson: Lesson) -> None:
        held = self._of_key[lesson.key]
        if lesson in held:
            held.remove(lesson)
        if not held:
            del self._of_key[lesson.key]

    @contextlib.contextmanager
    def _counted(self, address: str) -> Iterator[None]:
        """Raises TooManyLines."""
        network = throttle.network(address)
        if self._held[network] >= MOST_OF_ONE_ADDRESS:
            RTMP_PUSHES.labels(TooManyLines.code).inc()
            raise TooManyLines
        with counted(self._held, network):
            yield

    async def admit(self, key: str, address: str, hang_up: Callable[[], object]) -> Lesson:
        """What somebody who has a key may push into; `hang_up` ends their connection.

        Raises:
            WrongKey, NoClassNow, TooManyRequests.
        """
        lane = Lane(f"stream:{throttle.network(address)}", KEY_FREE, KEY_CAP_S, in_turn=False)
        try:
            await self._throttle.admit(lane)
            place = await self._app[GROUND].database.read(place_of, key)
            if place is None:
                await self._throttle.note_failure(lane)
                raise WrongKey
            if place.led is None:
                with contextlib.suppress(Unavailable):
                    await appliances.turned_away(self._app[GROUND].bus, digest(key))
                raise NoClassNow
        except TongkeError as error:
            RTMP_PUSHES.labels(error.code).inc()
            raise
        RTMP_PUSHES.labels("accepted").inc()
        lesson = Lesson(self._app, key, hang_up)
        self._keep(lesson)
        return lesson


class _Line(NamedTuple):
    """Who is at the other end, and what they have said already."""

    address: str
    said: bytes


def _peer(writer: asyncio.StreamWriter) -> str:
    name = writer.get_extra_info("peername")
    if name is None:
        raise ConnectionResetError
    return str(name[0])


async def _met(
    reader: asyncio.StreamReader, peer: str, proxies: Sequence[IPv4Network | IPv6Network]
) -> _Line:
    """Raises DamagedStream: a proxy that does not say for whom it speaks."""
    found = ip_address(peer)
    address = getattr(found, "ipv4_mapped", None) or found
    if not any(address in network for network in proxies):
        return _Line(str(address), b"")
    said = b""
    while (header := proxied.read(said)) is None:
        more = await reader.read(READ_BYTES)
        if not more:
            raise DamagedStream
        said += more
    return _Line(header.address or str(address), said[header.length :])


class _Connection:
    def __init__(
        self,
        server: Server,
        line: _Line,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._address, self._said = line
        self._dialogue = Dialogue()
        self._now = asyncio.get_running_loop().time
        # By when it has to ask, and then to push again, whatever else it says.
        self._due = self._now() + ASKS_WITHIN_S
        self.lesson: Lesson | None = None

    async def run(self) -> None:
        """Until one of the two ends it."""
        data, goes_on = self._said, True
        while goes_on:
            goes_on = await self._hear(data)
            await self._answer()
            if goes_on:
                limit_s = self._due - self._now()
                data = await asyncio.wait_for(self._reader.read(READ_BYTES), limit_s)
                goes_on = bool(data)

    async def _answer(self) -> None:
        if self._dialogue.output:
            self._writer.write(bytes(self._dialogue.output))
            self._dialogue.output.clear()
            await asyncio.wait_for(self._writer.drain(), SILENCE_S)

    async def _hear(self, data: bytes) -> bool:
        """Whether the connection goes on."""
        for event in self._dialogue.feed(data):
            if isinstance(event, Over):
                return False
            if isinstance(event, Pause):
                await asyncio.sleep(0)
            elif isinstance(event, Asked):
                if not await self._admit(event.key):
                    return False
            elif not await self._take(event):
                return False
        return True

    async def _admit(self, key: str) -> bool:
        try:
            if self.lesson is None:
                hang_up = self._writer.transport.abort
                self.lesson = await self._server.admit(key, self._address, hang_up)
                self._due = self._now() + SILENCE_S
        except TongkeError as error:
            _log.info("appliance-refused", code=error.code, address=self._address)
            self._dialogue.refuse(error.code)
            return False
        self._server.keep(self._writer)
        self._dialogue.accept()
        return True

    async def _take(self, media: Media) -> bool:
        if self.lesson is None:
            return True
        await self.lesson.take(media)
        self._due = self._now() + SILENCE_S
        return not self.lesson.over


def mount(app: web.Application) -> None:
    app.cleanup_ctx.append(_serving)


async def _serving(app: web.Application) -> AsyncIterator[None]:
    """Listen for as long as the process serves, where a port is set."""
    settings = app[GROUND].settings
    if not settings.rtmp_port:
        yield
        return
    server = Server(app)
    listening = await asyncio.start_server(server.connected, settings.host, settings.rtmp_port)
    yield
    listening.close()
    await server.close()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(listening.wait_closed(), 1)
