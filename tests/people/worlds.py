"""Small worlds for the tests: a fixed one with names, and random ones as hypothesis draws them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tongke import clock
from tongke.people.accounts import RoleWanted, create_account
from tongke.people.audience import HeldRole, Pairing, RegionTree, RoleName, Viewer
from tongke.people.models import Account, Agreement, Region, Role, Room, School
from tongke.people.passwords import hash_password
from tongke.people.queries import viewer_of

DAY = date(2026, 11, 24)


@dataclass(frozen=True)
class World:
    """Regions (code -> parent), schools (id -> region), agreements, accounts (id -> roles)."""

    regions: dict[str, str | None]
    schools: dict[int, str]
    pairings: tuple[Pairing, ...]
    accounts: dict[int, tuple[HeldRole, ...]]
    # Number of a room -> the account of its device.
    rooms: dict[int, int] = field(default_factory=dict)

    @property
    def tree(self) -> RegionTree:
        return RegionTree(self.regions)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A province or two, cities, counties; schools at any of them; every kind of role."""
    regions: dict[str, str | None] = {}
    for province in range(draw(st.integers(1, 2))):
        root = f"{43 + province}0000"
        regions[root] = None
        for city in range(draw(st.integers(0, 2))):
            middle = f"{43 + province}{city + 1:02}00"
            regions[middle] = root
            for county in range(draw(st.integers(0, 2))):
                regions[f"{43 + province}{city + 1:02}{county + 1:02}"] = middle
    codes = sorted(regions)
    places = draw(st.lists(st.sampled_from(codes), min_size=1, max_size=4))
    schools = dict(enumerate(places, start=1))
    pairings = tuple(
        draw(_pairing(number, sorted(schools))) for number in range(1, draw(st.integers(0, 3)) + 1)
    )
    roles = st.lists(_role(schools, codes), max_size=3, unique=True).map(tuple)
    count = draw(st.integers(1, 4))
    accounts = {n: draw(roles) for n in range(1, count + 1)}
    rooms = {room: n for room, n in enumerate(accounts, start=11) if draw(st.booleans())}
    return World(regions, schools, pairings, accounts, rooms)


@st.composite
def _pairing(draw: st.DrawFn, number: int, schools: list[int]) -> Pairing:
    lead = draw(st.sampled_from(schools))
    supported = draw(st.sampled_from(schools))
    starts = DAY + timedelta(days=draw(st.integers(-2, 2)))
    ends = starts + timedelta(days=draw(st.integers(0, 3)))
    return Pairing(number, frozenset({lead, supported}), starts, ends, draw(st.booleans()))


@st.composite
def _role(draw: st.DrawFn, schools: dict[int, str], codes: list[str]) -> HeldRole:
    name = draw(st.sampled_from(RoleName))
    if name is RoleName.OFFICER:
        return HeldRole(name, None, draw(st.sampled_from(codes)))
    if name is RoleName.SYSTEM_ADMIN:
        return HeldRole(name)
    school = draw(st.sampled_from(sorted(schools)))
    return HeldRole(name, school, schools[school])


def keep(session: Session, world: World) -> None:
    """Write a world into the database, under the same ids."""
    levels = {0: "county", 2: "city", 4: "province"}
    for code, parent in sorted(world.regions.items()):
        zeros = len(code) - len(code.rstrip("0"))
        level = levels[zeros // 2 * 2]
        session.add(Region(code=code, name=f"地区{code}", level=level, parent_code=parent))
        session.flush()
    for number, code in world.schools.items():
        session.add(School(id=number, name=f"第{number}中学", region_code=code))
    session.flush()
    for pairing in world.pairings:
        # A pair of a school with itself is only of use to the pure rule.
        if len(pairing.school_ids) == 2:
            session.add(_agreement(pairing))
    for number, roles in world.accounts.items():
        session.add(_account(number, roles))
    session.flush()
    school = next(iter(world.schools))
    for room, account in world.rooms.items():
        session.add(Room(id=room, school_id=school, name=f"教室{room}", account_id=account))
    session.flush()


def _agreement(pairing: Pairing) -> Agreement:
    lead, supported = sorted(pairing.school_ids)
    return Agreement(
        id=pairing.id,
        level="county",
        lead_school_id=lead,
        supported_school_id=supported,
        starts_on=pairing.starts_on,
        ends_on=pairing.ends_on,
        active=pairing.active,
    )


def _account(number: int, roles: tuple[HeldRole, ...]) -> Account:
    account = Account(
        id=number, username=f"user{number}", name=f"老师{number}", created_at=clock.now()
    )
    account.roles = [
        Role(
            name=role.name,
            school_id=role.school_id,
            region_code=None if role.school_id else role.region_code,
        )
        for role in roles
    ]
    return account


PASSWORD = "湘江北去橘子洲头"


@dataclass(frozen=True)
class Town:
    """The fixed world: schools and accounts by name, as ids."""

    schools: dict[str, int]
    accounts: dict[str, int]
    password_hash: str

    def __getitem__(self, username: str) -> int:
        return self.accounts[username]


REGIONS = (
    ("430000", "湖南省", "province", None),
    ("430100", "长沙市", "city", "430000"),
    ("430102", "芙蓉区", "county", "430100"),
    ("430104", "岳麓区", "county", "430100"),
    ("433100", "湘西州", "city", "430000"),
    ("433130", "龙山县", "county", "433100"),
)
SCHOOLS = (("育才", "430102"), ("麓山", "430104"), ("里耶", "433130"))
PEOPLE = (
    ("root", "system_admin", None),
    ("province", "officer", "430000"),
    ("changsha", "officer", "430100"),
    ("furong", "officer", "430102"),
    ("longshan", "officer", "433130"),
    ("yucai.admin", "school_admin", "育才"),
    ("yucai.teacher", "teacher", "育才"),
    ("yucai.staff", "staff", "育才"),
    ("yucai.room", "classroom", "育才"),
    ("liye.admin", "school_admin", "里耶"),
    ("liye.teacher", "teacher", "里耶"),
)


@cache
def hashed() -> str:
    """Once a run: it is meant to take its time."""
    return hash_password(PASSWORD)


def settle(session: Session) -> Town:
    """Write the fixed world; everybody has the same password."""
    for code, name, level, parent in REGIONS:
        session.add(Region(code=code, name=name, level=level, parent_code=parent))
        session.flush()
    schools = {name: School(name=name, region_code=code) for name, code in SCHOOLS}
    session.add_all(schools.values())
    session.flush()
    accounts = {}
    for username, role, place in PEOPLE:
        school = schools[place].id if place in schools else None
        organisation = RoleWanted(RoleName(role), school, None if school else place)
        accounts[username] = create_account(
            session, username, username.title(), (organisation,), password_hash=hashed()
        )
    return Town(
        {name: school.id for name, school in schools.items()},
        {username: account.id for username, account in accounts.items()},
        hashed(),
    )


def viewer(session: Session, account_id: int) -> Viewer:
    found = viewer_of(session, account_id)
    assert found is not None
    return found
