"""The ends of names that nobody can guess, where a test has to know them."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count

SUFFIX = re.compile(r"-[0-9a-f]{8}(?=\.m4s)")


def counted(first: int = 0) -> Callable[[], str]:
    """Each another one, in order."""
    return map("{:08x}".format, count(first)).__next__


def without(text: str) -> str:
    """Names as they are but for that: each rendition has its own."""
    return SUFFIX.sub("", text)
