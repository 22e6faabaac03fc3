"""A document made ready to be read in a page: HTML, or pictures of its pages with a text layer.

Runs in the child process only: see `process`. Flowing texts become HTML, which fits a phone and
can be searched, marked and adapted; what has fixed pages becomes pictures of them.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tongke.documents import (
    decode,
    extract,
    handout,
    kinds,
    markup,
    office,
    pages,
    plain,
    slides,
    word,
)
from tongke.documents.errors import (
    DamagedDocument,
    DocumentRefused,
    EmptyDocument,
    TooHeavyDocument,
    TooMuchText,
)
from tongke.documents.images import Gallery
from tongke.documents.limits import MAX_HTML_CHARACTERS, MAX_SECTIONS
from tongke.documents.result import Caveat, DocumentKind, DocumentResult, OutlineEntry

HTML_NAME = "document.html"

# The machine's trouble, not the document's: to be tried again.
_TROUBLE_OF_THE_MACHINE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})

Progress = Callable[[int, int], None]


def read(path: Path, filename: str, folder: Path, on_progress: Progress) -> DocumentResult:
    """Reads the document at `path` into `folder`. Raises the refusals of `errors`.

    on_progress: pages done, pages in all.
    """
    with _refusing():
        kind = kinds.recognise(path, filename)
        return _READERS[kind](path, filename, folder, on_progress)


@contextmanager
def _refusing() -> Iterator[None]:
    """What a reader raises on a bad file is of any type; all of it says the same to a teacher."""
    try:
        yield
    except DocumentRefused:
        raise
    except (MemoryError, RecursionError) as error:
        raise TooHeavyDocument(detail=repr(error)) from error
    except Exception as error:
        number = getattr(error, "errno", None)
        if number in _TROUBLE_OF_THE_MACHINE:
            raise
        if number == errno.EFBIG:
            raise TooHeavyDocument(detail=repr(error)) from error
        raise DamagedDocument(detail=repr(error)) from error


def _read_pdf(path: Path, filename: str, folder: Path, on_progress: Progress) -> DocumentResult:
    made = pages.draw(path, folder, on_progress)
    text, cut = extract.join(made.sections)
    caveats = made.caveats | ({Caveat.TEXT_CUT} if cut else set())
    return DocumentResult(
        kind=DocumentKind.PDF,
        title=extract.title_of(made.titles, filename),
        language=extract.language_of(text),
        pages=len(made.pages),
        text=text,
        sections=made.sections,
        outline=made.outline,
        clean_copy=handout.write(path, DocumentKind.PDF, folder),
        page_images=made.pages,
        poster=made.poster,
        warnings=tuple(sorted(caveats)),
    )


def _read_word(path: Path, filename: str, folder: Path, on_progress: Progress) -> DocumentResult:
    gallery = Gallery(folder)
    html, outline = markup.number(markup.sanitise(word.to_html(path, gallery)))
    result = _flowing(DocumentKind.WORD, html, outline, path, filename, folder, gallery)
    on_progress(1, 1)
    return result


def _read_plain(path: Path, filename: str, folder: Path, on_progress: Progress) -> DocumentResult:
    html, outline = markup.number(markup.sanitise(plain.to_html(decode.decode(path.read_bytes()))))
    result = _flowing(DocumentKind.PLAIN, html, outline, path, filename, folder, Gallery(folder))
    on_progress(1, 1)
    return result


def _flowing(
    kind: DocumentKind,
    html: str,
    outline: tuple[OutlineEntry, ...],
    path: Path,
    filename: str,
    folder: Path,
    gallery: Gallery,
) -> DocumentResult:
    sections = extract.sections_of(html)
    if len(html) > MAX_HTML_CHARACTERS or len(sections) > MAX_SECTIONS:
        raise TooMuchText
    text, cut = extract.join(sections)
    if not text and not gallery.names:
        raise EmptyDocument
    (folder / HTML_NAME).write_text(html, encoding="utf-8")
    titles = (section.heading for section in sections if "<h1" in html)
    return DocumentResult(
        kind=kind,
        title=extract.title_of(titles, filename),
        language=extract.language_of(text),
        pages=0,
        text=text,
        sections=sections,
        outline=outline,
        clean_copy=handout.write(path, kind, folder),
        html=HTML_NAME,
        media=gallery.names,
        warnings=_caveats(text, cut, gallery),
    )


def _caveats(text: str, cut: bool, gallery: Gallery) -> tuple[Caveat, ...]:
    said = {
        Caveat.TEXT_CUT: cut,
        Caveat.IMAGES_LEFT_OUT: gallery.left_out > 0,
        Caveat.NO_TEXT: not text,
    }
    return tuple(sorted(caveat for caveat, holds in said.items() if holds))


def _read_slides(path: Path, filename: str, folder: Path, on_progress: Progress) -> DocumentResult:
    gallery = Gallery(folder)
    raw, titles = slides.to_html(path, gallery)
    if not titles:
        raise EmptyDocument
    html, _ = markup.number(markup.sanitise(raw))
    result = _flowing(DocumentKind.SLIDES, html, (), path, filename, folder, gallery)
    result = replace(result, title=extract.title_of(titles[:1], filename), pages=len(titles))
    as_text = _anchored(result, titles, slides.anchor)
    if office.program() is None:
        on_progress(1, 1)
        return as_text
    try:
        return _drawn(_anchored(result, titles, pages.anchor), path, folder, on_progress)
    except (DamagedDocument, TooHeavyDocument):
        return replace(as_text, warnings=(*as_text.warnings, Caveat.NOT_DRAWN))


def _anchored(
    result: DocumentResult, titles: list[str], anchor: Callable[[int], str]
) -> DocumentResult:
    """A slide has one heading and makes one section, so they are counted together."""
    outline = tuple(
        OutlineEntry(1, title, anchor(number), number)
        for number, title in enumerate(titles, start=1)
    )
    sections = tuple(
        replace(section, anchor=anchor(number), page=number)
        for number, section in enumerate(result.sections, start=1)
    )
    return replace(result, outline=outline, sections=sections)


def _drawn(
    result: DocumentResult, path: Path, folder: Path, on_progress: Progress
) -> DocumentResult:
    """The slides as pictures of themselves, which take the place of their HTML."""
    with office.converted(path, "pdf", folder) as pdf:
        made = pages.draw(pdf, folder, on_progress)
    if len(made.pages) != result.pages:
        raise DamagedDocument(detail="hidden slides are not drawn, so pages cannot be matched")
    (folder / HTML_NAME).unlink()
    for name in result.media:
        (folder / name).unlink()
    return replace(result, html=None, media=(), page_images=made.pages, poster=made.poster)


def _converted(suffix: str, kind: DocumentKind) -> Reader:
    def read_converted(
        path: Path, filename: str, folder: Path, on_progress: Progress
    ) -> DocumentResult:
        with office.converted(path, suffix, folder) as made:
            result = _READERS[kinds.recognise(made, made.name)](made, filename, folder, on_progress)
        return replace(result, kind=kind)

    return read_converted


Reader = Callable[[Path, str, Path, Progress], DocumentResult]

_READERS: dict[DocumentKind, Reader] = {
    DocumentKind.PDF: _read_pdf,
    DocumentKind.WORD: _read_word,
    DocumentKind.SLIDES: _read_slides,
    DocumentKind.PLAIN: _read_plain,
    DocumentKind.OLD_WORD: _converted("docx", DocumentKind.OLD_WORD),
    DocumentKind.OLD_SLIDES: _converted("pptx", DocumentKind.OLD_SLIDES),
}
