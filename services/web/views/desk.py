"""A person's own desk: home, uploading, my work, the officer's queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from services.web.views.lessons import Asked, InReach, NoticeRow, Today
from services.web.views.library import Card, Progress, Resource, Review
from services.web.views.shell import Choice, Form, View


@dataclass(frozen=True)
class AudienceChoice:
    """A token that this author may publish to. `reviewer` decides it, if somebody must."""

    token: str
    label: str
    reviewer: str | None = None


@dataclass(frozen=True)
class Day:
    """What came on one day."""

    day: date
    count: int
    first_title: str = ""


@dataclass(frozen=True)
class Task:
    """Something that waits for this person. `title` is the resource's or file's name; of classes
    that wait for an answer the first one's, which is `asked`; of forms of lessons (`reply`) the
    newest one's lesson, and `note` is who wrote that."""

    kind: Literal["failed", "returned", "unfinished", "review", "confirm", "reply"]
    title: str
    url: str
    note: str = ""
    count: int = 1
    asked: Asked | None = None


@dataclass(frozen=True)
class HomeView(View):
    """`days` are the last seven, today last. `tasks` are the first of `task_total`. `received` are
    the newest of the partners, or of all where there is none."""

    template = "home.html"
    section = "home"
    today: datetime
    days: tuple[Day, ...]
    newest: Card | None
    watching: tuple[Card, ...]
    # The partner's name, where there is just one.
    partner: str | None
    has_partners: bool
    received: tuple[Card, ...]
    received_total: int
    received_url: str
    tasks: tuple[Task, ...]
    task_total: int
    # None on a day without classes: the band then shows what is new.
    lessons: Today | None = None
    notices: tuple[NoticeRow, ...] = ()
    # None where there is nothing to look at, or it is not for this person.
    in_reach: InReach | None = None


@dataclass(frozen=True)
class EditView(View):
    """Fields: title, summary, kind, stage, grade, subject, edition, unit, lesson, and audience
    (tokens parted by spaces; the form posts one `audience` for each). `reviewed`: an officer let
    it out, so that other words of it go to review again. What was returned stands in
    `resource.reviews`, its audience ticked: saved, it is submitted again."""

    template = "resource_edit.html"
    section = "mine"
    resource: Resource
    form: Form
    audiences: tuple[AudienceChoice, ...]
    reviewed: bool = False


@dataclass(frozen=True)
class UploadView(View):
    """`config` is handed to the script as it is; the form serves where no script runs."""

    template = "upload.html"
    section = "upload"
    config: Mapping[str, Any]
    audiences: tuple[AudienceChoice, ...]
    max_bytes: int
    form: Form = field(default_factory=Form)


@dataclass(frozen=True)
class Work:
    """A row of my work."""

    card: Card
    progress: Progress
    audience: tuple[str, ...]
    reviews: tuple[Review, ...] = ()


@dataclass(frozen=True)
class MineView(View):
    """`tabs` have values all, working, failed, waiting, returned, published."""

    template = "mine.html"
    section = "mine"
    tabs: tuple[Choice, ...]
    works: tuple[Work, ...]
    # Files that were begun and not finished; the upload page goes on with them.
    unfinished: int = 0
    first_url: str | None = None
    next_url: str | None = None


@dataclass(frozen=True)
class Submission:
    """Something in an officer's queue; `form` keeps a comment that was not taken. `updated_at` is
    sent with the decision: it is on what was read.

    `again`: it was let out before, can be seen meanwhile, and has other words now."""

    id: int
    card: Card
    audience: str
    region: str
    asked_at: datetime
    updated_at: datetime
    summary: str = ""
    again: bool = False
    form: Form = field(default_factory=Form)


@dataclass(frozen=True)
class ReviewView(View):
    template = "review.html"
    section = "review"
    submissions: tuple[Submission, ...]
    total: int
    first_url: str | None = None
    next_url: str | None = None
