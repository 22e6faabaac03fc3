"""The rule of who may see what, against the table of mission.md told the other way round.

The rule works from a viewer to tokens. The oracle works from each organisation to its people: it
lists, for every token there could be, who holds it, and shares no code with the rule.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.people.worlds import DAY, World, keep, worlds
from tests.sessions import writing
from tongke.people import audience
from tongke.people.audience import HeldRole, Pairing, RegionTree, RoleName
from tongke.people.queries import viewer_of
from tongke.storage.database import Database

# Held by virtue of an office or a device: no author offers anything to them.
NOT_OFFERED = ("review:", "admin:", "patrol:", "room:")
STAFF_ROOM = {"teacher", "staff", "school_admin"}


def holders(world: World) -> dict[str, set[int]]:
    """Every token of a world and who holds it."""
    found: dict[str, set[int]] = {"everyone": set()}
    for code in world.regions:
        found[f"region:{code}"] = set()
        found[f"review:{code}"] = set()
        found[f"patrol:{code}"] = set()
    for room, account in world.rooms.items():
        devices = {role.name for role in world.accounts[account]} & {"classroom"}
        found[f"room:{room}"] = {account} if devices else set()
    for school in world.schools:
        found[f"school:{school}"] = people_of(world, school)
        found[f"admin:{school}"] = people_of(world, school, {"school_admin"})
    for code in world.regions:
        inside = subtree(world, code)
        for school, place in world.schools.items():
            if place in inside:
                found[f"region:{code}"] |= people_of(world, school)
        for officer in officers_of(world, code):
            for other in world.regions:
                if other in inside or code in subtree(world, other):
                    found[f"region:{other}"].add(officer)
                if other in inside:
                    found[f"review:{other}"].add(officer)
                    found[f"patrol:{other}"].add(officer)
    for pairing in world.pairings:
        held = pairing.active and pairing.starts_on <= DAY and pairing.ends_on >= DAY
        sides = [people_of(world, school) for school in pairing.school_ids]
        found[f"agreement:{pairing.id}"] = set().union(*sides) if held else set()
    for account in world.accounts:
        schools = any(account in people_of(world, school) for school in world.schools)
        bureaus = any(account in officers_of(world, code) for code in world.regions)
        found[f"user:{account}"] = {account} if schools or bureaus else set()
        found["everyone"] |= found[f"user:{account}"]
    return found


def people_of(world: World, school: int, names: set[str] = STAFF_ROOM) -> set[int]:
    return {
        account
        for account, roles in world.accounts.items()
        for role in roles
        if role.school_id == school and str(role.name) in names
    }


def officers_of(world: World, code: str) -> set[int]:
    return {
        account
        for account, roles in world.accounts.items()
        if HeldRole(RoleName.OFFICER, None, code) in roles
    }


def subtree(world: World, code: str) -> set[str]:
    """The region and those below it, gathered downwards."""
    inside, grown = {code}, True
    while grown:
        children = {c for c, parent in world.regions.items() if parent in inside}
        grown = not children <= inside
        inside |= children
    return inside


def held_by(world: World, account: int) -> frozenset[str]:
    roles = world.accounts[account]
    rooms = [room for room, device in world.rooms.items() if device == account]
    return audience.tokens_held(account, roles, world.pairings, world.tree, DAY, rooms)


@settings(max_examples=300, deadline=None)
@given(worlds())
def test_a_viewer_holds_exactly_what_the_table_gives(world: World) -> None:
    expected = holders(world)
    for account in world.accounts:
        assert held_by(world, account) == {t for t, who in expected.items() if account in who}


# One database for all examples: each leaves it as it was.
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=worlds())
def test_the_database_gives_the_same_viewer(db: Database, world: World) -> None:
    pairs = tuple(pairing for pairing in world.pairings if len(pairing.school_ids) == 2)
    world = replace(world, pairings=pairs)
    expected = holders(world)
    with writing(db) as session:
        keep(session, world)
        session.expunge_all()
        for account, roles in world.accounts.items():
            viewer = viewer_of(session, account, DAY)
            assert viewer is not None
            assert viewer.tokens == {t for t, who in expected.items() if account in who}
            assert sorted(map(repr, viewer.roles)) == sorted(map(repr, roles))
            assert viewer.reviews == {
                code for code in world.regions if account in expected[f"review:{code}"]
            }
        session.rollback()


@st.composite
def things(draw: st.DrawFn) -> tuple[World, dict[str, object]]:
    """A world and something by one of its accounts, in any state, offered to any audience."""
    world = draw(worlds())
    tokens = sorted(t for t in holders(world) if not t.startswith(NOT_OFFERED))
    thing = {
        "author_id": draw(st.sampled_from(sorted(world.accounts))),
        "school_id": draw(st.none() | st.sampled_from(sorted(world.schools))),
        "granted": draw(st.lists(st.sampled_from(tokens), max_size=3)),
        "waiting_for": draw(st.lists(st.sampled_from(sorted(world.regions)), max_size=2)),
        "viewable": draw(st.booleans()),
        "deleted": draw(st.booleans()),
    }
    return world, thing


@settings(max_examples=300, deadline=None)
@given(things())
def test_a_thing_is_seen_by_exactly_whom_the_table_names(
    drawn: tuple[World, dict[str, object]],
) -> None:
    world, thing = drawn
    carried = audience.tokens_carried(**thing)  # type: ignore[arg-type]  # drawn field by field
    seen = {a for a in world.accounts if audience.may_see(held_by(world, a), carried)}
    assert seen == readers(world, **thing)  # type: ignore[arg-type]  # the same fields


def readers(
    world: World,
    author_id: int,
    school_id: int | None,
    granted: list[str],
    waiting_for: list[str],
    viewable: bool,
    deleted: bool,
) -> set[int]:
    """Who reads a thing, told in sentences of mission.md."""
    found = holders(world)
    if deleted:
        return set()
    author = found[f"user:{author_id}"]
    if not viewable:
        return author
    audiences = [found[token] for token in granted]
    officers = [found[f"review:{code}"] for code in waiting_for]
    submitted = set(granted) - {f"user:{author_id}"} or waiting_for
    administrators = found[f"admin:{school_id}"] if school_id and submitted else set()
    return author.union(administrators, *audiences, *officers)


@settings(max_examples=200, deadline=None)
@given(worlds(), st.data())
def test_an_audience_is_asked_for_granted_or_refused(world: World, data: st.DataObject) -> None:
    author = data.draw(st.sampled_from(sorted(world.accounts)))
    home = data.draw(st.sampled_from(sorted(world.schools)))
    tokens = sorted(holders(world))
    wanted = data.draw(st.lists(st.sampled_from([*tokens, "user:99", "school:99", "nonsense"])))
    trusted = data.draw(st.booleans())
    line = world.tree.line(world.schools[home])
    held = held_by(world, author)
    grant = audience.sort_out(
        wanted, author_id=author, tokens=held, region_line=line, trusted=trusted
    )
    own = f"user:{author}"
    assert own in grant.granted
    assert grant.granted | set(grant.asked) | grant.refused == set(wanted) | {own}
    wide = {f"region:{code}" for code in line} | {"everyone"}
    assert set(grant.asked) == (set() if trusted else set(wanted) & wide)
    assert grant.granted - {own} <= held | (wide if trusted else set())
    assert not any(token.startswith(NOT_OFFERED) for token in grant.granted)
    assert all(world.regions.get(code, "?") != "?" for code in grant.asked.values())


def test_a_room_sees_no_staff_paper_even_of_its_own_school() -> None:
    room = HeldRole(RoleName.CLASSROOM, 1, "430101")
    pairing = Pairing(1, frozenset({1, 2}), DAY, DAY, active=True)
    tree = RegionTree({"430101": "430100", "430100": None})
    assert audience.tokens_held(7, [room], [pairing], tree, DAY) == frozenset()
    assert audience.tokens_held(7, [room], [pairing], tree, DAY, [5]) == {"room:5"}


@pytest.mark.parametrize(("days", "held"), [(-1, False), (0, True), (3, True), (4, False)])
def test_an_agreement_holds_from_its_first_day_through_its_last(days: int, held: bool) -> None:
    pairing = Pairing(3, frozenset({1, 2}), DAY, DAY + timedelta(days=3), active=True)
    teacher = HeldRole(RoleName.TEACHER, 2, "430101")
    day = DAY + timedelta(days=days)
    tokens = audience.tokens_held(7, [teacher], [pairing], RegionTree({"430101": None}), day)
    assert ("agreement:3" in tokens) is held


def test_a_loop_among_regions_ends() -> None:
    tree = RegionTree({"430100": "430101", "430101": "430100"})
    assert tree.line("430100") == ["430100", "430101"]
