"""The OpenAPI document, and a page drawn from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from services.http.call import Call
from services.web.page import Pages, show
from services.web.views import ApiAnswer, ApiDocsView, ApiField, ApiGroup, ApiOperation

pages = Pages()

DOCUMENT: web.AppKey[dict[str, Any]] = web.AppKey("openapi", dict)


async def openapi(request: web.Request) -> web.Response:
    return web.json_response(request.app[DOCUMENT], headers={"Cache-Control": "no-cache"})


@pages.get("/api/docs", anybody=True)
async def docs(call: Call) -> web.StreamResponse:
    document = call.request.app[DOCUMENT]
    info = document["info"]
    groups: dict[str, list[ApiOperation]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            drawn = _operation(document, method.upper(), path, operation)
            groups.setdefault(operation["tags"][0], []).append(drawn)
    return await show(
        call,
        ApiDocsView(
            title=info["title"],
            version=info["version"],
            description=info["description"],
            groups=tuple(ApiGroup(name, tuple(found)) for name, found in sorted(groups.items())),
        ),
    )


def _operation(
    document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]
) -> ApiOperation:
    fields = [
        ApiField(
            name=parameter["name"],
            where=parameter["in"],
            type=type_name(parameter["schema"]),
            required=parameter.get("required", False),
            description=parameter["schema"].get("description", ""),
        )
        for parameter in operation.get("parameters", [])
    ]
    body = operation.get("requestBody")
    if body:
        fields += _body_fields(document, body["content"]["application/json"]["schema"])
    return ApiOperation(
        method=method,
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        fields=tuple(fields),
        answers=tuple(
            ApiAnswer(status, answer["description"])
            for status, answer in operation["responses"].items()
        ),
    )


def _body_fields(document: Mapping[str, Any], schema: Mapping[str, Any]) -> list[ApiField]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    required = set(schema.get("required", []))
    return [
        ApiField(name, "body", type_name(found), name in required, found.get("description", ""))
        for name, found in schema.get("properties", {}).items()
    ]


def type_name(schema: Mapping[str, Any]) -> str:
    """A JSON schema in a few words: `integer`, `string or null`, `array of string`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(type_name(choice) for choice in schema["anyOf"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"array of {type_name(schema.get('items', {}))}"
    return str(schema.get("type", "any"))


def mount(app: web.Application) -> None:
    app.router.add_get("/api/v1/openapi.json", openapi)
    pages.mount(app)
