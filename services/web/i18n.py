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

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from services.http.language import DEFAULT_LANGUAGE, Language

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
