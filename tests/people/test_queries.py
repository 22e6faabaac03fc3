"""Lists go on without gaps, and show of accounts only what the viewer looks after."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.people.worlds import PEOPLE, REGIONS, Town, viewer
from tongke.errors import Forbidden, NotFound
from tongke.people import queries
from tongke.people.audience import RoleName
from tongke.people.models import Account

EVERYBODY = {username for username, _, _ in PEOPLE}
OFFICERS = {"province", "changsha", "furong", "longshan"}
ADMINS = {"yucai.admin", "liye.admin"}

SEES = {
    "root": EVERYBODY,
    "province": ADMINS | OFFICERS - {"province"},
    "changsha": {"yucai.admin", "furong"},
    "furong": {"yucai.admin"},
    "yucai.admin": {"yucai.admin", "yucai.teacher", "yucai.staff", "yucai.room"},
}


def usernames(accounts: list[Account]) -> set[str]:
    return {account.username for account in accounts}


@pytest.mark.parametrize("username", SEES)
def test_an_account_is_listed_for_who_looks_after_it(
    session: Session, town: Town, username: str
) -> None:
    actor = viewer(session, town[username])
    assert usernames(queries.accounts(session, actor)) == SEES[username]
    assert queries.account_total(session, actor) == len(SEES[username])
    for other in EVERYBODY - SEES[username]:
        with pytest.raises(NotFound):
            queries.account_seen(session, actor, town[other])


@pytest.mark.parametrize("username", ["yucai.teacher", "yucai.staff", "yucai.room"])
def test_who_looks_after_nobody_lists_nobody(session: Session, town: Town, username: str) -> None:
    actor = viewer(session, town[username])
    with pytest.raises(Forbidden):
        queries.accounts(session, actor)
    with pytest.raises(NotFound):
        queries.account_seen(session, actor, town["yucai.teacher"])


def test_accounts_are_found_by_school_role_and_words(session: Session, town: Town) -> None:
    root = viewer(session, town["root"])
    liye = queries.accounts(session, root, school_id=town.schools["里耶"])
    assert usernames(liye) == {"liye.admin", "liye.teacher"}
    teachers = queries.accounts(session, root, role=RoleName.TEACHER)
    assert usernames(teachers) == {"yucai.teacher", "liye.teacher"}
    assert usernames(queries.accounts(session, root, q="ROOM")) == {"yucai.room"}
    assert queries.accounts(session, root, q="%") == []
    both = queries.accounts(session, root, school_id=town.schools["里耶"], role=RoleName.OFFICER)
    assert both == []


def walk(page: Callable[[int | None], list[int]]) -> list[int]:
    """Everything a list gives, page by page."""
    found, after = list[int](), None
    while rows := page(after):
        assert after is None or rows[0] > after
        found += rows
        after = rows[-1]
    return found


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_a_list_walked_in_pages_has_each_row_once(session: Session, town: Town, limit: int) -> None:
    root = viewer(session, town["root"])
    assert walk(
        lambda after: [a.id for a in queries.accounts(session, root, after=after, limit=limit)]
    ) == sorted(town.accounts.values())
    assert walk(
        lambda after: [s.id for s in queries.schools(session, after=after, limit=limit)]
    ) == sorted(town.schools.values())
    assert walk(
        lambda after: [int(r.code) for r in queries.regions(session, after=after, limit=limit)]
    ) == [int(code) for code, *_ in REGIONS]


def test_regions_and_schools_are_filtered(session: Session) -> None:
    below = queries.regions(session, parent="430100")
    assert [region.code for region in below] == ["430102", "430104"]
    assert len(queries.regions(session, level="city")) == 2
    assert [region.name for region in queries.regions(session, q="龙山")] == ["龙山县"]
    assert [school.name for school in queries.schools(session, region="430100")] == ["育才", "麓山"]
    assert [school.name for school in queries.schools(session, q="里")] == ["里耶"]


def test_a_viewer_costs_four_statements_at_most(session: Session, town: Town) -> None:
    statements = list[str]()
    event.listen(
        session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2])
    )
    viewer(session, town["yucai.teacher"])
    statements = [sql for sql in statements if sql.startswith("SELECT")]
    assert 1 <= len(statements) <= 4


def test_home_is_the_first_school(session: Session, town: Town) -> None:
    home = queries.home_school(session, viewer(session, town["yucai.room"]))
    assert home is not None and home.name == "育才"
    assert queries.home_school(session, viewer(session, town["root"])) is None
