"""Accounts from the server: the first administrator, and the day nobody can sign in."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from tests.cli.conftest import Run
from tests.databases import opened
from tests.sessions import reading, writing
from tongke.people import passwords, sign_in
from tongke.people.models import Account, LoginSession, Region, School
from tongke.storage.database import Database


@pytest.fixture
def database(run: Run, database_url: str) -> Iterator[Database]:
    """A migrated installation with a county and a school."""
    assert run("migrate").exit_code == 0
    with opened(database_url) as found:
        with writing(found) as session:
            session.add(Region(code="433130", name="龙山县", level="county"))
            session.flush()
            session.add(School(name="龙山县桐木溪中学", region_code="433130"))
        yield found


def account(database: Database, username: str) -> Account:
    with reading(database) as session:
        return session.scalars(select(Account).where(Account.username == username)).one()


def test_the_first_administrator_can_sign_in_with_what_is_printed(
    run: Run, database: Database
) -> None:
    result = run(
        "account", "add", "Admin", "--name", "系统管理员", "--role", "system_admin", "--json"
    )
    made = json.loads(result.stdout)
    assert made["username"] == "admin"
    assert passwords.verify(account(database, "admin").password_hash, made["password"])


@pytest.mark.parametrize("school", ["龙山县桐木溪中学", "1"])
def test_a_school_is_named_by_name_or_number(run: Run, database: Database, school: str) -> None:
    role = ("--role", "teacher", "--school", school)
    assert run("account", "add", "xiangyuhe", "--name", "向雨禾", *role).exit_code == 0
    listed = json.loads(run("account", "list", "--json").stdout)["accounts"]
    assert listed == [
        {
            "username": "xiangyuhe",
            "name": "向雨禾",
            "disabled": False,
            "roles": [{"role": "teacher", "of": "龙山县桐木溪中学"}],
        }
    ]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--role", "teacher", "--school", "没有的学校"), "没有的学校"),
        (("--role", "teacher"), "school"),
        (("--role", "officer", "--region", "999999"), "999999"),
        (("--role", "officer"), "region"),
    ],
)
def test_an_organisation_that_does_not_fit_is_refused(
    run: Run, database: Database, options: tuple[str, ...], told: str
) -> None:
    result = run("account", "add", "someone", "--name", "某人", *options)
    assert result.exit_code == 1
    assert told in result.stderr
    assert json.loads(run("account", "list", "--json").stdout)["accounts"] == []


def test_a_new_password_ends_every_sign_in(run: Run, database: Database) -> None:
    run("account", "add", "admin", "--name", "管理员", "--role", "system_admin")
    made = account(database, "admin")
    with writing(database) as session:
        assert made.password_hash is not None
        sign_in.start(
            session, made.id, verified=made.password_hash, address="::1", user_agent="", days=1
        )
    result = run(
        "account", "password", "admin", "--password-stdin", input="four plain words here\n"
    )
    assert result.exit_code == 0
    assert "four plain" not in result.output
    assert passwords.verify(account(database, "admin").password_hash, "four plain words here")
    with reading(database) as session:
        assert session.scalars(select(LoginSession)).all() == []


def test_a_weak_password_is_refused_with_its_reason(run: Run, database: Database) -> None:
    role = ("--name", "管理员", "--role", "system_admin", "--password-stdin")
    result = run("account", "add", "admin", *role, input="12345678\n")
    assert result.exit_code == 1
    assert passwords.TOO_COMMON.en in result.stderr


def test_typing_it_asks_twice(run: Run, database: Database) -> None:
    role = ("--name", "管理员", "--role", "system_admin", "--ask")
    typed = "four plain words here\nfour plain words here\n"
    assert run("account", "add", "admin", *role, input=typed).exit_code == 0
    assert passwords.verify(account(database, "admin").password_hash, "four plain words here")


def test_an_account_that_is_not_there_is_said(run: Run, database: Database) -> None:
    result = run("account", "password", "nobody")
    assert result.exit_code == 1
    assert "tongke account list" in result.stderr
