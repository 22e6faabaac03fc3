"""The one rule of who may see what (mission.md).

A thing carries a set of audience tokens, a viewer holds a set; the thing is visible when the
sets meet. Everything here is pure: values in, values out. Pages, lists, facets, suggestions,
playlists and segments all end at `may_see`, in Python or as the same intersection in a query.

Tokens a thing can carry:

`user:7`          the author
`school:12`       everybody of a school
`agreement:3`     the people of both schools, while the agreement holds
`region:430100`   everybody whose school lies in the region, and its officers
`everyone`        everybody with an account of a person
`review:430102`   the officers who may decide what waits for that region
`admin:12`        the administrators of the school whose submission it is
`room:5`          the device of a classroom that takes part in a class
`patrol:430102`   the officers who may look into the classes that run there

What a viewer holds is worked out from who they are now, so nothing has to be reindexed when an
agreement ends or a teacher moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

EVERYONE = "everyone"
_AGREEMENT = "agreement:"


class RoleName(StrEnum):
    """What an account may be, in an organisation."""

    TEACHER = "teacher"
    STAFF = "staff"
    SCHOOL_ADMIN = "school_admin"
    OFFICER = "officer"
    CLASSROOM = "classroom"
    SYSTEM_ADMIN = "system_admin"


# People of a school: they hold its token, and those of its agreements and regions.
SCHOOL_PEOPLE = frozenset({RoleName.TEACHER, RoleName.STAFF, RoleName.SCHOOL_ADMIN})


class Level(StrEnum):
    """The levels of regions, and of what is registered with them."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


def user(account_id: int) -> str:
    return f"user:{account_id}"


def school(school_id: int) -> str:
    return f"school:{school_id}"


def agreement(agreement_id: int | str) -> str:
    return f"{_AGREEMENT}{agreement_id}"


def agreements_of(tokens: Iterable[str]) -> frozenset[str]:
    """The numbers of the agreements among some tokens, as they are written."""
    return frozenset(
        token.removeprefix(_AGREEMENT) for token in tokens if token.startswith(_AGREEMENT)
    )


def region(code: str) -> str:
    return f"region:{code}"


def review(code: str) -> str:
    return f"review:{code}"


def admin(school_id: int) -> str:
    return f"admin:{school_id}"


def is_by_rule(token: str) -> bool:
    """Whether nobody chooses it: the administrators of a class's school have its recording."""
    return token.startswith("admin:")


def room(room_id: int) -> str:
    return f"room:{room_id}"


def patrol(code: str) -> str:
    return f"patrol:{code}"


@dataclass(frozen=True)
class RegionTree:
    """The regions as code -> parent's code; the root has None."""

    parents: Mapping[str, str | None]

    def line(self, code: str) -> list[str]:
        """The region and all above it, from below."""
        line: list[str] = []
        current: str | None = code
        while current is not None and current in self.parents and current not in line:
            line.append(current)
            current = self.parents[current]
        return line

    def below(self, code: str) -> set[str]:
        """The region and all below it."""
        return {other for other in self.parents if code in self.line(other)}


@dataclass(frozen=True)
class HeldRole:
    """A role as the rule sees it; `region_code` of a school's role is the school's region."""

    name: RoleName
    school_id: int | None = None
    region_code: str | None = None


@dataclass(frozen=True)
class Pairing:
    """An agreement as the rule sees it."""

    id: int
    school_ids: frozenset[int]
    starts_on: date
    ends_on: date
    active: bool

    def holds_on(self, day: date) -> bool:
        return self.active and self.starts_on <= day <= self.ends_on


@dataclass(frozen=True)
class Viewer:
    """Who looks, as every query and page takes it."""

    account_id: int
    name: str
    roles: tuple[HeldRole, ...]
    tokens: frozenset[str]
    # Regions whose queue this viewer decides: an officer's own and all below it.
    reviews: frozenset[str] = field(default_factory=frozenset)
    language: str | None = None

    def has(self, *names: RoleName) -> bool:
        return any(role.name in names for role in self.roles)

    @property
    def home_school_id(self) -> int | None:
        """The school this viewer belongs to first: in greetings, and of what is uploaded."""
        return next((role.school_id for role in self.roles if role.school_id is not None), None)

    @property
    def school_ids(self) -> frozenset[int]:
        """Schools of which this viewer is one of the people."""
        return frozenset(
            role.school_id
            for role in self.roles
            if role.name in SCHOOL_PEOPLE and role.school_id is not None
        )

    @property
    def administers(self) -> frozenset[int]:
        """Schools that this viewer administers."""
        return frozenset(
            role.school_id
            for role in self.roles
            if role.name is RoleName.SCHOOL_ADMIN and role.school_id is not None
        )

    @property
    def may_upload(self) -> bool:
        return bool(self.school_ids)

    @property
    def may_patrol(self) -> bool:
        """Whether this viewer looks into classes (巡课), and is in all of them unseen."""
        return self.has(RoleName.OFFICER, RoleName.SCHOOL_ADMIN)


