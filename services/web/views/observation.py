"""The observation of lessons: forms, and what they say together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from services.web.views.marks import TimedNote
from services.web.views.shell import Form, View
from tongke.observation.sums import Sums


@dataclass(frozen=True)
class ClassNamed:
    """A class as the pages about it are headed."""

    id: int
    title: str
    teacher: str
    school: str
    begins_at: datetime
    ends_at: datetime
    resource_id: int | None = None


@dataclass(frozen=True)
class RubricItem:
    name: str
    help: str
    star: int = 0


@dataclass(frozen=True)
class FormShown:
    """A form that was sent, as it is read. `rubric`: its name, where somebody gave it one."""

    id: int
    author: str
    organisation: str
    sent_at: datetime | None
    items: tuple[RubricItem, ...]
    strengths: str
    advice: str
    reply: str
    replied_at: datetime | None
    mean: float | None
    live: ClassNamed
    is_draft: bool = False
    rubric: str = ""


@dataclass(frozen=True)
class NotesOnly:
    """A lesson of which there are notes and no form."""

    live: ClassNamed
    notes: int


@dataclass(frozen=True)
class ObserveView(View):
    """`sent_at` is set once it is sent: then it is only read. `is_over`: the seconds of `notes` are
    those of the recording, which `live.resource_id` names for who may watch it. The form posts
    `version`, by which a change in another window is known, and the name of each item; `kept` is
    what was kept there, where it is not what was typed here. `rubric` as of `FormShown`."""

    template = "observe.html"
    section = "observations"
    live: ClassNamed
    items: tuple[RubricItem, ...]
    notes: tuple[TimedNote, ...]
    form: Form
    may_send: bool
    kept_at: datetime | None = None
    sent_at: datetime | None = None
    form_id: int | None = None
    is_over: bool = False
    version: str = ""
    kept: FormShown | None = None
    rubric: str = ""


@dataclass(frozen=True)
class FormView(View):
    """One form; `may_reply` is for the teacher, once."""

    template = "observation.html"
    section = "observations"
    shown: FormShown
    may_reply: bool
    form: Form = field(default_factory=Form)


@dataclass(frozen=True)
class ObservationsView(View):
    """`has_written`: forms of classes too that she sees no more."""

    template = "observations.html"
    section = "observations"
    written: tuple[FormShown | NotesOnly, ...]
    received: tuple[FormShown | NotesOnly, ...]
    sums: Sums
    may_set_rubric: bool
    has_written: bool = False


@dataclass(frozen=True)
class RubricView(View):
    """`own` is whether the place has set one; else `form` shows what is in force there."""

    template = "rubric.html"
    section = "observations"
    place: str
    own: bool
    form: Form
