"""Nothing of a stranger's document runs in the page, and nothing calls out of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.documents.markup import number, sanitise
from tongke.documents.result import OutlineEntry


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src="https://example.org/pixel.png">',
        '<img src="//example.org/pixel.png">',
        '<img src="media/../../secret.webp">',
        '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="//example.org">x</a>',
        '<a href="file:///etc/passwd">x</a>',
        '<p onclick="alert(1)" style="position:fixed">x</p>',
        '<iframe src="https://example.org"></iframe>',
        '<form action="https://example.org"><input></form>',
        '<h2 id="main">x</h2>',
        '<p class="toolbar">x</p>',
    ],
)
def test_hostile_markup_is_taken_out(hostile: str) -> None:
    clean = sanitise(hostile)
    for word in ("script", "example.org", "secret", "data:", "file:", "onclick", "style", "iframe"):
        assert word not in clean
    for word in ("form", "main", "toolbar"):
        assert word not in clean


@pytest.mark.parametrize(
    "tag",
    [
        '<img src="media/1.webp" alt="{}">',
        '<img src="media/1.webp" title="{}" alt="h2">',
        '<a href="https://a.example/{}">x</a>',
        '<a href="#{}">x</a>',
        '<a id="doc-{}">x</a>',
        '<ul><li id="doc-{}" value="{}">x</li></ul>',
        '<section id="slide-{}" class="slide {}">x</section>',
        '<table><tbody><tr><td colspan="{}">x</td></tr></tbody></table>',
    ],
)
def test_an_attribute_holds_no_tag(tag: str) -> None:
    """Headings are numbered and words marked by the tags, after this."""
    clean = sanitise(tag.replace("{}", "&lt;h2&gt;x&lt;/h2&gt;"))
    assert "h2" in clean
    for value in re.findall(r'="([^"]*)"', clean):
        assert not {"<", ">"} & set(value)
    assert number(clean)[1] == ()


def test_what_a_document_needs_is_kept() -> None:
    html = (
        '<p class="article"><b>第一条</b>　见<a href="https://example.org/a?b=1">通知</a></p>'
        '<img src="media/1.webp" alt="校门" width="20" height="10" loading="lazy">'
        '<table><tbody><tr><td colspan="2">合计</td></tr></tbody></table>'
    )
    kept = sanitise(html)
    assert 'href="https://example.org/a?b=1"' in kept
    assert 'rel="noopener noreferrer nofollow"' in kept
    for piece in ('class="article"', 'src="media/1.webp"', 'colspan="2"', 'loading="lazy"'):
        assert piece in kept


def test_headings_and_articles_get_ids_and_an_outline() -> None:
    html, outline = number(
        '<h1>办法</h1><h2 class="chapter">第一章　总则</h2>'
        '<p class="article"><b>第一条</b>　甲</p><h4>（一）乙</h4>'
        '<h2 class="chapter">附件 &amp; 表</h2><p class="article"><b>第一条</b>　丙</p>'
    )
    assert outline == (
        OutlineEntry(1, "第一章　总则", "section-2"),
        OutlineEntry(2, "（一）乙", "section-3"),
        OutlineEntry(1, "附件 & 表", "section-4"),
    )
    assert 'id="article-1"' in html
    assert 'id="article-1-2"' in html


@given(st.text())
def test_every_anchor_of_the_outline_is_in_the_html(text: str) -> None:
    html, outline = number(sanitise(f"<h2>{text}</h2><h3>{text}</h3>"))
    for entry in outline:
        assert f'id="{entry.anchor}"' in html