def tokens_held(
    account_id: int,
    roles: Iterable[HeldRole],
    pairings: Iterable[Pairing],
    tree: RegionTree,
    day: date,
    rooms: Iterable[int] = (),
) -> frozenset[str]:
    """What a viewer holds on a day. `rooms` are those whose device the account is.

    A classroom's device holds the tokens of its rooms alone: it sees its own classes and never
    staff papers. An operator holds no content at all. Neither stands in the way of another role
    of the same account.
    """
    roles = tuple(roles)
    is_device = any(role.name is RoleName.CLASSROOM for role in roles)
    devices = frozenset(map(room, rooms if is_device else ()))
    tokens: set[str] = set()
    for role in roles:
        if role.name in SCHOOL_PEOPLE and role.school_id is not None:
            tokens |= _held_in_school(role, tree)
        elif role.name is RoleName.OFFICER and role.region_code is not None:
            tokens |= _held_in_region(role.region_code, tree)
    if not tokens:
        return devices
    mine = {role.school_id for role in roles if role.name in SCHOOL_PEOPLE}
    held = (p for p in pairings if p.holds_on(day) and p.school_ids & mine)
    tokens |= {agreement(pairing.id) for pairing in held}
    return frozenset(tokens | devices | {user(account_id), EVERYONE})


def _held_in_school(role: HeldRole, tree: RegionTree) -> set[str]:
    assert role.school_id is not None
    tokens = {school(role.school_id)}
    if role.region_code is not None:
        tokens |= {region(code) for code in tree.line(role.region_code)}
    if role.name is RoleName.SCHOOL_ADMIN:
        tokens.add(admin(role.school_id))
    return tokens


def _held_in_region(code: str, tree: RegionTree) -> set[str]:
    """Officers see what is published above, at and below them, and what waits for them."""
    below = tree.below(code)
    shown = {region(other) for other in (*tree.line(code), *below)}
    return shown | {decided(other) for decided in (review, patrol) for other in below}


def reviews_of(roles: Iterable[HeldRole], tree: RegionTree) -> frozenset[str]:
    """The regions whose queue these roles decide."""
    codes: set[str] = set()
    for role in roles:
        if role.name is RoleName.OFFICER and role.region_code is not None:
            codes |= tree.below(role.region_code)
    return frozenset(codes)


def may_see(held: frozenset[str], carried: frozenset[str]) -> bool:
    """The rule itself."""
    return not held.isdisjoint(carried)


def tokens_carried(
    *,
    author_id: int,
    school_id: int | None,
    granted: Iterable[str],
    waiting_for: Iterable[str],
    viewable: bool,
    deleted: bool,
) -> frozenset[str]:
    """What a resource carries.

    `granted` are the tokens it is published to, `waiting_for` the codes of the regions whose
    officers have not decided yet. Until it can be watched or read only its author sees it, in
    the making; deleted, nobody does.
    """
    if deleted:
        return frozenset()
    mine = {user(author_id)}
    if not viewable:
        return frozenset(mine)
    shown = frozenset(granted) - mine
    waiting = {review(code) for code in waiting_for}
    submitted = {admin(school_id)} if school_id is not None and (shown or waiting) else set()
    return frozenset(mine | shown | waiting | submitted)


@dataclass(frozen=True)
class Grant:
    """What an author asked for, parted: what holds at once, and what an officer decides.

    `asked` maps a token to the code of the region that decides it.
    """

    granted: frozenset[str]
    asked: Mapping[str, str]
    refused: frozenset[str]


def sort_out(
    wanted: Iterable[str],
    *,
    author_id: int,
    tokens: frozenset[str],
    region_line: list[str],
    trusted: bool,
) -> Grant:
    """Part the audience that an author wants.

    `tokens` is what the author holds, `region_line` the author's school's regions from below;
    the last of them, the root, decides `everyone`. One may not publish to where one is not.
    """
    granted, refused = {user(author_id)}, set[str]()
    asked: dict[str, str] = {}
    deciders = {region(code): code for code in region_line}
    if region_line:
        deciders[EVERYONE] = region_line[-1]
    for token in wanted:
        if token in deciders:
            asked[token] = deciders[token]
        elif token in tokens and token.startswith(("user:", "school:", "agreement:")):
            granted.add(token)
        else:
            refused.add(token)
    if trusted:
        granted |= set(asked)
        asked = {}
    return Grant(frozenset(granted), asked, frozenset(refused))
