"""The sign-in desk: where a password is asked for, the same for pages and for programs.

It puts three things together that know nothing of each other: the throttle (on the bus), the
threads on which passwords are worked on, and the database. No transaction is open while a
password is checked; what is written afterwards holds the hash that was checked against.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar
from weakref import WeakValueDictionary

import structlog
from aiohttp import web
from sqlalchemy.orm import Session

from services.http.keys import GROUND
from tongke.bootstrap import Ground
from tongke.errors import Invalid, Text
from tongke.people import devices, own_account, sign_in, slips, throttle
from tongke.people.accounts import username_meant
from tongke.people.audience import Viewer
from tongke.people.errors import RoomCodeRefused, SignInFailed, SlipRefused
from tongke.people.models import Account
from tongke.people.passwords import (
    PasswordThreads,
    hash_password,
    needs_rehash,
    verify,
    weakness,
)
from tongke.people.secret import new_secret
from tongke.people.sign_in import Credentials
from tongke.people.throttle import Lane, LocalCounters, Throttle

T = TypeVar("T")

# As many as the JSON API takes of any word that is typed (`Typed`).
MOST_NAME_CHARACTERS = 200
# Attempts of one address that are looked at at the same time.
AT_ONCE = 4
# The longest that a browser keeps a cookie. A screen in daily use is given them anew by its page.
ROOM_DAYS = 400
WRONG_PASSWORD = Text("现在的密码不对", "This is not your password")

_log = structlog.get_logger("tongke.sign-in")


@dataclass(frozen=True)
class Visit:
    """Where an attempt comes from: address, browser, and the marks it brought (`devices`)."""

    address: str
    user_agent: str
    marks: str


@dataclass(frozen=True)
class Entry:
    """A sign-in that succeeded: the session's secret and its days, and the marks to leave with the
    browser."""

    account_id: int
    secret: str
    marks: str
    days: int


class SignInDesk:
    """One a process. `close` it when the process ends."""

    def __init__(self, ground: Ground) -> None:
        self._database = ground.database
        self._days = ground.settings.session_days
        self._throttle = Throttle(ground.bus, LocalCounters())
        self._threads = PasswordThreads()
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def sign_in(self, username: str, password: str, visit: Visit) -> Entry:
        """Begin a session.

        Raises:
            SignInFailed, TooManyRequests, SignInBusy.
        """
        async with self._turn(visit.address):
            if len(username) > MOST_NAME_CHARACTERS:
                await self._refuse_unread(visit)
            return await _to_the_end(self._sign_in(username_meant(username), password, visit))

    def _turn(self, address: str) -> asyncio.Semaphore:
        """Failures are counted when a password has been looked at, so no more than these are at
        work for one address: of a burst, the others find their lane shut. A whole school behind
        one address waits for moments."""
        return self._turns.setdefault(throttle.network(address), asyncio.Semaphore(AT_ONCE))

    async def _sign_in(self, name: str, password: str, visit: Visit) -> Entry:
        found = await self._database.read(sign_in.credentials, name, visit.address)
        lanes = _lanes(name, visit, found)
        await self._throttle.admit(*lanes)
        stored = found.password_hash if found else None
        right = await self._threads.run(verify, stored, password)
        if not (right and found and stored):
            await self._refuse(found, visit, lanes)
            raise SignInFailed
        rehashed = (
            await self._threads.run(hash_password, password) if needs_rehash(stored) else None
        )
        return await self._begin(found.account_id, stored, visit, rehashed)

    async def use_slip(self, code: str, password: str, visit: Visit) -> Entry:
        """Set a new password with a slip's code, and begin a session with it.

        Raises:
            SlipRefused, Invalid (field `password`), TooManyRequests, SignInBusy.
        """
        async with self._turn(visit.address):
            account = await self._account_of_slip(code, visit)
        hashed = await self._hash_new("password", password, account.username)
        await self._database.write(slips.use, code, hashed)
        _log.info("slip-used", account=account.id, address=visit.address)
        return await self._begin(account.id, hashed, visit)

    async def use_room_slip(self, code: str, visit: Visit) -> Entry:
        """Sign a classroom's own device in with a slip's code. Nobody gets to know its password.

        Raises:
            RoomCodeRefused: also for a person's slip. TooManyRequests, SignInBusy.
        """
        try:
            async with self._turn(visit.address):
                account = await self._account_of_slip(code, visit, slips.device_of)
            hashed = await self._threads.run(hash_password, new_secret())
            await self._database.write(slips.use, code, hashed)
        except SlipRefused as refused:
            raise RoomCodeRefused from refused
        _log.info("room-slip-used", account=account.id, address=visit.address)
        return await self._begin(account.id, hashed, visit, days=ROOM_DAYS)

    async def _account_of_slip(
        self,
        code: str,
        visit: Visit,
        query: Callable[[Session, str], Account] = slips.account_of,
    ) -> Account:
        lane = throttle.slip_lane(visit.address)
        await self._throttle.admit(lane)
        try:
            return await self._database.read(query, code)
        except SlipRefused:
            await self._throttle.note_failure(lane)
            raise

    async def change_password(
        self, viewer: Viewer, session_id: int | None, current: str, new: str
    ) -> None:
        """Replace the viewer's own password; every other sign-in ends.

        Raises:
            Invalid (fields `current`, `new`), TooManyRequests, RoomDevice, SignInBusy.
        """
        await _to_the_end(self._change_password(viewer, session_id, current, new))

    async def _change_password(
        self, viewer: Viewer, session_id: int | None, current: str, new: str
    ) -> None:
        account = await self._database.read(own_account.own, viewer)
        lane = throttle.own_password_lane(account.username)
        await self._throttle.admit(lane)
        stored = account.password_hash
        right = await self._threads.run(verify, stored, current)
        if not (right and stored):
            await self._throttle.note_failure(lane)
            raise Invalid({"current": WRONG_PASSWORD})
        hashed = await self._hash_new("new", new, account.username)
        await self._database.write(
            own_account.change_password,
            viewer,
            verified=stored,
            password_hash=hashed,
            keep=session_id,
        )
        _log.info("password-changed", account=viewer.account_id)

    def close(self) -> None:
        self._threads.close()

    async def _begin(
        self,
        account_id: int,
        verified: str,
        visit: Visit,
        rehashed: str | None = None,
        days: int | None = None,
    ) -> Entry:
        days = self._days if days is None else days
        _, secret = await self._database.write(
            sign_in.start,
            account_id,
            verified=verified,
            rehashed=rehashed,
            address=visit.address,
            user_agent=visit.user_agent,
            days=days,
        )
        _log.info("signed-in", account=account_id, address=visit.address)
        marks = devices.remember(visit.marks, account_id, rehashed or verified)
        return Entry(account_id, secret, marks, days)

    async def _hash_new(self, field: str, password: str, username: str) -> str:
        refused = weakness(password, username)
        if refused is not None:
            raise Invalid({field: refused})
        return await self._threads.run(hash_password, password)

    async def _refuse(
        self, found: Credentials | None, visit: Visit, lanes: tuple[Lane, ...]
    ) -> None:
        """The name that was typed is not logged: it may have been the password."""
        account = found.account_id if found else None
        _log.warning("sign-in-failed", account=account, address=visit.address)
        await self._throttle.note_failure(*lanes)

    async def _refuse_unread(self, visit: Visit) -> NoReturn:
        """A name so long is nobody's: it is not worked on, and counts for its address alone."""
        lanes = (throttle.address_lane(visit.address),)
        await self._throttle.admit(*lanes)
        await self._refuse(None, visit, lanes)
        raise SignInFailed


async def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Wait for what looks at a password: who hangs up leaves only after it has ended. Otherwise
    requests that are sent and dropped would keep the threads at work, and none would count."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # looked at, so that the loop does not report it as forgotten
        raise


def _lanes(username: str, visit: Visit, found: Credentials | None) -> tuple[Lane, ...]:
    device = None
    if found and found.password_hash:
        device = devices.known_device(visit.marks, found.account_id, found.password_hash)
    known_address = found is not None and found.known_address
    return throttle.sign_in_lanes(
        username, visit.address, device=device, known_address=known_address
    )


DESK = web.AppKey("sign_in_desk", SignInDesk)


def mount(app: web.Application) -> None:
    """Put a desk into the application, to be closed with it."""
    app.cleanup_ctx.append(_desk)


async def _desk(app: web.Application) -> AsyncIterator[None]:
    app[DESK] = desk = SignInDesk(app[GROUND])
    yield
    desk.close()
