"""Accounts and the roles they hold: made, changed, disabled, never deleted.

What a person published stays theirs, so an account is disabled and not removed. Each function is
one transaction's work; who may do it is decided by `authority`, and nobody does it to themselves.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.errors import Forbidden, Invalid, NotFound, Text
from tongke.people import authority, sign_in, slips
from tongke.people.audience import HeldRole, RoleName, Viewer
from tongke.people.errors import (
    AccountDisabled,
    DisabledAbove,
    LastRole,
    OwnAccount,
    RoleHeld,
    RoomHoldsOneRole,
)
from tongke.people.models import Account, PasswordSlip, Region, Role, School
from tongke.people.queries import account_seen, held_roles, region_tree

# Typed on any keyboard and read aloud over the telephone: a name in pinyin, a telephone or staff
# number. Digits alone are fine; what looks alike in two scripts is not.
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
NAME_MAX = 60

BAD_USERNAME = Text(
    "用 3 到 40 个小写字母、数字、点、横线或下划线，以字母或数字开头",
    "3 to 40 small letters, digits, dots, hyphens or underscores, beginning with a letter or digit",
)
USERNAME_TAKEN = Text("已经有人用了，请换一个", "Somebody has it already; choose another")
BAD_NAME = Text(f"请填姓名，不超过 {NAME_MAX} 个字", f"Give a name of at most {NAME_MAX} letters")
NO_SCHOOL = Text("请选一所学校", "Choose a school")
NO_REGION = Text("请选一个地区", "Choose a region")


@dataclass(frozen=True)
class RoleWanted:
    """A role that is asked for, before the organisation has been looked up."""

    name: RoleName
    school_id: int | None = None
    region_code: str | None = None


def username_meant(typed: str) -> str:
    """The user name meant by what was typed: any case, full-width letters of an input method."""
    return unicodedata.normalize("NFKC", typed).strip().lower()


def create_account(
    session: Session,
    username: str,
    name: str,
    roles: tuple[RoleWanted, ...] = (),
    *,
    password_hash: str | None = None,
) -> Account:
    """Make an account. Without a password nobody can sign in until a slip sets one.

    Asks nobody's leave: for the command line and the demonstration. Raises Invalid.
    """
    account = Account(
        username=_new_username(session, username),
        name=checked_name(name),
        password_hash=password_hash,
        created_at=clock.now(),
    )
    account.roles = [_role(role) for role in roles if _located(session, role)]
    _room_stays_alone(account.roles)
    session.add(account)
    session.flush()
    return account


def add_account(
    session: Session, actor: Viewer, username: str, name: str, role: RoleWanted
) -> Account:
    """Make an account with its first role, by someone who may give that role."""
    _must_give(session, actor, _located(session, role))
    return create_account(session, username, name, (role,))


def give_role(session: Session, actor: Viewer, account_id: int, role: RoleWanted) -> Role:
    """Give one more role to an account that the actor manages.

    Who wrote a slip for it before may not be one who manages it with this role: the slip is void.
    """
    _must_give(session, actor, _located(session, role))
    account = managed(session, actor, account_id)
    if any(_same(held, role) for held in account.roles):
        raise RoleHeld
    given = _role(role)
    account.roles.append(given)
    _room_stays_alone(account.roles)
    slips.void(session, account.id, but_of=actor.account_id)
    session.flush()
    return given


def take_role(session: Session, actor: Viewer, account_id: int, role: RoleWanted) -> None:
    """Take a role back: whoever may give it may take it, whatever else the account holds."""
    account = account_seen(session, actor, account_id)
    _not_oneself(actor, account)
    _must_give(session, actor, _located(session, role))
    held = next((held for held in account.roles if _same(held, role)), None)
    if held is None:
        raise NotFound
    if len(account.roles) == 1:
        raise LastRole
    account.roles.remove(held)
    # Who wrote one may not manage it any more: an officer manages no mere teacher.
    slips.void(session, account.id)
    session.flush()


def set_roles(
    session: Session, actor: Viewer, account_id: int, wanted: Collection[RoleWanted]
) -> None:
    """Give and take until the account holds exactly these roles; all of it or nothing."""
    roles = account_seen(session, actor, account_id).roles
    held = {RoleWanted(RoleName(r.name), r.school_id, r.region_code) for r in roles}
    for role in wanted:
        if role not in held:
            give_role(session, actor, account_id, role)
    for role in held.difference(wanted):
        take_role(session, actor, account_id, role)


def disable(session: Session, actor: Viewer, account_id: int) -> Account:
    """Shut an account at once: its sessions, API tokens and open slips end with it."""
    account = managed(session, actor, account_id)
    if account.disabled_at is None:
        account.disabled_at = clock.now()
    # Of one that the school disabled before as well: the higher word counts.
    account.disabled_above = account.disabled_above or _stands_above(session, actor, account)
    sign_in.end_everything(session, account.id)
    slips.void(session, account.id)
    return account


def enable(session: Session, actor: Viewer, account_id: int) -> Account:
    account = managed(session, actor, account_id)
    if not may_enable(session, actor, account):
        raise DisabledAbove
    account.disabled_at = None
    account.disabled_above = False
    return account


def may_enable(session: Session, actor: Viewer, account: Account) -> bool:
    """Whether who manages this account may enable it again."""
    return not account.disabled_above or _stands_above(session, actor, account)


def write_slip(session: Session, actor: Viewer, account_id: int) -> tuple[PasswordSlip, str]:
    """A slip for an account the actor manages, and the code to hand over (see `slips`).

    Raises AccountDisabled besides.
    """
    account = managed(session, actor, account_id)
    if account.disabled_at is not None:
        raise AccountDisabled
    return slips.issue(session, actor.account_id, account.id)


def rename(session: Session, actor: Viewer, account_id: int, name: str) -> Account:
    account = managed(session, actor, account_id)
    account.name = checked_name(name)
    return account


def managed(session: Session, actor: Viewer, account_id: int) -> Account:
    """An account the actor looks after, other than their own.

    NotFound when it is not among those the actor sees, Forbidden when it is seen and ranks higher
    or belongs to others as well.
    """
    account = account_seen(session, actor, account_id)
    _not_oneself(actor, account)
    roles = held_roles(session, account.id)
    if not authority.may_manage(actor, roles, region_tree(session)):
        raise Forbidden
    return account


def _stands_above(session: Session, actor: Viewer, account: Account) -> bool:
    return authority.stands_above(actor, held_roles(session, account.id), region_tree(session))


def _not_oneself(actor: Viewer, account: Account) -> None:
    if actor.account_id == account.id:
        raise OwnAccount


def _must_give(session: Session, actor: Viewer, role: HeldRole) -> None:
    if not authority.may_give(actor, role, region_tree(session)):
        raise Forbidden


def _located(session: Session, role: RoleWanted) -> HeldRole:
    """The role with the region it lies in; Invalid when its organisation does not fit."""
    if role.name in authority.SCHOOL_ROLES:
        school = None if role.school_id is None else session.get(School, role.school_id)
        if school is None or role.region_code is not None:
            raise Invalid({"school_id": NO_SCHOOL})
        return HeldRole(role.name, school.id, school.region_code)
    if role.school_id is not None:
        raise Invalid({"school_id": NO_REGION})
    if role.name is RoleName.OFFICER:
        if role.region_code is None or session.get(Region, role.region_code) is None:
            raise Invalid({"region_code": NO_REGION})
        return HeldRole(role.name, None, role.region_code)
    return HeldRole(role.name)


def _role(role: RoleWanted) -> Role:
    return Role(name=role.name, school_id=role.school_id, region_code=role.region_code)


def _same(held: Role, role: RoleWanted) -> bool:
    return (held.name, held.school_id, held.region_code) == (
        role.name,
        role.school_id,
        role.region_code,
    )


def _room_stays_alone(roles: list[Role]) -> None:
    if len(roles) > 1 and any(role.name == RoleName.CLASSROOM for role in roles):
        raise RoomHoldsOneRole


def _new_username(session: Session, typed: str) -> str:
    username = username_meant(typed)
    if not USERNAME.fullmatch(username):
        raise Invalid({"username": BAD_USERNAME})
    if session.scalar(select(Account.id).where(Account.username == username)) is not None:
        raise Invalid({"username": USERNAME_TAKEN})
    return username


def checked_name(name: str) -> str:
    tidy = " ".join(name.split())
    # What cannot be seen could turn the names beside it around, or be two names that look alike.
    if not tidy.isprintable() or not 0 < len(tidy) <= NAME_MAX:
        raise Invalid({"name": BAD_NAME})
    return tidy
