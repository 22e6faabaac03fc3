"""The page of the API, drawn from /api/v1/openapi.json, so that it cannot say anything else."""

from __future__ import annotations

from dataclasses import dataclass

from services.web.views.shell import View
from tongke.errors import Text


@dataclass(frozen=True)
class ApiWord:
    """A piece of what a value is; `model` where it is the name of one described below."""

    text: str
    model: str | None = None


ApiType = tuple[ApiWord, ...]


@dataclass(frozen=True)
class ApiField:
    """`where` is path, query, header or body, and empty in a model; `limits` as `1…100`."""

    name: str
    where: str
    type: ApiType
    required: bool
    description: str = ""
    limits: str = ""


@dataclass(frozen=True)
class ApiAnswer:
    status: str
    description: str
    type: ApiType = ()


@dataclass(frozen=True)
class ApiOperation:
    """`refusals` are the statuses of errors that its document names."""

    method: str
    path: str
    summary: Text
    description: str = ""
    fields: tuple[ApiField, ...] = ()
    answers: tuple[ApiAnswer, ...] = ()
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True)
class ApiGroup:
    name: str
    title: Text
    operations: tuple[ApiOperation, ...]


@dataclass(frozen=True)
class ApiModel:
    """What is sent or answered: fields, or (of a closed list) the values there are."""

    name: str
    description: str
    fields: tuple[ApiField, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class ApiProblem:
    code: str
    status: int
    title: Text
    detail: Text


@dataclass(frozen=True)
class ApiDocsView(View):
    """`guide`: how to speak to it, whatever is asked for; with `code` in backticks."""

    template = "api_docs.html"
    title: str
    version: str
    guide: tuple[Text, ...]
    groups: tuple[ApiGroup, ...]
    models: tuple[ApiModel, ...]
    problems: tuple[ApiProblem, ...]
