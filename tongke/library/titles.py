"""A title from the name of a file, for who sent it without one.

The upload page suggests more than this (web/upload/suggest.ts), which knows the fields beside it;
both read a title off a name by the same rules.
"""

from __future__ import annotations

import re

# What a program put there for itself: an ending has a letter, which the 3 of 「5.3」 is not.
_ENDING = re.compile(r"\.(?=[a-z0-9]*[a-z])[a-z0-9]{1,5}$", re.IGNORECASE)
# A second download or a copy in the same folder. 「有理数的加法(2)」, without a space, is the
# second of two lessons.
_COPY = re.compile(r"(?:\s+\(\d{1,2}\)|\s*-\s*(?:副本|copy))$", re.IGNORECASE)
# The order in a folder: 「01 」, 「02-」, 「3、」, 「4.」. The number of a section (5.3) belongs
# to the title, and so do 「2026 年」 and 「3 的倍数」.
_ORDER = re.compile(r"^(?:0\d{1,2}(?:[\s\-—、.．]+)(?!\d)|\d{1,2}[、．]\s*|\d{1,2}\.\s*(?![\d\s]))")


def title_of(filename: str) -> str:
    """The title that a file's name says; empty for a name that says nothing."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1].strip()
    bare = _ENDING.sub("", name)
    # 「课件.pptx.pdf」 was exported from another.
    tidy = " ".join(part for part in re.split(r"[_\t\n ]+", _ENDING.sub("", bare)) if part)
    tidy = _COPY.sub("", tidy).strip(" .")
    return _ORDER.sub("", tidy).strip() or tidy or bare.strip(" .") or name
