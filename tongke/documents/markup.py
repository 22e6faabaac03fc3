"""The HTML that a page shows of a document: sanitised, without styles, with ids and an outline.

What comes in was made from a stranger's file. nh3 (ammonia) keeps a closed list of elements;
addresses are kept for links to the web and for pictures of our own, so reading a document never
calls another server.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

import nh3

from tongke.documents import structure
from tongke.documents.extract import clean
from tongke.documents.result import OutlineEntry

# Pictures stand beside the HTML under this folder; whoever serves the page rewrites it.
MEDIA = "media/"

_TAGS = (
    {"h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "section", "aside", "figure", "img", "a"}
    | {"b", "strong", "em", "i", "u", "s", "sub", "sup", "ul", "ol", "li"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
)
_ATTRIBUTES = {
    "a": {"href", "id"},
    "li": {"id", "value"},
    "img": {"src", "alt", "width", "height", "loading"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "section": {"id"},
}
_CLASSES = {
    "p": {"article", "centre", "right", "note"},
    "h2": {"chapter"},
    "section": {"slide"},
    "aside": {"notes"},
}
_OWN_PICTURE = re.compile(rf"{MEDIA}[0-9]+\.webp")
# Ids from the file keep this prefix, so that they never meet the page's own.
ID_PREFIX = "doc-"
_ANCHORED = re.compile(
    r'<(h[1-6])((?: class="[^"]*")?)>(.*?)</\1>|<p class="article"><b>(.*?)</b>', re.S
)
_TAG = re.compile(r"<[^>]*>")
_ARTICLE_ID = "article-"
_HEADING_ID = "section-"


def sanitise(html: str) -> str:
    """`html` with nothing but the elements and attributes of the closed list."""
    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags={"script", "style", "iframe", "object", "template", "svg", "math"},
        attributes=_ATTRIBUTES,
        attribute_filter=_filter,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _filter(tag: str, attribute: str, value: str) -> str | None:
    if (tag, attribute) == ("img", "src"):
        return value if _OWN_PICTURE.fullmatch(value) else None
    if (tag, attribute) == ("a", "href"):
        return value if re.match(r"(https?://|mailto:|#)", value) else None
    if attribute == "id":
        return value if value.startswith((ID_PREFIX, "slide-")) else None
    return value


def number(html: str) -> tuple[str, tuple[OutlineEntry, ...]]:
    """Gives every heading and article an id; the contents list of the headings.

    Articles are `article-1` …; in an annex that begins again at one, `article-1-2`.
    """
    headings: list[tuple[int, str, str]] = []
    seen: Counter[str] = Counter()

    def give_id(found: re.Match[str]) -> str:
        tag, attributes, inner, article = found.groups()
        if tag is None:
            return f'<p class="article" id="{_article_id(article, seen)}"><b>{article}</b>'
        anchor = f"{_HEADING_ID}{len(headings) + 1}"
        headings.append((int(tag[1]), plain(inner), anchor))
        return f'<{tag}{attributes} id="{anchor}">{inner}</{tag}>'

    return _ANCHORED.sub(give_id, html), outline(headings)


def outline(headings: list[tuple[int, str, str]]) -> tuple[OutlineEntry, ...]:
    """The contents list of (level, text, anchor), the title (level 1) left out.

    A level is how many headings stand above, so that 一、 is at the top where there is no chapter.
    """
    entries: list[OutlineEntry] = []
    above: list[int] = []
    for level, text, anchor in headings:
        if level == 1 or not text:
            continue
        while above and above[-1] >= level:
            above.pop()
        above.append(level)
        entries.append(OutlineEntry(len(above), text, anchor))
    return tuple(entries)


def plain(html: str) -> str:
    """The text of inline HTML, on one line. The full-width space after a number stays."""
    text = unescape(_TAG.sub("", html))
    return "　".join(clean(part).replace("\n", " ") for part in text.split("　")).strip()


def _article_id(written: str, seen: Counter[str]) -> str:
    seen[written] += 1
    digits = structure.arabic(written)
    again = f"-{seen[written]}" if seen[written] > 1 else ""
    return f"{_ARTICLE_ID}{digits}{again}"
