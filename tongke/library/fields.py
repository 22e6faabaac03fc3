"""What a person says of a resource: checked once, here, whoever sends it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from tongke.errors import Invalid
from tongke.library.titles import title_of
from tongke.library.vocabulary import GRADES, Kind, Stage, Subject, stage_of
from tongke.validation import NO_SUCH_FIELD, invalid

Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
TITLE_MAX = 200
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_MAX)]
Summary = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Grade = Annotated[str, StringConstraints(pattern=rf"^({'|'.join(GRADES)})?$")]
Token = Annotated[
    str, StringConstraints(pattern=r"^(everyone|(user|school|agreement|region):\d+)$")
]

# An audience is a handful of tokens; more is a mistake or an attack.
MAX_AUDIENCE_TOKENS = 50


class ResourceFields(BaseModel):
    """The fields of a resource that its author fills in. Empty text means "not said"."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    kind: Kind
    title: Title
    summary: Summary = ""
    stage: Stage | None = None
    grade: Grade = ""
    subject: Subject | None = None
    edition: Annotated[Short, StringConstraints(max_length=60)] = ""
    unit: Short = ""
    lesson: Short = ""
    audience: list[Token] = Field(default_factory=list, max_length=MAX_AUDIENCE_TOKENS)

    def columns(self) -> dict[str, str]:
        """The values of the columns of `Resource`; the stage follows from the grade."""
        stage = stage_of(self.grade) if self.grade else self.stage
        return {
            "kind": self.kind.value,
            "title": self.title,
            "summary": self.summary,
            "stage": stage.value if stage else "",
            "grade": self.grade,
            "subject": self.subject.value if self.subject else "",
            "edition": self.edition,
            "unit": self.unit,
            "lesson": self.lesson,
        }


# Endings of what is read in a page; what a file is indeed, only its content says.
_DOCUMENT_ENDINGS = frozenset({
    "pdf", "docx", "doc", "wps", "rtf", "pptx", "ppt", "dps", "txt", "text", "md",
})  # fmt: skip


def kind_of(filename: str) -> Kind:
    """What a file is taken for of which nobody said it: of documents most are courseware."""
    ending = PurePath(filename.strip().lower()).suffix.lstrip(".")
    return Kind.COURSEWARE if ending in _DOCUMENT_ENDINGS else Kind.LESSON_RECORDING


def parse_fields(values: Mapping[str, Any], filename: str = "") -> ResourceFields:
    """Check what was sent. `values` are plain JSON values; empty strings mean "not said". A kind
    that was not said follows from the file's name.

    Raises:
        Invalid: naming each field that is wrong.
    """
    plain = {name: _plain(name, value) for name, value in values.items()}
    said = {name: value for name, value in plain.items() if value not in ("", None)}
    said.setdefault("kind", kind_of(filename))
    try:
        return ResourceFields.model_validate(said)
    except ValidationError as error:
        raise invalid(error) from error


# Control characters, which PostgreSQL partly refuses; the marks that turn the direction of the
# text around them: with one of these a title would write over what stands beside it on a page;
# and what has no width: a title of nothing else could be neither seen nor clicked.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"
    r"\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
# However a system ends its lines (Unicode Standard, 5.8).
_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BREAK = re.compile(r"[ \t]*[\t\n][ \t\n]*")
# All else is one line wherever it is shown.
MANY_LINES = frozenset({"summary"})


def plain_text(text: str) -> str:
    """Text without what cannot be seen, its lines ended by line feeds."""
    return _INVISIBLE.sub("", _LINE_END.sub("\n", text))


def _plain(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = plain_text(value)
    return text if name in MANY_LINES else _BREAK.sub(" ", text).strip()


# What tus clients write of a file by themselves (tus-js-client's examples, Uppy): it is not asked
# for, and not refused.
CLIENTS_OWN = frozenset({"name", "type", "filetype", "relativePath"})


def fields_of_upload(metadata: Mapping[str, str]) -> ResourceFields:
    """The fields in a tus `Upload-Metadata`: the audience's tokens are parted by spaces.

    A file may come without a title: it is then read off its name.

    Raises:
        Invalid: naming each field that is wrong, or that there is not: passed over, a misspelt one
            would leave its sender believing that it was heard.
    """
    unknown = metadata.keys() - ResourceFields.model_fields.keys() - {"filename"} - CLIENTS_OWN
    if unknown:
        raise Invalid(dict.fromkeys(sorted(unknown), NO_SUCH_FIELD))
    values: dict[str, Any] = dict(metadata)
    values["audience"] = metadata.get("audience", "").split()
    said = metadata.get("title", "")
    filename = metadata.get("filename", "")
    read = title_of(filename)
    # Nobody is refused over the length of a name that a program made.
    values["title"] = said if said.strip() else read[:TITLE_MAX]
    return parse_fields(values, filename)
