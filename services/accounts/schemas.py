"""People as the API gives and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from services.http.api import Body
from services.http.language import Language
from services.http.paging import Number, PageQuery
from tongke.people import authority
from tongke.people.accounts import NAME_MAX, RoleWanted
from tongke.people.audience import Level, RoleName, Viewer
from tongke.people.models import Account, ApiToken, LoginSession, PasswordSlip, Region, Role, School
from tongke.people.queries import home_school
from tongke.people.sign_in import API_TOKEN_DAYS

# Longer than any that is taken, so that what is wrong with it is said by the policy.
Password = Annotated[str, Field(max_length=1000)]
Typed = Annotated[str, Field(max_length=200)]
Name = Annotated[str, Field(min_length=1, max_length=NAME_MAX)]
RegionCode = Annotated[str, Field(pattern=r"^\d{6}$")]


class SignIn(Body):
    username: Typed
    password: Password


class SlipUse(Body):
    """The code of a slip, typed in any case and spacing, and the password to set."""

    code: Typed
    password: Password


class PasswordChange(Body):
    current: Password
    new: Password


class RegionOut(BaseModel):
    """`code` is that of GB/T 2260, `parent` the code of the region above."""

    code: str
    name: str
    level: Level
    parent: str | None


class SchoolOut(BaseModel):
    id: int
    name: str
    region: RegionOut


class Named(BaseModel):
    id: int
    name: str


class RoleOut(BaseModel):
    """A role and where it is held: in a school, a region, or nowhere (an operator)."""

    name: RoleName
    school_id: int | None
    region_code: str | None


class RoleIn(Body):
    """A role to hold: a school's with `school_id`, an officer's with `region_code`."""

    name: RoleName
    school_id: Number | None = None
    region_code: RegionCode | None = None

    @property
    def wanted(self) -> RoleWanted:
        return RoleWanted(self.name, self.school_id, self.region_code)


class Powers(BaseModel):
    upload: bool
    review: bool
    people: bool


class Me(BaseModel):
    """Who I am. `audience` are the tokens I hold (see the guide), `school` the first of mine."""

    id: int
    username: str
    name: str
    language: Language | None
    roles: list[RoleOut]
    school: Named | None
    may: Powers
    audience: list[str]


class SignedIn(BaseModel):
    """`csrf_token` goes into the header X-CSRF-Token of whatever changes something."""

    me: Me
    csrf_token: str


class MeChanges(Body):
    name: Name | None = None
    language: Language | None = None


class SessionOut(BaseModel):
    """A sign-in of mine; `current` is the one this request came by."""

    id: int
    device: str
    address: str
    created_at: datetime
    expires_at: datetime
    current: bool


class Sessions(BaseModel):
    items: list[SessionOut]


class TokenIn(Body):
    """What it is for, and for how many days it holds."""

    name: Typed
    days: int = API_TOKEN_DAYS


class TokenOut(BaseModel):
    """`hint` is the end of the token, to tell one from another."""

    id: int
    name: str
    hint: str
    created_at: datetime
    expires_at: datetime


class NewToken(TokenOut):
    """`token` is shown here and never again."""

    token: str


class Tokens(BaseModel):
    items: list[TokenOut]


class AccountOut(BaseModel):
    id: int
    username: str
    name: str
    roles: list[RoleOut]
    disabled: bool
    created_at: datetime


class AccountIn(Body):
    username: Typed
    name: Name
    role: RoleIn


class AccountChanges(Body):
    """`roles` are all the roles it shall hold."""

    name: Name | None = None
    disabled: bool | None = None
    roles: Annotated[list[RoleIn], Field(max_length=20)] | None = None


class SlipOut(BaseModel):
    """`code` is shown here and never again."""

    code: str
    expires_at: datetime


class NewAccount(BaseModel):
    """An account just made, and the slip its owner sets the first password with."""

    account: AccountOut
    slip: SlipOut


class RegionQuery(PageQuery):
    parent: RegionCode | None = None
    level: Level | None = None
    q: Typed = ""


class SchoolQuery(PageQuery):
    """`region` takes the schools of the regions below it as well."""

    region: RegionCode | None = None
    q: Typed = ""


class AccountQuery(PageQuery):
    school_id: Number | None = None
    role: RoleName | None = None
    q: Typed = ""


def region_out(row: Region) -> RegionOut:
    return RegionOut(code=row.code, name=row.name, level=Level(row.level), parent=row.parent_code)


def school_out(row: School) -> SchoolOut:
    return SchoolOut(id=row.id, name=row.name, region=region_out(row.region))


def role_out(row: Role) -> RoleOut:
    return RoleOut(name=RoleName(row.name), school_id=row.school_id, region_code=row.region_code)


def account_out(row: Account) -> AccountOut:
    return AccountOut(
        id=row.id,
        username=row.username,
        name=row.name,
        roles=[role_out(role) for role in row.roles],
        disabled=row.disabled_at is not None,
        created_at=row.created_at,
    )


def me_out(session: Session, viewer: Viewer) -> Me:
    account = session.get_one(Account, viewer.account_id)
    school = home_school(session, viewer)
    return Me(
        id=account.id,
        username=account.username,
        name=account.name,
        language=_language(account.language),
        roles=[role_out(role) for role in account.roles],
        school=Named(id=school.id, name=school.name) if school else None,
        may=Powers(
            upload=viewer.may_upload,
            review=bool(viewer.reviews),
            people=authority.may_see_accounts(viewer),
        ),
        audience=sorted(viewer.tokens),
    )


def session_out(row: LoginSession, device: str, current: int | None) -> SessionOut:
    return SessionOut(
        id=row.id,
        device=device,
        address=row.address,
        created_at=row.created_at,
        expires_at=row.expires_at,
        current=row.id == current,
    )


def token_out(row: ApiToken) -> TokenOut:
    return TokenOut(
        id=row.id,
        name=row.name,
        hint=row.hint,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def slip_out(issued: tuple[PasswordSlip, str]) -> SlipOut:
    slip, code = issued
    return SlipOut(code=code, expires_at=slip.expires_at)


def _language(kept: str | None) -> Language | None:
    return "zh" if kept == "zh" else "en" if kept == "en" else None
