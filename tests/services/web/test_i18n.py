"""Both languages are whole, and the right one is chosen."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from services.http.language import LANGUAGES, choose_language
from services.web.i18n import CATALOGUE, translations

ROOT = Path(__file__).parents[3]
Message = str | tuple[str, ...]


def used() -> Iterator[tuple[str, Message]]:
    """(file, message) of every string of the interface, as `make messages` finds them."""
    with (ROOT / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    for found in extract_from_dir(str(ROOT), methods, options, directory_filter=_in_services):
        yield found[0], found[2]


def _in_services(folder: str | os.PathLike[str]) -> bool:
    """Every mapping begins there, and the rest of a checkout holds a hundred thousand files."""
    parts = Path(folder).relative_to(ROOT).parts
    return parts[:1] in {(), ("services",)}


def english() -> dict[str, object]:
    with Path(str(CATALOGUE).format(language="en")).open("rb") as source:
        catalogue = read_po(source, locale="en", abort_invalid=True)
    return {_key(message.id): message.string for message in catalogue if message.id}


def _key(message: Message) -> str:
    return message if isinstance(message, str) else message[0]


def test_every_string_of_the_interface_has_its_english() -> None:
    known = english()
    strings = list(used())
    assert len(strings) > 300
    missing = sorted(
        f"{file}: {_key(message)}"
        for file, message in strings
        if not _whole(known.get(_key(message)))
    )
    assert missing == []


def _whole(translation: object) -> bool:
    parts = translation if isinstance(translation, tuple) else (translation,)
    return all(isinstance(part, str) and part for part in parts)


TEMPLATES = sorted((ROOT / "services").rglob("templates/**/*.html"))
# A comment, or a string that goes through gettext.
SAID = re.compile(r"\{#.*?#\}|\b(?:_|ngettext)\((?:'[^']*'(?:,\s*)?){1,2}", re.S)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_says_nothing_past_the_catalogue(template: Path) -> None:
    # Each language is named in itself.
    rest = SAID.sub("", template.read_text("utf-8")).replace("中文", "")
    assert re.findall(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+", rest) == []


def test_the_catalogue_holds_nothing_that_no_page_says() -> None:
    assert sorted(set(english()) - {_key(message) for _, message in used()}) == []


def test_a_translation_fills_in_what_its_source_does() -> None:
    for source, translation in english().items():
        for part in translation if isinstance(translation, tuple) else (str(translation),):
            assert _names(part) == _names(source), source


def _names(message: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", message))


def test_chinese_gives_each_string_back() -> None:
    assert translations("zh").gettext("资源库") == "资源库"
    assert translations("en").gettext("资源库") == "Library"
    assert translations("en").ngettext("%(num)s 页", "%(num)s 页", 1) == "%(num)s page"


@pytest.mark.parametrize(
    ("account", "cookie", "accept", "expected"),
    [
        (None, None, "", "zh"),
        ("en", "zh", "zh-CN", "en"),
        (None, "en", "zh-CN,zh;q=0.9", "en"),
        (None, None, "en-GB,en;q=0.9", "en"),
        (None, None, "fr, en;q=0.3, zh-Hans;q=0.8", "zh"),
        (None, None, "zh;q=0, en;q=0.1", "en"),
        (None, "klingon", "de", "zh"),
    ],
)
def test_the_account_chooses_then_the_cookie_then_the_browser(
    account: str | None, cookie: str | None, accept: str, expected: str
) -> None:
    assert choose_language(account, cookie, accept) == expected


@given(st.text())
def test_no_header_is_too_strange(header: str) -> None:
    assert choose_language(accept_language=header) in LANGUAGES
