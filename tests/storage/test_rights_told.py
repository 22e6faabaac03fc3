"""What changes somebody's rights is told, and of which things alone it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from tests.databases import Databases
from tests.storage.test_database import add_person
from tongke import clock
from tongke.classes.models import ClassToken, LiveClass, Seat
from tongke.people.models import Account, LoginSession, PasswordSlip, Region, Role, Room, School
from tongke.storage.database import (
    MOST_TOLD,
    Database,
    all_rights_changed,
    rights_changed_of,
    table_of,
)

Change = Callable[[Session], Any]
EVERYTHING = "everything"
OF_THE_CLASS = {"class:1", "lines/1"}


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    found = Database(databases.migrated())
    yield found
    await found.close()


def world(session: Session) -> None:
    account, now = add_person(session), clock.now()
    session.add(Region(code="430000", name="湖南省", level="province"))
    session.flush()
    session.add(School(id=1, name="橘洲路中学", region_code="430000"))
    session.flush()
    session.add(Room(id=1, school_id=1, name="七（1）班"))
    session.add(Role(account_id=account, name="teacher", school_id=1))
    for number in range(MOST_TOLD):
        session.add(signed_in(account, f"{number:064}"))
    session.flush()
    live = LiveClass(
        id=1, title="有理数的加法", mode="broadcast", purpose="lesson", state="booked",
        begins_at=now, ends_at=now, teacher_id=account, booked_by_id=account, school_id=1,
        created_at=now, seats=[Seat(room_id=1, state="asked")],
    )  # fmt: skip
    session.add(live)
    session.flush()
    session.add(ClassToken(class_id=1, token="room:1"))


def signed_in(account: int, digest: str) -> LoginSession:
    now = clock.now()
    return LoginSession(
        token_hash=digest, account_id=account, created_at=now,
        expires_at=now + timedelta(days=1), address="", user_agent="",
    )  # fmt: skip


def set_to(row: type, **values: object) -> Change:
    def write(session: Session) -> None:
        found = session.scalars(select(row)).first()
        for name, value in values.items():
            setattr(found, name, value)

    return write


def end_sessions(number: int) -> Change:
    def write(session: Session) -> None:
        for row in session.scalars(select(LoginSession).order_by(LoginSession.id).limit(number)):
            session.delete(row)

    return write


def take_role(session: Session) -> None:
    account = session.scalars(select(Account)).one()
    account.roles.clear()


def take_seat(session: Session) -> None:
    live = session.get_one(LiveClass, 1)
    live.seats.clear()


def delete_row(row: type) -> Change:
    return lambda session: session.delete(session.scalars(select(row)).one())


def use_slip(session: Session) -> None:
    slip = PasswordSlip(
        code_hash="0" * 64, account_id=1, issued_by=1, created_at=clock.now(),
        expires_at=clock.now(),
    )  # fmt: skip
    session.add(slip)
    session.flush()
    slip.used_at = clock.now()


TOLD: dict[str, tuple[Change, set[str]]] = {
    "new-region": (
        lambda s: s.add(Region(code="430100", name="长沙市", level="city")),
        {EVERYTHING},
    ),
    "school-trusted": (set_to(School, trusted=True), {EVERYTHING}),
    "room": (set_to(Room, name="七（2）班"), {EVERYTHING}),
    "insert": (
        lambda s: s.execute(insert(Region).values(code="430100", name="长沙市", level="city")),
        {EVERYTHING},
    ),
    "update": (
        lambda s: s.execute(update(Account).values(disabled_at=clock.now())),
        {EVERYTHING},
    ),
    "delete": (lambda s: s.execute(delete(LoginSession)), {EVERYTHING}),
    "delete-none": (
        lambda s: s.execute(delete(LoginSession).where(LoginSession.id == 404)),
        {EVERYTHING},
    ),
    "renamed": (set_to(Account, name="周"), {"account/1"}),
    "disabled": (set_to(Account, disabled_at=clock.now()), {"account/1"}),
    "role-given": (lambda s: s.add(Role(account_id=1, name="operator")), {"account/1"}),
    "role-taken": (take_role, {"account/1"}),
    "signed-out": (end_sessions(1), {f"credential/{0:064}"}),
    "begun": (set_to(LiveClass, state="running"), OF_THE_CLASS),
    "seat-confirmed": (set_to(Seat, state="confirmed"), OF_THE_CLASS),
    "seat-taken": (take_seat, OF_THE_CLASS),
    "class-token": (delete_row(ClassToken), OF_THE_CLASS),
    "nothing": (lambda s: s.scalars(select(Account)).all(), set()),
    "slip": (use_slip, set()),
    "slips": (lambda s: s.execute(delete(PasswordSlip)), set()),
    "table-itself": (lambda s: s.execute(delete(table_of(LoginSession))), set()),
    "signed-in": (lambda s: s.add(signed_in(1, "x" * 64)), set()),
    "password": (set_to(Account, password_hash="new"), set()),
    "title": (set_to(LiveClass, title="有理数的减法"), set()),
}


@pytest.mark.parametrize("case", TOLD)
async def test_a_change_is_told_as_what_it_is_about(database: Database, case: str) -> None:
    change, things = TOLD[case]
    await database.write(world)
    assert await told(database, change) == things


async def test_many_changes_are_told_as_one_of_everything(database: Database) -> None:
    await database.write(world)
    await database.write(lambda session: session.add(signed_in(1, "x" * 64)))
    assert EVERYTHING not in await told(database, end_sessions(MOST_TOLD))
    await database.write(
        lambda session: [session.add(signed_in(1, f"y{n:063}")) for n in range(MOST_TOLD)]
    )
    assert EVERYTHING in await told(database, end_sessions(MOST_TOLD + 1))


async def told(database: Database, change: Change) -> set[str]:
    """Of which things."""
    heard: set[str] = set()

    def hear(session: Session) -> None:
        heard.update(rights_changed_of(session))
        heard.update({EVERYTHING} if all_rights_changed(session) else ())

    database.after_commit.append(hear)
    await database.write(change)
    database.after_commit.remove(hear)
    return heard
