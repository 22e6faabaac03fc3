"""Every error that a program may be told of, by its code: for who writes one.

They are looked up and not listed, so that none is forgotten. What only the command line says is no
part of it. A file that cannot be published is told of as the `failure` of its resource.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final, TypedDict

from tongke.documents import errors as of_documents
from tongke.errors import TongkeError
from tongke.media import errors as of_media
from tongke.storage import retrying as of_the_database
from tongke.storage.objects import errors as of_objects

_TOLD_BY: Final = (
    "services.", "search.", "tongke.errors", "tongke.people.", "tongke.library.", "tongke.classes.",
    "tongke.observation.",
    *(module.__name__ for module in (of_documents, of_media, of_objects, of_the_database)),
)  # fmt: skip


class Words(TypedDict):
    zh: str
    en: str


class ProblemCode(TypedDict):
    """`{names}` in the words are filled in."""

    code: str
    status: int
    title: Words
    detail: Words


@cache
def problem_codes() -> list[ProblemCode]:
    """All of them, in the order of their codes."""
    told = (kind for kind in _kinds(TongkeError) if kind.__module__.startswith(_TOLD_BY))
    found = {kind.code: kind for kind in told}
    return [
        ProblemCode(
            code=code,
            status=kind.status,
            title=Words(zh=kind.message.zh, en=kind.message.en),
            detail=Words(zh=kind.remedy.zh, en=kind.remedy.en),
        )
        for code, kind in sorted(found.items())
    ]


def _kinds(root: type[TongkeError]) -> Iterator[type[TongkeError]]:
    """An error and those below it. Of two with one code the last is taken: the upper one."""
    below = sorted(root.__subclasses__(), key=lambda kind: kind.__module__, reverse=True)
    for kind in below:
        yield from _kinds(kind)
    yield root
