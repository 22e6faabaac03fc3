"""What is asked of the people: who looks, and lists of regions, schools and accounts.

Names of regions and schools are no secret among those who are signed in: pairing begins with
finding the other school. Accounts are: a school administrator lists those of the school, an
officer the administrators and officers it appoints (see `authority`), an operator all of them.

Lists go on by keyset: in the order of a number, and after the number the last page ended with,
so rows that come or go meanwhile neither repeat nor hide others. A list asked for `limit` rows
gives that many at most: ask for one more to know whether there is a next page.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from tongke import clock
from tongke.errors import Forbidden, NotFound
from tongke.people import authority
from tongke.people.audience import (
    HeldRole,
    Pairing,
    RegionTree,
    RoleName,
    Viewer,
    reviews_of,
    tokens_held,
    user,
)
from tongke.people.models import Account, Agreement, Region, Role, Room, School

DEFAULT_LIMIT = 50


def region_tree(session: Session) -> RegionTree:
    rows = session.execute(select(Region.code, Region.parent_code))
    return RegionTree(dict(rows.all()))


def held_roles(session: Session, account_id: int) -> tuple[HeldRole, ...]:
    """The roles of an account as the rules see them, oldest first."""
    rows = session.execute(
        select(Role.name, Role.school_id, func.coalesce(School.region_code, Role.region_code))
        .outerjoin(School, School.id == Role.school_id)
        .where(Role.account_id == account_id)
        .order_by(Role.id)
    )
    return tuple(HeldRole(RoleName(name), school_id, code) for name, school_id, code in rows)


def pairings_of(session: Session, school_ids: Iterable[int]) -> list[Pairing]:
    """The agreements in which these schools stand, held or not."""
    wanted = list(school_ids)
    if not wanted:
        return []
    sides = or_(Agreement.lead_school_id.in_(wanted), Agreement.supported_school_id.in_(wanted))
    return [_pairing(row) for row in session.scalars(select(Agreement).where(sides))]


def _pairing(row: Agreement) -> Pairing:
    schools = frozenset({row.lead_school_id, row.supported_school_id})
    return Pairing(row.id, schools, row.starts_on, row.ends_on, row.active)


def viewer_of(session: Session, account_id: int, day: date | None = None) -> Viewer | None:
    """Who looks, on a day (today in Hunan by default); None when there is no such account, or it
    is disabled. Four small statements.
    """
    account = session.execute(
        select(Account.name, Account.language, Account.disabled_at).where(Account.id == account_id)
    ).first()
    if account is None or account.disabled_at is not None:
        return None
    roles = held_roles(session, account_id)
    tree = region_tree(session)
    pairings = pairings_of(session, {r.school_id for r in roles if r.school_id is not None})
    tokens = tokens_held(
        account_id, roles, pairings, tree, day or clock.today(), _rooms(session, account_id, roles)
    )
    reviews = reviews_of(roles, tree)
    return Viewer(account_id, account.name, roles, tokens, reviews, account.language)


def _rooms(session: Session, account_id: int, roles: Iterable[HeldRole]) -> list[int]:
    """The rooms whose device an account is."""
    if not any(role.name is RoleName.CLASSROOM for role in roles):
        return []
    return list(session.scalars(select(Room.id).where(Room.account_id == account_id)))


def tokens_of_school(session: Session, school_id: int) -> frozenset[str]:
    """What each of a school's people holds today, but for what is their own."""
    school = session.get_one(School, school_id)
    role = HeldRole(RoleName.TEACHER, school_id, school.region_code)
    pairings, tree = pairings_of(session, {school_id}), region_tree(session)
    nobody = 0
    return tokens_held(nobody, (role,), pairings, tree, clock.today()) - {user(nobody)}


def home_school(session: Session, viewer: Viewer) -> School | None:
    """The school a viewer belongs to first."""
    number = viewer.home_school_id
    return None if number is None else session.get(School, number)


