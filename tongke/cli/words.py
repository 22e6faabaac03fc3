"""The language of the terminal: Chinese where the locale says so, English otherwise.

What the commands print is written in both languages where it is printed, like the errors of
`tongke.errors`; the gettext catalogues belong to the pages.
"""

from __future__ import annotations

import os

from tongke.errors import Text

# POSIX: the first of these that is set decides the language of messages.
LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def chinese() -> bool:
    """Whether the person at this terminal reads Chinese."""
    chosen = (os.environ.get(name) for name in LOCALE_VARIABLES)
    return next((value for value in chosen if value), "").lower().startswith("zh")


def say(zh: str, en: str) -> str:
    return zh if chinese() else en


def in_words(text: Text) -> str:
    return say(text.zh, text.en)
