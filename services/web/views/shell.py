"""What every page is given, and what forms and errors are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from services.http.language import Language
from tongke.errors import Text, TongkeError


@dataclass(frozen=True)
class Person:
    """Who is signed in, and which parts of the service are theirs."""

    name: str
    organisation: str
    may_upload: bool = False
    may_review: bool = False
    manages_people: bool = False
    sees_schools: bool = False
    patrols: bool = False
    # How many submissions wait for this person's decision.
    waiting: int = 0
    sees_classes: bool = False
    manages_rooms: bool = False
    # What was told and not read yet.
    notices: int = 0


@dataclass(frozen=True)
class Notice:
    """What has just been done, in the page's language; `undo_url` takes a POST."""

    text: str
    undo_url: str | None = None


@dataclass(frozen=True)
class Shell:
    """What every page needs around its own content."""

    language: Language
    csrf_token: str
    # This page's address with its query: where a change of language comes back to.
    path: str
    person: Person | None = None
    notice: Notice | None = None
    # Shown on an error page, and in the log.
    request_id: str = ""


@dataclass(frozen=True)
class View:
    """The root of every page's context."""

    template: ClassVar[str]
    # Which entry of the navigation is lit.
    section: ClassVar[str] = ""


@dataclass(frozen=True)
class Form:
    """What was typed, and what was wrong with it."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Text] = field(default_factory=dict)
    # What is wrong with the whole: a wrong password, too many attempts.
    failure: TongkeError | None = None


@dataclass(frozen=True)
class Choice:
    """One of several ways to see the same list."""

    value: str
    url: str
    selected: bool = False
    count: int | None = None


@dataclass(frozen=True)
class ErrorView(View):
    template = "error.html"
    error: TongkeError
    # Where to go instead: the sign-in page for who is not signed in.
    sign_in_url: str | None = None
