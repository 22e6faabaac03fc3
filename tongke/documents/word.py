"""Word documents as HTML, through mammoth, with the structure of Chinese rules put in.

mammoth maps Word's styles to elements. Papers of schools mostly have none, so before the mapping
each paragraph of the body is looked at: a chapter, an article, a title in the middle of the line
gets a style of ours, which the map below turns into its element. Paragraphs inside tables are
left alone: a cell 一、 is no heading.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import mammoth
from mammoth import documents

from tongke.documents import numbering, structure
from tongke.documents.images import Gallery
from tongke.documents.markup import ID_PREFIX
from tongke.documents.structure import Part

# mammoth's tree has no types; every node of it is one of these.
Node = Any

_STYLE_MAP = """
p[style-name='Tongke h1'] => h1:fresh
p[style-name='Tongke h2'] => h2.chapter:fresh
p[style-name='Tongke h3'] => h3:fresh
p[style-name='Tongke h4'] => h4:fresh
p[style-name='Tongke article'] => p.article:fresh
p[style-name='Tongke centre'] => p.centre:fresh
p[style-name='Tongke right'] => p.right:fresh
r[style-name='Tongke number'] => b
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p.centre:fresh
p[style-name='heading 1'] => h2.chapter:fresh
p[style-name='heading 2'] => h3:fresh
p[style-name='heading 3'] => h4:fresh
p[style-name='heading 4'] => h5:fresh
p[style-name='heading 5'] => h6:fresh
p[style-name='heading 6'] => h6:fresh
p[style-name='Heading 1'] => h2.chapter:fresh
p[style-name='Heading 2'] => h3:fresh
p[style-name='Heading 3'] => h4:fresh
p[style-name='toc 1'] => !
p[style-name='toc 2'] => !
p[style-name='toc 3'] => !
p[style-name='TOC Heading'] => !
"""
# How far down a title can stand: under the letterhead, the 文号 and a blank line or two.
_TITLE_WITHIN = 8
_MAX_TITLE_CHARACTERS = 50
_GAP = " \t\u00a0\u3000:："
_CENTRED = "center"
_RIGHT = ("right", "end")
_STYLED = ("heading", "title", "toc", "subtitle")


def to_html(path: Path, gallery: Gallery) -> str:
    """Unsanitised HTML of the .docx at `path`; its pictures go into `gallery`."""
    with numbering.written_out(path) as source:
        converted = mammoth.convert_to_html(
            source,
            style_map=_STYLE_MAP,
            # A document may carry a style map of its own, that is, choose its own elements.
            include_embedded_style_map=False,
            external_file_access=False,
            id_prefix=ID_PREFIX,
            convert_image=_picture_converter(gallery),
            transform_document=_with_structure,
        )
    return cast("str", converted.value)


def _picture_converter(gallery: Gallery) -> Any:
    def convert(image: Node) -> dict[str, str]:
        try:
            with image.open() as file:
                return gallery.add(file.read())
        except (KeyError, ValueError):
            # A linked picture, which is not fetched, or one whose part is missing.
            gallery.left_out += 1
            return {}

    return mammoth.images.img_element(convert)


def _with_structure(document: Node) -> Node:
    document = _without_ordered_lists(document)
    title = _title_index(document.children)
    return document.copy(
        children=[
            _heading(child, text_of(child).strip(), "h1") if index == title else _styled(child)
            for index, child in enumerate(document.children)
        ]
    )


def _without_ordered_lists(document: Node) -> Node:
    """Their numbers are text by now (`numbering`), and would show twice."""

    def unlist(paragraph: Node) -> Node:
        ordered = paragraph.numbering is not None and paragraph.numbering.is_ordered
        return paragraph.copy(numbering=None) if ordered else paragraph

    return mammoth.transforms.paragraph(unlist)(document)


def _styled(node: Node) -> Node:
    if not isinstance(node, documents.Paragraph):
        return node
    found = structure.mark(text_of(node))
    if found is None:
        return _aligned(node)
    if found.part is Part.ARTICLE:
        return _article(node, found.number)
    tag = structure.HEADING_TAGS[found.part]
    return _heading(node, structure.heading_text(found), tag)


def _heading(node: Node, text: str, tag: str) -> Node:
    """A heading of plain `text`; a style of Word's own decides its level, a picture is kept."""
    if _has_other_than_text(node):
        return node
    children = [documents.run([documents.text(text)])]
    if _has_style(node):
        return node.copy(children=children)
    return node.copy(children=children, style_id=None, style_name=f"Tongke {tag}")


def _article(node: Node, number: str) -> Node:
    text = text_of(node)
    indent = len(text) - len(text.lstrip())
    gap = len(text) - indent - len(number) - len(text[indent + len(number) :].lstrip(_GAP))
    rest, _ = _drop(node, indent + len(number) + gap)
    label = documents.run([documents.text(number)], style_name="Tongke number")
    children = [label, documents.run([documents.text("　")]), *rest.children]
    return node.copy(children=children, style_id=None, style_name="Tongke article")


def _drop(node: Node, count: int) -> tuple[Node, int]:
    """`node` without its first `count` characters, and how many are still to be dropped."""
    if isinstance(node, documents.Text):
        return documents.text(node.value[count:]), max(0, count - len(node.value))
    if isinstance(node, documents.Tab) and count:
        return documents.text(""), count - 1
    if isinstance(node, documents.HasChildren):
        kept = []
        for child in node.children:
            left, count = _drop(child, count)
            kept.append(left)
        return node.copy(children=kept), count
    return node, count


def _aligned(node: Node) -> Node:
    if _has_style(node) or node.numbering is not None:
        return node
    if node.alignment == _CENTRED:
        return node.copy(style_id=None, style_name="Tongke centre")
    if node.alignment in _RIGHT:
        return node.copy(style_id=None, style_name="Tongke right")
    return node


def _title_index(nodes: list[Node]) -> int | None:
    """The paragraph that is the title, where no style says so: the largest centred line on top."""
    top = [
        (index, node)
        for index, node in enumerate(nodes)
        if isinstance(node, documents.Paragraph) and text_of(node).strip()
    ][:_TITLE_WITHIN]
    if any((node.style_name or "").lower() == "title" for _, node in top):
        return None
    candidates = [(_font_size(node), index) for index, node in top if _may_be_title(node)]
    # Of equal ones the first.
    best = max(candidates, key=lambda candidate: (candidate[0], -candidate[1]), default=None)
    return best[1] if best else None


def _may_be_title(node: Node) -> bool:
    text = text_of(node).strip()
    return (
        node.alignment == _CENTRED
        and len(text) <= _MAX_TITLE_CHARACTERS
        and structure.mark(text) is None
        and not _has_style(node)
    )


def _font_size(node: Node) -> float:
    sizes = [child.font_size or 0 for child in node.children if isinstance(child, documents.Run)]
    return max(sizes, default=0)


def _has_style(node: Node) -> bool:
    return (node.style_name or "").lower().startswith(_STYLED)


def _has_other_than_text(node: Node) -> bool:
    if isinstance(node, documents.HasChildren):
        return any(_has_other_than_text(child) for child in node.children)
    return not isinstance(
        node, (documents.Text, documents.Tab, documents.Break, documents.Bookmark)
    )


def text_of(node: Node) -> str:
    """The text of a node of mammoth's tree."""
    if isinstance(node, documents.Text):
        return cast("str", node.value)
    if isinstance(node, documents.HasChildren):
        return "".join(text_of(child) for child in node.children)
    return "\t" if isinstance(node, documents.Tab) else ""
