"""The OpenAPI document, and a page drawn from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from services.http.call import Call
from services.http.openapi import GUIDE
from services.http.paging import MAX_ID
from services.web.api_words import GROUPS, SUMMARIES
from services.web.page import Pages, show
from services.web.views import (
    ApiAnswer,
    ApiDocsView,
    ApiField,
    ApiGroup,
    ApiModel,
    ApiOperation,
    ApiProblem,
    ApiType,
    ApiWord,
)
from tongke.errors import Text

pages = Pages()

DOCUMENT: web.AppKey[dict[str, Any]] = web.AppKey("openapi", dict)
Schema = Mapping[str, Any]


async def openapi(request: web.Request) -> web.Response:
    return web.json_response(request.app[DOCUMENT], headers={"Cache-Control": "no-cache"})


@pages.get("/api/docs", anybody=True)
async def docs(call: Call) -> web.StreamResponse:
    document = call.request.app[DOCUMENT]
    return await show(call, docs_view(document))


def docs_view(document: Mapping[str, Any]) -> ApiDocsView:
    """The page of a document."""
    schemas = document["components"]["schemas"]
    return ApiDocsView(
        title=document["info"]["title"],
        version=document["info"]["version"],
        guide=GUIDE,
        groups=_groups(document["paths"], schemas),
        models=tuple(_model(name, schema) for name, schema in sorted(schemas.items())),
        problems=tuple(
            ApiProblem(each["code"], each["status"], Text(**each["title"]), Text(**each["detail"]))
            for each in document["x-problem-codes"]
        ),
    )


def _groups(paths: Mapping[str, Any], schemas: Mapping[str, Schema]) -> tuple[ApiGroup, ...]:
    groups: dict[str, list[ApiOperation]] = {}
    for path, methods in paths.items():
        for method, operation in methods.items():
            drawn = _operation(method.upper(), path, operation, schemas)
            groups.setdefault(operation["tags"][0], []).append(drawn)
    return tuple(
        ApiGroup(name, GROUPS[name], tuple(found)) for name, found in sorted(groups.items())
    )


def _operation(
    method: str, path: str, operation: Mapping[str, Any], schemas: Mapping[str, Schema]
) -> ApiOperation:
    answers = {s: a for s, a in operation["responses"].items() if "$ref" not in a}
    summary = operation["summary"]
    return ApiOperation(
        method=method,
        path=path,
        summary=Text(SUMMARIES.get(operation["operationId"], summary), summary),
        description=operation.get("description", ""),
        fields=(*_parameters(operation), *_sent(operation, schemas)),
        answers=tuple(_answer(status, answer) for status, answer in answers.items()),
        refusals=tuple(s for s in operation["responses"] if s not in answers and s != "default"),
    )


def _parameters(operation: Mapping[str, Any]) -> Iterator[ApiField]:
    for each in operation.get("parameters", ()):
        schema, required = each["schema"], each.get("required", False)
        description = each.get("description", schema.get("description", ""))
        yield _field(each["name"], each["in"], schema, required=required, description=description)


def _sent(operation: Mapping[str, Any], schemas: Mapping[str, Schema]) -> Iterator[ApiField]:
    """The fields of a body; of one that is no JSON, what it is."""
    body = operation.get("requestBody")
    if body is None:
        return
    for kind, content in body["content"].items():
        name = content["schema"].get("$ref", "").rsplit("/", 1)[-1]
        if name:
            yield from _fields(schemas[name], "body")
        else:
            yield ApiField(kind, "body", (), required=body.get("required", False))


def _answer(status: str, answer: Mapping[str, Any]) -> ApiAnswer:
    content = next(iter(answer.get("content", {}).values()), None)
    kind = api_type(content["schema"]) if content else ()
    return ApiAnswer(status, answer["description"], kind)


def _model(name: str, schema: Schema) -> ApiModel:
    return ApiModel(
        name,
        schema.get("description", ""),
        tuple(_fields(schema)),
        tuple(map(str, schema.get("enum", ()))),
    )


def _fields(schema: Schema, where: str = "") -> Iterator[ApiField]:
    # Nobody has to fill in what is answered.
    is_sent = schema.get("additionalProperties") is False
    required = set(schema.get("required", ())) if is_sent else set()
    for name, found in schema.get("properties", {}).items():
        yield _field(
            name, where, found, required=name in required, description=found.get("description", "")
        )


def _field(name: str, where: str, schema: Schema, *, required: bool, description: str) -> ApiField:
    return ApiField(name, where, api_type(schema), required, description, limits(schema))


def api_type(schema: Schema) -> ApiType:
    """A JSON schema in a few words: `integer`, `string | null`, `string[]`."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        return (ApiWord(name, name),)
    if "anyOf" in schema:
        first, *others = map(api_type, schema["anyOf"])
        return (*first, *(word for other in others for word in (ApiWord(" | "), *other)))
    for values in (schema.get("enum"), [schema["const"]] if "const" in schema else None):
        if values is not None:
            return (ApiWord(" | ".join(json.dumps(value) for value in values)),)
    if schema.get("type") == "array":
        return (*api_type(schema.get("items", {})), ApiWord("[]"))
    if isinstance(schema.get("additionalProperties"), dict):
        return (ApiWord("{string: "), *api_type(schema["additionalProperties"]), ApiWord("}"))
    kind = str(schema.get("type", "any"))
    return (ApiWord(f"{kind} ({schema['format']})" if "format" in schema else kind),)


def limits(schema: Schema) -> str:
    """What a value may be: `1…100, default 20`."""
    meant = next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)
    found = [
        f"{what}{_span(meant.get(f'min{name}'), meant.get(f'max{name}'))}"
        for name, what in (("imum", ""), ("Length", "length "), ("Items", "items "))
        if {f"min{name}", f"max{name}"} & set(meant)
    ]
    if "pattern" in meant:
        found.append(str(meant["pattern"]))
    if schema.get("default") not in (None, "", [], {}):
        found.append(f"default {json.dumps(schema['default'])}")
    return ", ".join(filter(None, found))


def _span(least: float | None, most: float | None) -> str:
    if least is None:
        return f"≤ {most}"
    if most == MAX_ID:
        return ""  # of every number there is
    return f"≥ {least}" if most is None else f"{least}…{most}"


def mount(app: web.Application) -> None:
    app.router.add_get("/api/v1/openapi.json", openapi)
    pages.mount(app)