def regions(
    session: Session,
    *,
    parent: str | None = None,
    level: str | None = None,
    q: str = "",
    after: int | None = None,
    limit: int = DEFAULT_LIMIT,
) -> list[Region]:
    """Regions in the order of their codes, which is province, its cities, their counties.

    `after` is a code as the number it is (GB/T 2260: six digits, the first no zero).
    """
    found = select(Region).order_by(Region.code).limit(limit)
    if parent is not None:
        found = found.where(Region.parent_code == parent)
    if level is not None:
        found = found.where(Region.level == level)
    if q:
        found = found.where(Region.name.icontains(q, autoescape=True))
    if after is not None:
        found = found.where(Region.code > str(after))
    return list(session.scalars(found))


def schools(
    session: Session,
    *,
    region: str | None = None,
    q: str = "",
    after: int | None = None,
    limit: int = DEFAULT_LIMIT,
) -> list[School]:
    """Schools in the order of their ids, with their regions; `region` takes those below it too."""
    found = select(School).options(joinedload(School.region)).order_by(School.id).limit(limit)
    if region is not None:
        found = found.where(School.region_code.in_(region_tree(session).below(region)))
    if q:
        found = found.where(School.name.icontains(q, autoescape=True))
    if after is not None:
        found = found.where(School.id > after)
    return list(session.scalars(found))


def accounts(
    session: Session,
    viewer: Viewer,
    *,
    school_id: int | None = None,
    role: RoleName | None = None,
    q: str = "",
    after: int | None = None,
    limit: int = DEFAULT_LIMIT,
) -> list[Account]:
    """The accounts this viewer looks after or appoints, in the order of their ids, with roles.

    Raises Forbidden for who looks after none.
    """
    found = _accounts_seen(session, viewer, school_id, role, q)
    if after is not None:
        found = found.where(Account.id > after)
    found = found.options(selectinload(Account.roles)).order_by(Account.id).limit(limit)
    return list(session.scalars(found))


def account_total(
    session: Session,
    viewer: Viewer,
    *,
    school_id: int | None = None,
    role: RoleName | None = None,
    q: str = "",
) -> int:
    """How many accounts the same list holds."""
    found = _accounts_seen(session, viewer, school_id, role, q)
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def account_seen(session: Session, viewer: Viewer, account_id: int) -> Account:
    """An account of the viewer's list, with its roles; NotFound when it is not there."""
    if not authority.may_see_accounts(viewer):
        raise NotFound
    found = _accounts_seen(session, viewer).where(Account.id == account_id)
    account = session.scalar(found.options(selectinload(Account.roles)))
    if account is None:
        raise NotFound
    return account


def _accounts_seen(
    session: Session,
    viewer: Viewer,
    school_id: int | None = None,
    role: RoleName | None = None,
    q: str = "",
) -> Select[Account]:
    if not authority.may_see_accounts(viewer):
        raise Forbidden
    found = select(Account)
    seen = _role_seen(viewer, region_tree(session))
    asked = [Role.school_id == school_id] if school_id is not None else []
    asked += [Role.name == role.value] if role is not None else []
    if asked or seen is not _ALL:
        holders = select(Role.account_id).outerjoin(School, School.id == Role.school_id)
        found = found.where(Account.id.in_(holders.where(seen, *asked)))
    if q:
        words = Account.name, Account.username
        found = found.where(or_(*(word.icontains(q, autoescape=True) for word in words)))
    return found


# An operator sees every account, also one that holds no role yet.
_ALL: ColumnElement[bool] = true()


def _role_seen(viewer: Viewer, tree: RegionTree) -> ColumnElement[bool]:
    """The roles whose holders a viewer sees, over Role and its School."""
    if viewer.has(RoleName.SYSTEM_ADMIN):
        return _ALL
    own = {role.region_code for role in viewer.roles if role.name is RoleName.OFFICER}
    below = {code for code in viewer.reviews if not own.isdisjoint(tree.line(code)[1:])}
    return or_(
        Role.school_id.in_(viewer.administers),
        and_(Role.name == RoleName.SCHOOL_ADMIN, School.region_code.in_(viewer.reviews)),
        and_(Role.name == RoleName.OFFICER, Role.region_code.in_(below)),
    )
