"""What a person says of a resource: checked once, here, whoever sends it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from tongke.library.vocabulary import GRADES, Kind, Stage, Subject, stage_of
from tongke.validation import invalid

Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
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

    kind: Kind = Kind.LESSON_RECORDING
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


def parse_fields(values: Mapping[str, Any]) -> ResourceFields:
    """Check what was sent. `values` are plain JSON values; empty strings mean "not said".

    Raises:
        Invalid: naming each field that is wrong.
    """
    plain = {name: _plain(value) for name, value in values.items()}
    said = {name: value for name, value in plain.items() if value not in ("", None)}
    try:
        return ResourceFields.model_validate(said)
    except ValidationError as error:
        raise invalid(error) from error


# Control characters, which PostgreSQL partly refuses, and the marks that turn the direction of the
# text around them: with one of these a title would write over what stands beside it on a page.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def _plain(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return _INVISIBLE.sub("", value.replace("\r\n", "\n"))


def fields_of_upload(metadata: Mapping[str, str]) -> ResourceFields:
    """The fields in a tus `Upload-Metadata`: the audience's tokens are parted by spaces.

    A file may come without a title: its name is then the title, without the ending.
    """
    values: dict[str, Any] = dict(metadata)
    values["audience"] = metadata.get("audience", "").split()
    filename = metadata.get("filename", "")
    values["title"] = metadata.get("title") or PurePath(filename).stem or filename
    return parse_fields(values)
