"""Random worlds of resources, and who sees what in them.

The oracle `sees` is written from the table of roles, by places and people, and knows no tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.services.house import AGREEMENT, PEOPLE, REGIONS, SCHOOLS

AUTHORS = ("zhou", "tang", "xiang", "long")


@dataclass(frozen=True)
class Thing:
    """A resource to be: who made it, whom it is offered to, what became of it."""

    author: str
    wanted: tuple[str, ...]
    approved: bool
    viewable: bool
    deleted: bool


@dataclass(frozen=True)
class Plan:
    things: tuple[Thing, ...]
    agreement: str  # "holds", "ended", "over" or "not yet"
    disabled: str | None
    moved: str | None  # loses every role


def reach(author: str) -> list[str]:
    """What an author of this school may ask for."""
    number = PEOPLE[author][1]
    assert isinstance(number, int)
    line = line_of(SCHOOLS[number][1])
    own = [f"school:{number}"] + ([f"agreement:{AGREEMENT}"] if number in {1, 2} else [])
    return own + [f"region:{code}" for code in line] + ["everyone"]


def line_of(code: str) -> list[str]:
    line, current = [], code
    while current:
        line.append(current)
        current = REGIONS[current][2]
    return line


@st.composite
def things(draw: st.DrawFn) -> Thing:
    author = draw(st.sampled_from(AUTHORS))
    wanted = draw(st.lists(st.sampled_from(reach(author)), max_size=3, unique=True))
    flags = [draw(st.booleans()) for _ in range(2)]
    return Thing(
        author,
        tuple(wanted),
        flags[0],
        flags[1] or draw(st.booleans()),
        draw(st.integers(0, 5)) == 0,
    )


plans = st.builds(
    Plan,
    st.lists(things(), min_size=1, max_size=3).map(tuple),
    st.sampled_from(["holds", "holds", "ended", "over", "not yet"]),
    st.none() | st.sampled_from(AUTHORS),
    st.none() | st.sampled_from(AUTHORS),
)


def sees(plan: Plan, name: str, thing: Thing) -> bool:
    """The table of roles, read aloud."""
    role, place = PEOPLE[name]
    if name in {plan.disabled, plan.moved} or role == "system_admin" or thing.deleted:
        return False
    if name == thing.author:
        return True
    if not thing.viewable:
        return False
    return any(reaches(plan, role, place, thing, token) for token in thing.wanted)


def reaches(plan: Plan, role: str, place: int | str | None, thing: Thing, token: str) -> bool:
    kind, _, value = token.partition(":")
    home = PEOPLE[thing.author][1]
    assert isinstance(home, int)
    if kind == "school":
        return place == int(value)
    if kind == "agreement":
        return plan.agreement == "holds" and place in {1, 2}
    decider = value or "430000"
    if not thing.approved:
        if role == "officer":
            return place in line_of(decider)
        return role == "school_admin" and place == home
    if kind == "everyone":
        return True
    if role == "officer":
        assert isinstance(place, str)
        return value in line_of(place) or place in line_of(value)
    assert isinstance(place, int)
    return value in line_of(SCHOOLS[place][1])
