"""Who may appoint whom, and who may look after which account. Pure: values in, values out.

mission.md names who manages accounts: the school's administrator, for the school. What it leaves
open is decided here, with as little power as keeps the house running:

- a bureau officer appoints administrators of the schools within reach, and officers of regions
  strictly below; an officer neither sees nor manages a school's teachers;
- the system administrator may do all of it, to anyone else;
- an account is managed by who reaches *every* role it holds. Otherwise the administrator of one
  school could take over a person who also works in another and read that one's papers;
- whom an officer or an operator disabled is not enabled by the school;
- nobody manages their own account this way (see `accounts`).
"""

from __future__ import annotations

from collections.abc import Collection

from tongke.people.audience import SCHOOL_PEOPLE, HeldRole, RegionTree, RoleName, Viewer

SCHOOL_ROLES = SCHOOL_PEOPLE | {RoleName.CLASSROOM}


def may_give(actor: Viewer, role: HeldRole, tree: RegionTree) -> bool:
    """Whether the actor may give this role, and take it away."""
    return (
        actor.has(RoleName.SYSTEM_ADMIN)
        or _administered(actor, role)
        or _appointed(actor, role, tree)
    )


def may_manage(actor: Viewer, roles: Collection[HeldRole], tree: RegionTree) -> bool:
    """Whether the actor looks after an account that holds these roles."""
    if actor.has(RoleName.SYSTEM_ADMIN):
        return True
    return any(may_give(actor, role, tree) for role in roles) and all(
        _administered(actor, role) or _within_reach(actor, role, tree) for role in roles
    )


def stands_above(actor: Viewer, roles: Collection[HeldRole], tree: RegionTree) -> bool:
    """Whether the actor manages such an account as an officer or an operator does, and not only as
    the school's administrator."""
    return actor.has(RoleName.SYSTEM_ADMIN) or all(
        _within_reach(actor, role, tree) for role in roles
    )


def may_see_accounts(actor: Viewer) -> bool:
    return actor.has(RoleName.SCHOOL_ADMIN, RoleName.OFFICER, RoleName.SYSTEM_ADMIN)


def _administered(actor: Viewer, role: HeldRole) -> bool:
    return role.name in SCHOOL_ROLES and role.school_id in actor.administers


def _appointed(actor: Viewer, role: HeldRole, tree: RegionTree) -> bool:
    if role.name is RoleName.SCHOOL_ADMIN:
        return role.region_code in actor.reviews
    return role.name is RoleName.OFFICER and _strictly_below(actor, role.region_code, tree)


def _within_reach(actor: Viewer, role: HeldRole, tree: RegionTree) -> bool:
    if role.name in SCHOOL_ROLES:
        return role.region_code in actor.reviews
    return _appointed(actor, role, tree)


def _strictly_below(actor: Viewer, code: str | None, tree: RegionTree) -> bool:
    own = {role.region_code for role in actor.roles if role.name is RoleName.OFFICER}
    return code is not None and not own.isdisjoint(tree.line(code)[1:])
