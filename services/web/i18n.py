"""Both languages of the interface.

Strings are written in Chinese where they are used; English lies in a gettext catalogue. It is
read from its `.po` when the service starts, so that no compiled file has to be built, shipped or
forgotten. Chinese needs no catalogue: the source is the text.
"""

from __future__ import annotations

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal, get_args

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tongke.errors import Text

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT_LANGUAGE: Language = "zh"
# What a browser is told, and what web/shared reads from <html lang>.
HTML_LANG: dict[Language, str] = {"zh": "zh-CN", "en": "en"}

CATALOGUE = Path(__file__).parent / "locales" / "{language}" / "LC_MESSAGES" / "messages.po"


@cache
def translations(language: Language) -> gettext.NullTranslations:
    """The catalogue of a language; for Chinese one that gives each string back."""
    if language == DEFAULT_LANGUAGE:
        return gettext.NullTranslations()
    path = Path(str(CATALOGUE).format(language=language))
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


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
