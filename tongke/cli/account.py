"""`tongke account`: accounts made and mended from the server, where no administrator can.

The pages are the usual way. This one is for the first administrator of an installation, and for
the day on which nobody can sign in. It asks nobody's leave: who may run it owns the server.
"""

from __future__ import annotations

import secrets
import sys
from dataclasses import asdict, dataclass

import click
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tongke.cli.errors import UnknownAccount, UnknownOrganisation
from tongke.cli.opening import load_settings, on_ground
from tongke.cli.output import json_option, print_json
from tongke.cli.words import say
from tongke.errors import Invalid
from tongke.people import passwords, sign_in, slips
from tongke.people.accounts import RoleWanted, create_account, username_meant
from tongke.people.audience import RoleName
from tongke.people.authority import SCHOOL_ROLES
from tongke.people.models import Account, Region, Role, School

# Typed once from a screen or a slip of paper: without the letters and digits that look alike.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
# 3 groups of 4 out of 31 characters: 59 bits.
GROUPS, GROUP_LENGTH = 3, 4


@click.group(help=say("建账号、重设密码、列出账号。", "Add accounts, set passwords, list them."))
def account() -> None:
    pass


def password_options(command: click.decorators.FC) -> click.decorators.FC:
    """Where the password comes from; without either it is made up and printed once."""
    ask = click.option("--ask", is_flag=True, help=say("自己输入密码", "Type the password"))
    stdin = click.option(
        "--password-stdin",
        is_flag=True,
        help=say("从标准输入读密码", "Read it from standard input"),
    )
    return ask(stdin(command))


@account.command(
    help=say(
        """建一个账号。不另外说明时生成一个密码，只显示这一次。

        \b
        第一位系统管理员：
          tongke account add admin --name 系统管理员 --role system_admin
        学校管理员：
          tongke account add hezhiqiang --name 何志强 --role school_admin --school 橘洲路中学
        县级管理员：
          tongke account add yuelu --name 岳麓区教育局 --role officer --region 430104""",
        """Add an account. Unless told otherwise a password is made up, and shown this once.

        \b
        The first system administrator:
          tongke account add admin --name "System administrator" --role system_admin
        A school's administrator:
          tongke account add hezhiqiang --name 何志强 --role school_admin --school 橘洲路中学
        A county's officer:
          tongke account add yuelu --name 岳麓区教育局 --role officer --region 430104""",
    )
)
@click.argument("username")
@click.option("--name", required=True, help=say("姓名", "The person's name"))
@click.option("--role", required=True, type=click.Choice([role.value for role in RoleName]))
@click.option("--school", help=say("学校全名或编号", "The school's full name or number"))
@click.option("--region", help=say("六位行政区划代码", "Six-digit code of the region"))
@password_options
@json_option
def add(
    username: str,
    name: str,
    role: str,
    school: str | None,
    region: str | None,
    ask: bool,
    password_stdin: bool,
    as_json: bool,
) -> None:
    password = _password(username_meant(username), ask=ask, stdin=password_stdin)
    hashed = passwords.hash_password(password)

    def make(session: Session) -> Account:
        place = _organisation(session, RoleName(role), school, region)
        return create_account(session, username, name, (place,), password_hash=hashed)

    made = on_ground(load_settings(), lambda ground: ground.database.write(make))
    _tell(made, password, shown=not (ask or password_stdin), as_json=as_json)


@account.command(
    help=say(
        """给账号设新密码，并结束它的所有登录和令牌。

        \b
        例：  tongke account password hezhiqiang
              tongke account password hezhiqiang --ask""",
        """Set a new password, and end every sign-in and API token of the account.

        \b
        Example:  tongke account password hezhiqiang
                  tongke account password hezhiqiang --ask""",
    )
)
@click.argument("username")
@password_options
@json_option
def password(username: str, ask: bool, password_stdin: bool, as_json: bool) -> None:
    chosen = _password(username_meant(username), ask=ask, stdin=password_stdin)
    hashed = passwords.hash_password(chosen)
    changed = on_ground(
        load_settings(),
        lambda ground: ground.database.write(_set_password, username_meant(username), hashed),
    )
    _tell(changed, chosen, shown=not (ask or password_stdin), as_json=as_json)


