"""What is kept of rights is what the rule would say, after any changes in any order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.http.kept_rights import KEPT_RIGHTS
from tests.services.house import House, session_cookie
from tests.waiting import until_true
from tongke import clock
from tongke.classes import places, queries
from tongke.classes.models import ClassEvent, ClassToken, LiveClass, lines_thing
from tongke.classes.vocabulary import SeatState, State
from tongke.errors import NotFound
from tongke.library.models import ResourceToken
from tongke.live.vocabulary import Who
from tongke.people import sign_in
from tongke.people.models import (
    Account,
    Agreement,
    LoginSession,
    Role,
    Room,
    account_thing,
    credential_thing,
)
from tongke.people.secret import digest
from tongke.storage.database import tell_of_rights
from tongke.tasks import RIGHTS_CHANNEL

PEOPLE = ("zhou", "tang", "head", "xiang", "long", "county", "room")
# Each turns something about, given whom it may be of and the class; done twice nothing is changed.
Change = Callable[[Session, Account, LiveClass], object]


def disable(session: Session, account: Account, live: LiveClass) -> None:
    account.disabled_at = None if account.disabled_at else clock.now()


def rename(session: Session, account: Account, live: LiveClass) -> None:
    account.name = account.name[::-1]


def move_role(session: Session, account: Account, live: LiveClass) -> None:
    if account.roles:
        account.roles.clear()
    else:
        session.add(Role(account_id=account.id, name="teacher", school_id=2))


def sign_out(session: Session, account: Account, live: LiveClass) -> None:
    mine = select(LoginSession).where(LoginSession.account_id == account.id)
    row = session.scalars(mine.order_by(LoginSession.id.desc())).first()
    if row is not None:
        sign_in.end_session(session, account.id, row.id)


def name_teacher(session: Session, account: Account, live: LiveClass) -> None:
    live.teacher_id = account.id


def name_beside(session: Session, account: Account, live: LiveClass) -> None:
    live.seats[0].teacher_id = account.id


def decline(session: Session, account: Account, live: LiveClass) -> None:
    seat = live.seats[0]
    declined = seat.state == SeatState.DECLINED
    seat.state = SeatState.CONFIRMED if declined else SeatState.DECLINED


def turn(session: Session, kind: type[ClassToken | ResourceToken], key: tuple[int, str]) -> None:
    """A row is taken, or made where there is none."""
    row = session.get(kind, key)
    if row is not None:
        session.delete(row)
    elif kind is ClassToken:
        session.add(ClassToken(class_id=key[0], token=key[1]))
    else:
        session.add(ResourceToken(resource_id=key[0], token=key[1]))


def uncover(session: Session, account: Account, live: LiveClass) -> None:
    turn(session, ClassToken, (live.id, f"user:{account.id}"))


def end_and_publish(session: Session, account: Account, live: LiveClass) -> None:
    over = live.state == State.ENDED
    live.state = State.RUNNING if over else State.ENDED
    live.ended_at = None if over else clock.now() - timedelta(hours=3)


def narrow_recording(session: Session, account: Account, live: LiveClass) -> None:
    assert live.resource_id is not None
    turn(session, ResourceToken, (live.resource_id, f"user:{account.id}"))


def give_device(session: Session, account: Account, live: LiveClass) -> None:
    room = session.get_one(Room, 2)
    room.account_id = None if room.account_id else account.id


def send_out(session: Session, account: Account, live: LiveClass) -> None:
    rows = select(ClassEvent).where(ClassEvent.class_id == live.id).order_by(ClassEvent.seq)
    number = len(session.scalars(rows).all())
    kind = "remove" if queries.is_sent_out(session, live.id, 2) is False else "admit"
    said = {"media_ms": 0, "kind": kind, "payload": {"room": "2"}}
    session.add(ClassEvent(class_id=live.id, seq=1000 + number, **said))
    tell_of_rights(session, f"class:{live.id}")


def end_agreement(session: Session, account: Account, live: LiveClass) -> None:
    agreement = session.scalars(select(Agreement)).one()
    agreement.active = not agreement.active


CHANGES: tuple[Change, ...] = (
    disable, rename, move_role, sign_out, name_teacher, name_beside, decline, uncover,
    end_and_publish, narrow_recording, give_device, send_out, end_agreement,
)  # fmt: skip


def place_of(session: Session, secret: str, class_id: int) -> Who | None:
    """Who somebody would be on a line to the class."""
    who = sign_in.session_of(session, secret)
    if who is None:
        return None
    try:
        return places.who_is(who.viewer, queries.visible_class(session, who.viewer, class_id))
    except NotFound:
        return None


def ruled(session: Session, secret: str, class_id: int) -> tuple[int, int]:
    """What the rule says of their own account's page, and of the class's pictures."""
    who = sign_in.session_of(session, secret)
    if who is None:
        return 401, 401
    return 200, 204 if queries.may_follow(session, who.viewer, class_id) else 403


@settings(
    deadline=None,
    max_examples=8,
    # Worlds follow upon each other: a shorter list would find another one.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(changes=st.lists(st.tuples(st.sampled_from(CHANGES), st.sampled_from(PEOPLE)), max_size=10))
async def test_what_is_kept_is_what_the_rule_says(
    house: House, running: int, changes: list[tuple[Change, str]]
) -> None:
    kept = house.client.server.app[KEPT_RIGHTS]  # type: ignore[attr-defined]
    await until_true(lambda: kept.connected)
    database = house.ground.database
    if not await database.read(lambda s: s.get_one(LiveClass, running).resource_id):
        number = await house.publish("zhou", ["school:1"])
        await database.write(
            lambda s: setattr(s.get_one(LiveClass, running), "resource_id", number)
        )
    await database.write(
        lambda s: [setattr(a, "disabled_at", None) for a in s.scalars(select(Account))]
    )
    cookies = {name: await session_cookie(house, name) for name in PEOPLE}

    async def answered(name: str) -> tuple[int, int]:
        paths = "/api/v1/me", f"/live/{running}/admission"
        answers = [await house.client.get(path, cookies=cookies[name]) for path in paths]
        return answers[0].status, answers[1].status

    async def told(name: str) -> Any:
        answer = await house.client.get("/api/v1/me", cookies=cookies[name])
        return (await answer.json()).get("name")

    async def until_all_is_heard() -> None:
        """What was changed before is not to be taken for what is changed next."""
        await house.ground.hints.drain()
        last = f"last:{kept.epoch}"
        await house.ground.bus.publish(RIGHTS_CHANNEL, last.encode())
        await until_true(lambda: last in kept._epochs)

    for person in PEOPLE:
        await answered(person)
    for change, name in changes:
        await until_all_is_heard()
        secrets = {person: cookies[person]["tongke"] for person in PEOPLE}
        before = {p: await database.read(place_of, s, running) for p, s in secrets.items()}
        epoch = kept.epoch
        await database.write(
            lambda s, change=change, name=name: change(
                s, s.get_one(Account, house.ids[name]), s.get_one(LiveClass, running)
            )
        )
        for person, secret in secrets.items():
            assert await answered(person) == await database.read(ruled, secret, running)
            rests_on = (
                lines_thing(running),
                account_thing(house.ids[person]),
                credential_thing(digest(secret)),
            )
            now = await database.read(place_of, secret, running)
            if before[person] is not None and before[person] != now:
                assert kept.changed_since(epoch, rests_on), "their line is to be asked about"
    name = await database.read(lambda s: s.get_one(Account, house.ids["zhou"]).name)
    assert await told("zhou") in {name, None}
