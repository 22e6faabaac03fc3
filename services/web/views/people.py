"""Accounts, schools, my account, and the page of the API."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from services.web.views.shell import Form, View


@dataclass(frozen=True)
class SignInView(View):
    template = "signin.html"
    form: Form = field(default_factory=Form)
    next: str = "/"


@dataclass(frozen=True)
class SlipView(View):
    """Setting a new password with the code of a slip. Fields: code, password, again."""

    template = "slip.html"
    form: Form = field(default_factory=Form)


@dataclass(frozen=True)
class AccountRow:
    id: int
    name: str
    username: str
    roles: tuple[str, ...]
    disabled: bool = False
    last_sign_in_at: datetime | None = None
    is_me: bool = False
    has_password: bool = True
    # False when it was disabled by who stands above this administrator.
    may_enable: bool = True


@dataclass(frozen=True)
class Slip:
    """A slip as it is shown, once."""

    name: str
    username: str
    code: str
    expires_at: datetime


@dataclass(frozen=True)
class PeopleView(View):
    """Fields of `form`: name, username, role. `roles` are those this administrator may give.

    `school_id` goes with every form of the page, so that one comes back to the same school;
    `drawn`, in milliseconds, with those that make a slip, so that a reload makes no second one."""

    template = "people.html"
    section = "people"
    school: str
    accounts: tuple[AccountRow, ...]
    total: int
    roles: tuple[str, ...]
    school_id: int | None = None
    query: str = ""
    form: Form = field(default_factory=Form)
    slip: Slip | None = None
    # Where a slip is used, as an address to be typed.
    slip_url: str = ""
    drawn: int = 0
    first_url: str | None = None
    next_url: str | None = None


@dataclass(frozen=True)
class SchoolRow:
    id: int
    name: str
    accounts: int
    resources: int
    resources_url: str
    partners: tuple[str, ...] = ()


@dataclass(frozen=True)
class RegionGroup:
    """A county with its schools; `line` are the regions above it, from the top."""

    code: str
    name: str
    level: str
    line: tuple[str, ...]
    schools: tuple[SchoolRow, ...]


@dataclass(frozen=True)
class SchoolsView(View):
    template = "schools.html"
    section = "schools"
    title: str
    regions: tuple[RegionGroup, ...]
    school_total: int
    query: str = ""


@dataclass(frozen=True)
class SessionRow:
    id: int
    device: str
    address: str
    created_at: datetime
    current: bool = False


@dataclass(frozen=True)
class TokenRow:
    id: int
    name: str
    hint: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class SettingsView(View):
    """Fields of `password`: current, new, again; of `token`: name. `secret` is shown once."""

    template = "settings.html"
    section = "settings"
    name: str
    username: str
    roles: tuple[str, ...]
    # A classroom's device: its school sets its password, and no program uses it.
    is_room: bool
    sessions: tuple[SessionRow, ...]
    tokens: tuple[TokenRow, ...]
    password: Form = field(default_factory=Form)
    token: Form = field(default_factory=Form)
    secret: str | None = None
