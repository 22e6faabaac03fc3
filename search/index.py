"""The port of search: one meaning, whichever engine answers.

An engine holds what the library sends it and answers for a viewer, who is a set of audience
tokens. A document is visible when its tokens meet the viewer's, and an engine applies that inside
the query: what is not visible takes part in no hit, count, facet, suggestion, snippet or score.

The truth is the database. An index may be thrown away: the caller compares `versions()` with the
database and sends what differs, or calls `rebuild`.

**What an adapter may leave out.** The labelled second list (`Page.relaxed` may always be None),
matches by sound in `suggest`, and ranking past the first 100 of a set (any stable order will do).
**What it may not**: the audience; the set of hits, the total and the facet counts as `search.text`
and `search.query` define them; the rule of versions; cursors that neither repeat nor lose a
document when others come in between; answering while `rebuild` runs.

All operations are asynchronous and safe to call at once, and raise `IndexUnavailable` when the
engine does not answer. `tests/conformance/search_index.py` puts
an adapter through all of this.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NamedTuple, Protocol

from search.query import Chip, Query, Vocabulary
from tongke.errors import Conflict, Invalid, Text, Unavailable

FACETS = ("kind", "stage", "grade", "subject", "edition", "unit", "school", "agreement", "year")

# Fewer hits than this, and a second list may follow: what a page shows without scrolling.
FEW_HITS = 5

MOST_HITS_PER_PAGE = 100

# More than anybody reads in a column of them; a province has thousands of schools and units.
MOST_FACET_VALUES = 50


@dataclass(frozen=True, slots=True)
class Document:
    """A resource as the index knows it.

    `version` grows with every change of the resource, its deletion included. `facets` has values
    for names of `FACETS`; what a resource does not have is left out. `published_at` orders
    「最新」, and `created_at` where it was not published yet. Both carry a time zone.
    """

    id: int
    version: int
    audience: frozenset[str]
    title: str
    text: str
    author: str
    school: str
    created_at: datetime
    published_at: datetime | None = None
    views: int = 0
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Run(NamedTuple):
    """A piece of a text, and whether it is marked. Plain text: whoever shows it escapes it."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """`score` is 0.0 unless the page is sorted by relevance."""

    id: int
    score: float
    title: tuple[Run, ...]
    snippet: tuple[Run, ...]


class Relaxation(StrEnum):
    """Why the second list has what it has."""

    SOME_WORDS = "some-words"  # most of what was asked for
    PINYIN = "pinyin"  # the letters are the reading or the initials of the title
    HOMOPHONES = "homophones"  # the title sounds like what was typed


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The second list of a query that found few. It holds none of the first."""

    reason: Relaxation
    hits: tuple[Hit, ...]


class Sort(StrEnum):
    RELEVANCE = "relevance"  # a query without words is sorted by NEWEST instead
    NEWEST = "newest"
    VIEWS = "views"
    TITLE = "title"  # by its reading, as a dictionary


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer.

    `visible` counts all that the viewer may see, whatever was asked for.
    `facets` has each facet of `FACETS` with its values and their counts, largest first: how many
    visible documents of the query have the value, under the filters of all *other* facets. Of the
    values that nobody filtered by there are the `MOST_FACET_VALUES` most frequent.
    `cursor` is None on the last page.
    """

    hits: tuple[Hit, ...]
    total: int
    visible: int
    facets: Mapping[str, Mapping[str, int]]
    chips: tuple[Chip, ...]
    relaxed: Relaxed | None
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A visible title, or a value of a facet that a visible document has (`facet`, `value`)."""

    text: str
    runs: tuple[Run, ...]
    facet: str | None = None
    value: str | None = None


class BadCursor(Invalid):
    code: ClassVar[str] = "bad-cursor"
    message = Text("翻页标记无效", "This page marker is not valid")
    remedy = Text("请从第一页重新翻起", "Start again from the first page")


class IndexUnavailable(Unavailable):
    code: ClassVar[str] = "index-unavailable"
    message = Text("搜索暂时用不了", "Search is not available at the moment")
    remedy = Text("请稍后再试，资源本身不受影响", "Try again shortly; the resources are safe")


