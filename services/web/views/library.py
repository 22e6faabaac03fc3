"""Resources as they are found, watched and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from markupsafe import Markup

from search.index import Run
from services.web.views.marks import LessonMarks
from services.web.views.shell import Choice, View
from tongke.library.failures import Failure
from tongke.library.vocabulary import DownloadKind


@dataclass(frozen=True)
class Card:
    """A resource as lists show it."""

    id: int
    kind: str
    title: str
    medium: str | None
    school: str
    author: str
    when: datetime
    size_bytes: int
    duration_s: float | None = None
    pages: int | None = None
    poster: str | None = None
    # The same in several widths, as `srcset` says them; None where there is one only.
    poster_set: str | None = None
    storyboard: str | None = None
    views: int = 0
    # Where this viewer stopped; 0 if never.
    position_s: float = 0

    @property
    def url(self) -> str:
        return f"/resources/{self.id}"


@dataclass(frozen=True)
class Progress:
    """How far the work on a resource is. `step` and `percent` are of the running step."""

    state: str
    step: str | None = None
    percent: float = 0
    eta_s: float | None = None
    failure: Failure | None = None
    # Set when the failed work may be tried again: the job to retry.
    retry_job_id: int | None = None


@dataclass(frozen=True)
class Review:
    """What an officer said, or will have to say. `again`: of changes to what is out already."""

    state: Literal["waiting", "approved", "returned"]
    # What was asked for and who decides: 「龙山县全县」, 「龙山县教育局」.
    audience: str
    reviewer: str
    comment: str = ""
    again: bool = False


@dataclass(frozen=True)
class Resource:
    """A resource as its own page shows it."""

    id: int
    kind: str
    title: str
    school: str
    author: str
    medium: str | None
    filename: str
    size_bytes: int
    created_at: datetime
    published_at: datetime | None = None
    summary: str = ""
    stage: str = ""
    grade: str = ""
    subject: str = ""
    edition: str = ""
    unit: str = ""
    lesson: str = ""
    duration_s: float | None = None
    poster: str | None = None
    views: int = 0
    # Whom it is published to; None where that is not this viewer's business.
    audience: tuple[str, ...] | None = None
    reviews: tuple[Review, ...] = ()
    may_edit: bool = False
    may_delete: bool = False


@dataclass(frozen=True)
class Download:
    """A file that can be taken along."""

    name: str
    url: str
    size_bytes: int
    kind: DownloadKind


@dataclass(frozen=True)
class Chip:
    """Something recognised in the query; `remove_url` takes its spelling word for word instead."""

    facet: str
    value: str
    remove_url: str


@dataclass(frozen=True)
class FacetOption:
    """`label` is a value of the closed lists, or the text itself where the list is open."""

    value: str
    label: str
    count: int
    selected: bool = False
    paired: bool = False


@dataclass(frozen=True)
class Facet:
    name: str
    options: tuple[FacetOption, ...]


@dataclass(frozen=True)
class Hit:
    """A found resource, with what was searched for marked."""

    card: Card
    title: tuple[Run, ...]
    snippet: tuple[Run, ...] = ()


@dataclass(frozen=True)
class LibraryView(View):
    """`hidden` are parameters the form must carry on (sort). `total` counts this list,
    `visible_total` everything this viewer may see."""

    template = "library.html"
    section = "library"
    query: str
    visible_total: int
    total: int
    hits: tuple[Hit, ...]
    facets: tuple[Facet, ...]
    sorts: tuple[Choice, ...]
    chips: tuple[Chip, ...] = ()
    words: tuple[str, ...] = ()
    # Searches the words as typed, with nothing recognised; None where that changes nothing.
    literal_url: str | None = None
    relaxed: tuple[Hit, ...] = ()
    # They sound like what was typed; otherwise they have some of the words.
    by_sound: bool = False
    first_url: str | None = None
    next_url: str | None = None
    hidden: Mapping[str, str] = field(default_factory=dict)
    # The index is away: `hits` are the newest, whatever was asked for, and there are no sorts.
    search_away: bool = False


@dataclass(frozen=True)
class LessonView(View):
    """`progress` is set while the ladder is not ready. `hls` is None for sound only."""

    template = "resource_lesson.html"
    section = "library"
    resource: Resource
    downloads: tuple[Download, ...]
    progress: Progress | None = None
    hls: str | None = None
    # A file that a browser without script can play.
    plain_source: str | None = None
    related: tuple[Card, ...] = ()
    # Of a recorded class.
    marks: LessonMarks = field(default_factory=LessonMarks)


@dataclass(frozen=True)
class Heading:
    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Box:
    """A rectangle on a page image, in its pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """A line of a page's text layer."""

    text: str
    box: Box


@dataclass(frozen=True)
class PageImage:
    """One page as a picture; `marks` are where the searched words stand."""

    number: int
    width: int
    height: int
    small: str
    large: str
    lines: tuple[Line, ...] = ()
    marks: tuple[Box, ...] = ()


@dataclass(frozen=True)
class Found:
    """A part of a document where the searched words stand, and in how many places of it."""

    runs: tuple[Run, ...]
    anchor: str
    page: int | None = None
    places: int = 1


@dataclass(frozen=True)
class DocumentView(View):
    """Either `html` (cleaned by tongke.documents: the one markup a template trusts) or `pages`."""

    template = "resource_document.html"
    section = "library"
    resource: Resource
    downloads: tuple[Download, ...]
    outline: tuple[Heading, ...] = ()
    html: Markup | None = None
    pages: tuple[PageImage, ...] = ()
    query: str = ""
    found: tuple[Found, ...] = ()
    # What was left out or is doubtful: values of tongke.documents.result.Caveat.
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True)
class PendingView(View):
    """A resource that cannot be seen yet, for its author."""

    template = "resource_pending.html"
    section = "mine"
    resource: Resource
    progress: Progress
