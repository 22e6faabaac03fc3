"""A network of a browser's own, behind a line that delays and loses its packets.

The browser runs in a network namespace that has one device, a TUN. What it sends comes out of that
device here as packets of IPv4, which are dropped or held back for a while and go into another TUN
of this machine; so do the answers. It is below TCP and UDP: a page's line to the service has the
retransmissions and the congestion control of this machine's kernel, a talk's datagrams have none,
and ends of a talk find each other by addresses that are true. The browser reaches the service at
the service's own address: at this end of the line connections are handed on to it.

Nothing of it outlives the process that made it: the devices go with their files, the namespace with
its last process.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import random
import shutil
import struct
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.first_frame import CHROMIUM
from tests.servers.bad_line import Line, Shape
from tests.servers.process import Missing

TUN = Path("/dev/net/tun")
# linux/if_tun.h: _IOW('T', 202, int), and the flags of its `ifreq`.
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
# The kernel puts the first number in that no device has.
NAME = "line%d"
# Longer than any packet on a device with the usual 1,500 bytes.
MOST_BYTES = 2048
# RFC 2544: addresses for measuring networks, which nobody has; four for each line.
NEAR, FAR = "198.18.{number}.1", "198.18.{number}.2"
PREFIX = 30
# Of chance, of each direction: its packets are lost at the same places in each run.
SEED_UP, SEED_DOWN = 1, 2


@dataclass
class Way:
    """One direction: packets of one device go into the other, later and in their order."""

    source: int
    sink: int
    delay_s: float
    loss: float
    chance: random.Random
    is_cut: bool = False
    sent: int = 0
    lost: int = 0
    _under_way: deque[tuple[float, bytes]] = field(default_factory=deque)
    _timer: asyncio.TimerHandle | None = None

    def open(self) -> None:
        asyncio.get_running_loop().add_reader(self.source, self._take)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.source)
        if self._timer:
            self._timer.cancel()

    def cut(self) -> None:
        """Nothing comes through, nor what is under way."""
        self.is_cut = True
        self._under_way.clear()

    def _take(self) -> None:
        due = asyncio.get_running_loop().time() + self.delay_s
        with suppress(BlockingIOError):
            while True:
                packet = os.read(self.source, MOST_BYTES)
                self.sent += 1
                if self.is_cut or self.chance.random() < self.loss:
                    self.lost += 1
                else:
                    self._under_way.append((due, packet))
        self._wait()

    def _wait(self) -> None:
        if self._under_way and self._timer is None:
            due, _ = self._under_way[0]
            self._timer = asyncio.get_running_loop().call_at(due, self._pass_on)

    def _pass_on(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        while self._under_way and self._under_way[0][0] <= now:
            os.write(self.sink, self._under_way.popleft()[1])
        self._wait()


@dataclass(frozen=True)
class ShapedNetwork:
    """`browser`: a program that starts Chromium there, which has this `address`."""

    browser: Path
    address: str
    up: Way
    down: Way

    @property
    def packets(self) -> int:
        """So many were sent by it, both directions together."""
        return self.up.sent + self.down.sent

    def cut(self) -> None:
        self.up.cut()
        self.down.cut()

    def restore(self) -> None:
        self.up.is_cut = self.down.is_cut = False


@asynccontextmanager
async def shaped_network(
    port: int, round_trip_ms: float, loss: float
) -> AsyncIterator[ShapedNetwork]:
    """A network whose packets take so much longer there and back, and of which a share is lost in
    each direction. The service at this port is reached from there as from this machine.

    Missing: the machine cannot have one.
    """
    _check()
    delay_s = round_trip_ms / 2 / 1000
    async with AsyncExitStack() as stack:
        near, near_name = stack.enter_context(_device())
        far, far_name = stack.enter_context(_device())
        keeper = await stack.enter_async_context(_namespace())
        number = int(near_name.removeprefix(NAME.removesuffix("%d")))
        here, there = NEAR.format(number=number), FAR.format(number=number)
        inside = ("nsenter", f"--net=/proc/{keeper}/ns/net", "--")
        await _run("ip", "link", "set", far_name, "netns", str(keeper))
        await _run(*inside, "ip", "link", "set", "lo", "up")
        await _give((), near_name, here)
        await _give(inside, far_name, there)
        await _run(*inside, "ip", "route", "add", "default", "dev", far_name)
        up = Way(far, near, delay_s, loss, random.Random(SEED_UP))
        down = Way(near, far, delay_s, loss, random.Random(SEED_DOWN))
        for way in (up, down):
            way.open()
            stack.callback(way.close)
        await stack.enter_async_context(_handed_on(here, port))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tongke-bench")))
        yield ShapedNetwork(_starter(folder, inside, here), there, up, down)


def _check() -> None:
    if os.geteuid() != 0 or not os.access(TUN, os.R_OK | os.W_OK):
        raise Missing(f"a network of a browser's own needs root, and {TUN}")
    for program, package in (("ip", "iproute2"), ("nsenter", "util-linux")):
        if shutil.which(program) is None:
            raise Missing(f"no {program}, so a browser cannot have a network: install {package}")


@contextmanager
def _device() -> Iterator[tuple[int, str]]:
    """A TUN device: its file, which ends it, and its name."""
    device = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    try:
        asked = struct.pack("16sH22x", NAME.encode(), IFF_TUN | IFF_NO_PI)
        try:
            given = fcntl.ioctl(device, TUNSETIFF, asked)
        except OSError as error:
            raise Missing(f"no device may be made here: {error}") from error
        yield device, given[:16].rstrip(b"\0").decode()
    finally:
        os.close(device)


@asynccontextmanager
async def _namespace() -> AsyncIterator[int]:
    """A network namespace, by the process that keeps it: that ends when nobody writes to it."""
    pipe = asyncio.subprocess.PIPE
    keeper = await asyncio.create_subprocess_exec(
        *("unshare", "--net", "sh", "-c", "echo; exec cat"), stdin=pipe, stdout=pipe, stderr=pipe
    )
    assert keeper.stdin and keeper.stdout and keeper.stderr
    try:
        if not await keeper.stdout.readline():
            error = await keeper.stderr.read()
            raise Missing(f"no network may be made here: {error.decode().strip()}")
        yield keeper.pid
    finally:
        keeper.stdin.close()
        await keeper.wait()


async def _give(inside: tuple[str, ...], device: str, address: str) -> None:
    """Give a device its address. None of IPv6: it would be one more way, and is not needed."""
    await _run(*inside, "ip", "link", "set", device, "addrgenmode", "none")
    await _run(*inside, "ip", "address", "add", f"{address}/{PREFIX}", "dev", device)
    await _run(*inside, "ip", "link", "set", device, "up")


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, error = await process.communicate()
    if process.returncode:
        raise Missing(f"{' '.join(command)}: {error.decode().strip()}")


def _starter(folder: Path, inside: tuple[str, ...], here: str) -> Path:
    """A page's address stays the service's own, which browsers trust with cameras."""
    rules = f"--host-resolver-rules=MAP localhost {here}, MAP 127.0.0.1 {here}"
    starter = folder / "chromium"
    starter.write_text(f"#!/bin/sh\nexec {' '.join(inside)} {CHROMIUM} '{rules}' \"$@\"\n")
    starter.chmod(0o755)
    return starter


@asynccontextmanager
async def _handed_on(host: str, port: int) -> AsyncIterator[None]:
    """Connections to this address go on to the service, which listens at the machine's own."""
    onward = Line(port, Shape())
    server = await asyncio.start_server(onward.carry, host, port)
    try:
        yield
    finally:
        server.close()
        await onward.end()