class IndexRefuses(IndexUnavailable):
    """The password or the key is wrong, or may not do this."""

    code: ClassVar[str] = "index-refused"
    message = Text("搜索服务器拒绝访问（{status}）", "The search server refuses us ({status})")
    remedy = Text(
        "401 是密码或密钥不对，请核对 TONGKE_ELASTICSEARCH_URL 和 TONGKE_ELASTICSEARCH_API_KEY；"
        "403 是权限不够，要哪些权限见 docs/operating.md",
        "401: the password or key is wrong, see TONGKE_ELASTICSEARCH_URL and"
        " TONGKE_ELASTICSEARCH_API_KEY; 403: it may not do this, see docs/operating.md",
    )


class IndexTooNew(IndexUnavailable):
    """A later version of ours made the index: not ours to throw away."""

    code: ClassVar[str] = "index-too-new"
    message = Text("索引 {name} 是更新版本建的", "A later version has made the index {name}")
    remedy = Text(
        "请用那个版本；要退回这一版，就用这一版运行 tongke reindex",
        "Run that version; to go back to this one, run tongke reindex with it",
    )


class RebuildTakenOver(Conflict):
    code: ClassVar[str] = "rebuild-taken-over"
    message = Text("另一次索引重建已经接手", "Another rebuild of the index has taken over")
    remedy = Text("不必处理，等那一次完成即可", "Nothing to do: let the other one finish")


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """What `tongke doctor` says: the engine with its version, whether all of it works, whether it
    takes changes, the rights that we lack there, and since when it is being built anew, if it is:
    a rebuild that was killed stays so until the next one."""

    engine: str
    whole: bool = True
    writable: bool = True
    lacking: tuple[str, ...] = ()
    building_since: datetime | None = None


class SearchIndex(Protocol):
    async def upsert(self, documents: Iterable[Document]) -> None:
        """Put documents in or replace them; durable and searchable on return.

        One that is older than what the index has seen of its id is passed over, and so is one
        of the same version as its deletion. Doing it again changes nothing.
        """

    async def delete(self, versions: Mapping[int, int]) -> None:
        """Remove documents: id -> version of the deletion. What is newer stays.

        The index remembers it, so that a change that was overtaken on its way brings nothing back.
        """

    async def search(
        self,
        query: Query,
        tokens: Collection[str],
        *,
        filters: Mapping[str, Collection[str]] | None = None,
        counted: Mapping[str, Collection[str]] | None = None,
        sort: Sort = Sort.RELEVANCE,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Page:
        """What a viewer with these tokens finds.

        `filters` joins those in the query: values within a facet are alternatives, facets must
        all be met. A query without words finds everything visible. Of a facet that `counted` names
        only those values are counted. `limit` is cut to `MOST_HITS_PER_PAGE`. A cursor belongs to
        its query, filters and sort.

        Raises `BadCursor`.
        """

    async def suggest(
        self,
        prefix: str,
        tokens: Collection[str],
        *,
        limit: int = 8,
        vocabulary: Vocabulary | None = None,
    ) -> tuple[Suggestion, ...]:
        """Completions of what is being typed, for a viewer with these tokens.

        Values of facets come by the spellings of `vocabulary`, or as they are; then titles that
        start with the prefix, titles that contain it, and titles whose pinyin does.
        """

    def versions(self) -> AsyncIterator[tuple[int, int]]:
        """The id and version of every document, by id, for comparing with the database."""

    async def rebuild(self, documents: AsyncIterable[Document]) -> None:
        """Build a new index beside the old one from all documents there are, then swap.

        The old one answers until the swap, and changes that come meanwhile are in both. What
        `documents` does not have is gone afterwards, unless it came meanwhile.

        Raises `RebuildTakenOver` when another rebuild was started after this one.
        """

    async def health(self) -> IndexHealth:
        """How the engine is. Raises `IndexUnavailable`."""

    async def close(self) -> None:
        """Finish what runs and let go of every connection."""
