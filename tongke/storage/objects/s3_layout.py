"""Where things lie in the bucket: the one place that spells a name for S3.

    kept/<key>                        an object, under its own key: an operator finds a lesson
    types/<key>                       empty: this object's type is not the one its suffix tells
    growing/<key>~upload              an unfinished upload: the id of its multipart upload
    growing/<key>~tail-<from>-<to>    its bytes behind the last full part
    growing/<key>~whole               where its parts wait, when it is not known what it becomes

No key holds a `~`, so what belongs to `a` is never taken for what belongs to `a/b` or `ab`.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from tongke.storage.objects.tree import TYPE_OF_SUFFIX, UNKNOWN_TYPE

KEPT: Final = "kept/"
TYPES: Final = "types/"
GROWING: Final = "growing/"

_TAIL = re.compile(r".*~tail-(\d+)-(\d+)", re.ASCII)


class Tail(NamedTuple):
    """The bytes from `start` up to `end` of an upload, under a name that says so."""

    name: str
    start: int
    end: int


def kept(key: str) -> str:
    return KEPT + key


def odd_type(key: str) -> str:
    return TYPES + key


def growing(key: str) -> str:
    """What all names of one upload begin with."""
    return f"{GROWING}{key}~"


def record(key: str) -> str:
    return growing(key) + "upload"


def whole(key: str) -> str:
    return growing(key) + "whole"


def tail(key: str, start: int, end: int) -> Tail:
    return Tail(f"{growing(key)}tail-{start}-{end}", start, end)


def read_tail(name: str) -> Tail | None:
    """The tail that has this name, or None for any other name."""
    found = _TAIL.fullmatch(name)
    return Tail(name, int(found[1]), int(found[2])) if found else None


def key_of_growing(name: str) -> str:
    """`growing/up/1~upload` -> `up/1`."""
    return name.removeprefix(GROWING).partition("~")[0]


def type_by_suffix(key: str) -> str:
    return TYPE_OF_SUFFIX.get(PurePosixPath(key).suffix, UNKNOWN_TYPE)
