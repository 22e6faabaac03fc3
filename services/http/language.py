"""The language of an answer: which of the two, and what an error says in it.

The interface's own strings are the pages' (`services.web.i18n`).
"""

from __future__ import annotations

from typing import Literal, get_args

from tongke.errors import Text

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT_LANGUAGE: Language = "zh"


def choose_language(
    account: str | None = None, cookie: str | None = None, accept_language: str = ""
) -> Language:
    """The language to answer in: the account's choice, else the browser's cookie, else what
    the browser prefers (`Accept-Language`, RFC 9110 section 12.5.4), else Chinese."""
    for wanted in (account, cookie, *_preferred(accept_language)):
        for language in LANGUAGES:
            if wanted == language:
                return language
    return DEFAULT_LANGUAGE


def say(text: Text, language: Language) -> str:
    """A text that carries both languages (errors), in one of them."""
    return text.zh if language == "zh" else text.en


def _preferred(accept_language: str) -> list[str]:
    """Primary subtags of `Accept-Language`, best first; what cannot be read is left out."""
    weighted: list[tuple[float, str]] = []
    for part in accept_language.lower().split(","):
        tag, _, weight = part.partition(";")
        quality = _quality(weight)
        if tag.strip() and quality > 0:
            weighted.append((quality, tag.strip().split("-")[0]))
    return [tag for _, tag in sorted(weighted, key=lambda item: -item[0])]


def _quality(weight: str) -> float:
    if not weight.strip():
        return 1.0
    name, _, value = weight.partition("=")
    try:
        return float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
