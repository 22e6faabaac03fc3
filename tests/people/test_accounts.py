"""Who may make, change and disable whose account; and what happens to it."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.people.worlds import Town, viewer
from tongke.errors import Forbidden, Invalid, NotFound, TongkeError
from tongke.people import accounts, sign_in, slips
from tongke.people.accounts import RoleWanted
from tongke.people.audience import RoleName
from tongke.people.errors import (
    DisabledAbove,
    LastRole,
    OwnAccount,
    RoleHeld,
    RoomHoldsOneRole,
)
from tongke.people.models import Role
from tongke.people.queries import viewer_of


def teacher(town: Town, school: str = "育才") -> RoleWanted:
    return RoleWanted(RoleName.TEACHER, town.schools[school])


def test_a_school_administrator_makes_an_account_of_the_school(
    session: Session, town: Town
) -> None:
    admin = viewer(session, town["yucai.admin"])
    made = accounts.add_account(session, admin, " Li.Na ", "李  娜", teacher(town))
    assert (made.username, made.name, made.password_hash) == ("li.na", "李 娜", None)
    assert viewer(session, made.id).school_ids == {town.schools["育才"]}


GIVES = {
    "root": {"teacher", "school_admin", "classroom", "furong", "changsha", "province", "root"},
    "province": {"school_admin", "changsha", "furong"},
    "changsha": {"school_admin", "furong"},
    "furong": {"school_admin"},
    "longshan": set[str](),
    "yucai.admin": {"teacher", "school_admin", "classroom"},
    "yucai.teacher": set[str](),
    "yucai.room": set[str](),
    "liye.admin": set[str](),
}


@pytest.mark.parametrize("username", GIVES)
def test_a_role_is_given_by_who_may(session: Session, town: Town, username: str) -> None:
    school = town.schools["育才"]
    roles = {
        "teacher": RoleWanted(RoleName.TEACHER, school),
        "school_admin": RoleWanted(RoleName.SCHOOL_ADMIN, school),
        "classroom": RoleWanted(RoleName.CLASSROOM, school),
        "furong": RoleWanted(RoleName.OFFICER, None, "430102"),
        "changsha": RoleWanted(RoleName.OFFICER, None, "430100"),
        "province": RoleWanted(RoleName.OFFICER, None, "430000"),
        "root": RoleWanted(RoleName.SYSTEM_ADMIN),
    }
    actor = viewer(session, town[username])
    given = set()
    for name, role in roles.items():
        try:
            accounts.add_account(session, actor, f"new-{name}", "新人", role)
        except Forbidden:
            continue
        given.add(name)
    assert given == GIVES[username]


MANAGES = {
    "root": {"province", "furong", "yucai.admin", "yucai.teacher", "yucai.room", "liye.teacher"},
    "province": {"furong", "yucai.admin"},
    "furong": {"yucai.admin"},
    "longshan": set[str](),
    "yucai.admin": {"yucai.teacher", "yucai.room"},
    "yucai.teacher": set[str](),
    "liye.admin": {"liye.teacher"},
}


@pytest.mark.parametrize("username", MANAGES)
def test_an_account_is_managed_by_who_may(session: Session, town: Town, username: str) -> None:
    actor = viewer(session, town[username])
    managed = set()
    for other in MANAGES["root"] | {"root"}:
        try:
            accounts.rename(session, actor, town[other], "改过")
        except TongkeError as error:
            assert isinstance(error, Forbidden | NotFound)
            continue
        managed.add(other)
    assert managed == MANAGES[username]


def test_who_also_works_elsewhere_is_not_taken_over(session: Session, town: Town) -> None:
    root, admin = viewer(session, town["root"]), viewer(session, town["yucai.admin"])
    posted = town["yucai.teacher"]
    accounts.give_role(session, root, posted, teacher(town, "里耶"))
    with pytest.raises(Forbidden):
        accounts.managed(session, admin, posted)
    accounts.take_role(session, admin, posted, teacher(town))
    assert viewer(session, posted).school_ids == {town.schools["里耶"]}


def test_no_administrator_draws_in_an_account_of_another_school(
    session: Session, town: Town
) -> None:
    admin = viewer(session, town["yucai.admin"])
    with pytest.raises(NotFound):
        accounts.give_role(session, admin, town["liye.teacher"], teacher(town))


def test_nobody_changes_their_own_account_this_way(session: Session, town: Town) -> None:
    root = viewer(session, town["root"])
    for change in (accounts.disable, accounts.enable, accounts.managed):
        with pytest.raises(OwnAccount):
            change(session, root, root.account_id)
    with pytest.raises(OwnAccount):
        accounts.give_role(session, root, root.account_id, teacher(town))
    with pytest.raises(OwnAccount):
        accounts.take_role(session, root, root.account_id, RoleWanted(RoleName.SYSTEM_ADMIN))


def test_a_room_holds_no_second_role(session: Session, town: Town) -> None:
    admin = viewer(session, town["yucai.admin"])
    room = RoleWanted(RoleName.CLASSROOM, town.schools["育才"])
    with pytest.raises(RoomHoldsOneRole):
        accounts.give_role(session, admin, town["yucai.room"], teacher(town))
    with pytest.raises(RoomHoldsOneRole):
        accounts.give_role(session, admin, town["yucai.teacher"], room)


def test_a_role_is_held_once_and_the_last_one_stays(session: Session, town: Town) -> None:
    admin, person = viewer(session, town["yucai.admin"]), town["yucai.teacher"]
    staff = RoleWanted(RoleName.STAFF, town.schools["育才"])
    with pytest.raises(RoleHeld):
        accounts.give_role(session, admin, person, teacher(town))
    with pytest.raises(NotFound):
        accounts.take_role(session, admin, person, staff)
    with pytest.raises(LastRole):
        accounts.take_role(session, admin, person, teacher(town))
    accounts.give_role(session, admin, person, staff)
    accounts.take_role(session, admin, person, teacher(town))
    assert [role.name for role in viewer(session, person).roles] == [RoleName.STAFF]


def test_roles_are_set_all_or_none(session: Session, town: Town) -> None:
    admin, person = viewer(session, town["yucai.admin"]), town["yucai.teacher"]
    school = town.schools["育才"]
    both = [RoleWanted(RoleName.STAFF, school), RoleWanted(RoleName.SCHOOL_ADMIN, school)]
    accounts.set_roles(session, admin, person, both)
    assert {role.name for role in viewer(session, person).roles} == {"staff", "school_admin"}
    with pytest.raises(LastRole):
        accounts.set_roles(session, admin, person, [])
    with pytest.raises(Forbidden):
        accounts.set_roles(
            session, admin, person, [*both, RoleWanted(RoleName.OFFICER, None, "430102")]
        )


def test_the_database_itself_refuses_a_role_held_twice(session: Session, town: Town) -> None:
    session.add(Role(account_id=town["root"], name="system_admin"))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


@pytest.mark.parametrize("username", ["", "ab", "李娜", "a b c", ".abc", "a" * 41, "abc\n"])
def test_a_username_that_cannot_be_read_aloud_is_refused(session: Session, username: str) -> None:
    with pytest.raises(Invalid) as refused:
        accounts.create_account(session, f"{username}!", "李娜")
    assert refused.value.fields == {"username": accounts.BAD_USERNAME}
    if "\n" not in username:
        with pytest.raises(Invalid):
            accounts.create_account(session, username, "李娜")


def test_a_username_is_one_whatever_the_case_or_width(session: Session) -> None:
    accounts.create_account(session, "ｌｉ.ＮＡ１", "李娜")
    with pytest.raises(Invalid) as refused:
        accounts.create_account(session, "LI.na1", "李娜")
    assert refused.value.fields == {"username": accounts.USERNAME_TAKEN}


@pytest.mark.parametrize("name", ["", "  ", "名" * 61])
def test_an_account_has_a_name(session: Session, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        accounts.create_account(session, "li.na", name)
    assert refused.value.fields == {"name": accounts.BAD_NAME}


@pytest.mark.parametrize(
    ("role", "field"),
    [
        (RoleWanted(RoleName.TEACHER), "school_id"),
        (RoleWanted(RoleName.TEACHER, 999), "school_id"),
        (RoleWanted(RoleName.TEACHER, 1, "430102"), "school_id"),
        (RoleWanted(RoleName.OFFICER), "region_code"),
        (RoleWanted(RoleName.OFFICER, None, "999999"), "region_code"),
        (RoleWanted(RoleName.OFFICER, 1), "school_id"),
    ],
)
def test_a_role_needs_the_organisation_it_is_held_in(
    session: Session, role: RoleWanted, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        accounts.create_account(session, "li.na", "李娜", (role,))
    assert list(refused.value.fields) == [field]


def test_disabling_shuts_an_account_at_once(session: Session, town: Town) -> None:
    admin, person = viewer(session, town["yucai.admin"]), town["yucai.teacher"]
    _, secret = sign_in.start(
        session, person, verified=town.password_hash, address="10.0.0.9", user_agent="", days=30
    )
    _, token = sign_in.add_api_token(session, viewer(session, person), "脚本")
    _, code = slips.issue(session, admin.account_id, person)
    accounts.disable(session, admin, person)
    session.expire_all()
    assert viewer_of(session, person) is None
    accounts.enable(session, admin, person)
    assert viewer_of(session, person) is not None
    assert sign_in.session_of(session, secret) is None
    assert sign_in.token_of(session, token) is None
    with pytest.raises(TongkeError):
        slips.account_of(session, code)


@pytest.mark.parametrize("above", ["furong", "province", "root"])
def test_what_the_bureau_disabled_the_school_does_not_enable(
    session: Session, town: Town, above: str
) -> None:
    admin, officer = viewer(session, town["yucai.admin"]), viewer(session, town[above])
    school_admin = RoleWanted(RoleName.SCHOOL_ADMIN, town.schools["育才"])
    colleague = accounts.add_account(session, admin, "li.na", "李娜", school_admin).id
    # First by the school, which makes it no less the bureau's.
    accounts.disable(session, admin, colleague)
    accounts.disable(session, officer, colleague)
    accounts.disable(session, admin, colleague)
    with pytest.raises(DisabledAbove):
        accounts.enable(session, admin, colleague)
    assert viewer_of(session, colleague) is None
    accounts.enable(session, viewer(session, town["changsha"]), colleague)
    assert viewer_of(session, colleague) is not None
    accounts.disable(session, admin, colleague)
    accounts.enable(session, admin, colleague)
