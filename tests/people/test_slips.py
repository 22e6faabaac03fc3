"""A slip holds once, for a while, and for the account it was made for."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.people.worlds import Town, viewer
from tests.sessions import reading, writing
from tongke import clock
from tongke.errors import Forbidden, NotFound
from tongke.people import accounts, sign_in, slips
from tongke.people.errors import AccountDisabled, OwnAccount, SlipRefused
from tongke.people.models import Account, PasswordSlip
from tongke.storage.database import Database


def issue(session: Session, town: Town, username: str = "yucai.teacher") -> str:
    return slips.issue(session, town["yucai.admin"], town[username])[1]


def test_a_slip_sets_the_password_and_ends_every_sign_in(session: Session, town: Town) -> None:
    person = town["yucai.teacher"]
    _, secret = sign_in.start(
        session, person, verified=town.password_hash, address="::1", user_agent="", days=1
    )
    _, token = sign_in.add_api_token(session, viewer(session, person), "脚本")
    code = issue(session, town)
    assert slips.account_of(session, code.lower()).id == person
    assert slips.use(session, code, "$new").password_hash == "$new"
    assert sign_in.session_of(session, secret) is None
    assert sign_in.token_of(session, token) is None
    with pytest.raises(SlipRefused):
        slips.use(session, code, "$newer")


def test_a_newer_slip_voids_the_older(session: Session, town: Town) -> None:
    older, newer = issue(session, town), issue(session, town)
    other = issue(session, town, "yucai.staff")
    with pytest.raises(SlipRefused):
        slips.use(session, older, "$new")
    slips.use(session, newer, "$new")
    slips.use(session, other, "$new")


@pytest.mark.parametrize(("seconds", "works"), [(-5, True), (5, False)])
def test_a_slip_ends_after_three_days(
    session: Session, town: Town, monkeypatch: pytest.MonkeyPatch, seconds: int, works: bool
) -> None:
    code, later = issue(session, town), clock.now() + timedelta(hours=72, seconds=seconds)
    monkeypatch.setattr(clock, "now", lambda: later)
    if works:
        slips.use(session, code, "$new")
        return
    with pytest.raises(SlipRefused):
        slips.use(session, code, "$new")


@pytest.mark.parametrize("code", ["", "0000-0000-0000", "用户名", "-", "K" * 10_000])
def test_a_made_up_code_is_refused(session: Session, town: Town, code: str) -> None:
    issue(session, town)
    with pytest.raises(SlipRefused):
        slips.account_of(session, code)


def test_a_slip_of_a_disabled_account_does_not_work(session: Session, town: Town) -> None:
    code = issue(session, town)
    account = session.get_one(Account, town["yucai.teacher"])
    account.disabled_at = clock.now()
    with pytest.raises(SlipRefused):
        slips.use(session, code, "$new")


def test_the_code_itself_is_not_kept(session: Session, town: Town) -> None:
    code = issue(session, town)
    kept = session.scalars(select(PasswordSlip.code_hash)).one()
    assert code.replace("-", "") not in kept and len(kept) == 64


def test_a_slip_is_written_for_whom_one_manages(session: Session, town: Town) -> None:
    admin = viewer(session, town["yucai.admin"])
    assert accounts.write_slip(session, admin, town["yucai.room"])[1]
    with pytest.raises(OwnAccount):
        accounts.write_slip(session, admin, town["yucai.admin"])
    for stranger in ("liye.teacher", "root", "province", "furong"):
        with pytest.raises(NotFound):
            accounts.write_slip(session, admin, town[stranger])


def test_no_slip_for_a_higher_rank_that_is_seen(session: Session, town: Town) -> None:
    root, admin = viewer(session, town["root"]), viewer(session, town["yucai.admin"])
    officer = accounts.RoleWanted(accounts.RoleName.OFFICER, None, "430102")
    accounts.give_role(session, root, town["yucai.teacher"], officer)
    with pytest.raises(Forbidden):
        accounts.write_slip(session, admin, town["yucai.teacher"])


def test_no_slip_for_a_disabled_account(session: Session, town: Town) -> None:
    """It would be refused at the door, to who has it in their hand."""
    admin = viewer(session, town["yucai.admin"])
    accounts.disable(session, admin, town["yucai.teacher"])
    with pytest.raises(AccountDisabled):
        accounts.write_slip(session, admin, town["yucai.teacher"])
    accounts.enable(session, admin, town["yucai.teacher"])
    assert accounts.write_slip(session, admin, town["yucai.teacher"])[1]


def test_a_new_role_voids_the_slip_of_who_does_not_reach_it(session: Session, town: Town) -> None:
    """An administrator's slip must not open what an officer was given meanwhile."""
    root, admin = viewer(session, town["root"]), viewer(session, town["yucai.admin"])
    _, code = accounts.write_slip(session, admin, town["yucai.teacher"])
    officer = accounts.RoleWanted(accounts.RoleName.OFFICER, None, "430102")
    accounts.give_role(session, root, town["yucai.teacher"], officer)
    with pytest.raises(SlipRefused):
        slips.use(session, code, town.password_hash)


def test_ones_own_slip_outlives_a_second_role(session: Session, town: Town) -> None:
    admin = viewer(session, town["yucai.admin"])
    _, code = accounts.write_slip(session, admin, town["yucai.teacher"])
    staff = accounts.RoleWanted(accounts.RoleName.STAFF, town.schools["育才"])
    accounts.give_role(session, admin, town["yucai.teacher"], staff)
    assert slips.use(session, code, town.password_hash).username == "yucai.teacher"


def test_a_role_that_is_taken_voids_the_slip(session: Session, town: Town) -> None:
    """An officer reaches the school's administrator, and not the teacher that is left."""
    furong, admin = viewer(session, town["furong"]), viewer(session, town["yucai.admin"])
    person, school = town["yucai.teacher"], town.schools["育才"]
    second = accounts.RoleWanted(accounts.RoleName.SCHOOL_ADMIN, school)
    accounts.give_role(session, admin, person, second)
    _, code = accounts.write_slip(session, furong, person)
    accounts.take_role(session, admin, person, second)
    with pytest.raises(SlipRefused):
        slips.use(session, code, town.password_hash)


def test_a_new_role_in_another_school_voids_the_slip(session: Session, town: Town) -> None:
    root, admin = viewer(session, town["root"]), viewer(session, town["yucai.admin"])
    _, code = accounts.write_slip(session, admin, town["yucai.teacher"])
    elsewhere = accounts.RoleWanted(accounts.RoleName.TEACHER, town.schools["里耶"])
    accounts.give_role(session, root, town["yucai.teacher"], elsewhere)
    with pytest.raises(SlipRefused):
        slips.use(session, code, town.password_hash)


async def test_of_many_who_type_the_same_code_one_succeeds(db: Database, town: Town) -> None:
    with writing(db) as session:
        code = issue(session, town)

    async def type_it(number: int) -> str | None:
        try:
            await db.write(slips.use, code, f"${number}")
        except SlipRefused:
            return None
        return f"${number}"

    set_by = [found for found in await asyncio.gather(*map(type_it, range(16))) if found]
    await db.async_engine.dispose()
    with reading(db) as session:
        assert [session.get_one(Account, town["yucai.teacher"]).password_hash] == set_by


def test_two_who_looked_before_either_used_it(db: Database, town: Town) -> None:
    with writing(db) as session:
        code = issue(session, town)
    with reading(db) as late:
        assert slips.account_of(late, code)
        with writing(db) as early:
            slips.use(early, code, "$early")
    with writing(db) as late, pytest.raises(SlipRefused):
        slips.use(late, code, "$late")