@account.command(
    "list",
    help=say(
        """列出账号：用户名、姓名、身份、所在学校或地区。

        \b
        例：  tongke account list
              tongke account list --json""",
        """List the accounts: user name, name, roles with their schools or regions.

        \b
        Example:  tongke account list
                  tongke account list --json""",
    ),
)
@json_option
def list_accounts(as_json: bool) -> None:
    listed = on_ground(load_settings(), lambda ground: ground.database.read(_all_accounts))
    if as_json:
        print_json({"accounts": [asdict(row) for row in listed]})
        return
    for row in listed:
        held = "、".join(f"{role.role} {role.of or ''}".strip() for role in row.roles)
        off = say("（已停用）", " (disabled)") if row.disabled else ""
        click.echo(f"{row.username}\t{row.name}\t{held}{off}")


@dataclass(frozen=True)
class ListedRole:
    """A role, and the name of the school or region it is held in."""

    role: str
    of: str | None


@dataclass(frozen=True)
class Listed:
    username: str
    name: str
    disabled: bool
    roles: list[ListedRole]


def _all_accounts(session: Session) -> list[Listed]:
    query = select(Account).options(selectinload(Account.roles)).order_by(Account.username)
    return [
        Listed(
            found.username,
            found.name,
            found.disabled_at is not None,
            [ListedRole(role.name, _place_of(session, role)) for role in found.roles],
        )
        for found in session.scalars(query)
    ]


def _place_of(session: Session, role: Role) -> str | None:
    if role.school_id is not None:
        return session.get_one(School, role.school_id).name
    return session.get_one(Region, role.region_code).name if role.region_code else None


def _organisation(
    session: Session, role: RoleName, school: str | None, region: str | None
) -> RoleWanted:
    """The organisation that was named; whether it fits the role is checked where it is given.

    Raises `UnknownOrganisation`.
    """
    if role in SCHOOL_ROLES and school is not None:
        return RoleWanted(role, school_id=school_named(session, school).id)
    if region is not None and session.get(Region, region) is None:
        raise UnknownOrganisation(name=region)
    return RoleWanted(role, region_code=region)


def school_named(session: Session, named: str) -> School:
    """A school by its full name or its number. Raises `UnknownOrganisation`."""
    found = session.scalar(select(School).where(School.name == named))
    if found is None and named.isascii() and named.isdigit():
        found = session.get(School, int(named))
    if found is None:
        raise UnknownOrganisation(name=named)
    return found


def _set_password(session: Session, username: str, hashed: str) -> Account:
    found = session.scalar(select(Account).where(Account.username == username))
    if found is None:
        raise UnknownAccount(username=username)
    found.password_hash = hashed
    slips.void(session, found.id)
    sign_in.end_everything(session, found.id)
    return found


def _password(username: str, *, ask: bool, stdin: bool) -> str:
    """The password that was typed or given, or a new one. Raises `Invalid` for a weak one."""
    if ask:
        chosen: str = click.prompt(
            say("密码", "Password"), hide_input=True, confirmation_prompt=True
        )
    elif stdin:
        chosen = sys.stdin.readline().rstrip("\r\n")
    else:
        return _made_up()
    weak = passwords.weakness(chosen, username)
    if weak is not None:
        raise Invalid({"password": weak})
    return chosen


def _made_up() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)


def _tell(found: Account, password: str, *, shown: bool, as_json: bool) -> None:
    if as_json:
        result = {"id": found.id, "username": found.username, "name": found.name}
        print_json({**result, "password": password} if shown else result)
        return
    click.echo(say(f"账号：{found.username}（{found.name}）", f"{found.username} ({found.name})"))
    if shown:
        click.echo(
            say(f"密码：{password}（只显示这一次）", f"Password: {password} (shown this once)")
        )
