"""The OpenAPI 3.1 document, made of the routes' signatures: it cannot say what the code does not.

Routes that are not JSON (tus, media) are described by hand beside their handlers, as `extra`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.http.api import ApiRoute

REF = "#/components/schemas/{model}"
_JSON_TYPE = {int: "integer", str: "string"}


class Problem(BaseModel):
    """An error (RFC 9457). `code` is stable; `title` and `detail` are for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: dict[str, str] | None = None


def document(
    routes: Iterable[ApiRoute], extra: Mapping[str, Mapping[str, Any]], version: str
) -> dict[str, Any]:
    """The whole document, as JSON values. `extra` maps a path to its methods."""
    routes = list(routes)
    inputs = {model for r in routes for model in (r.query, r.body) if model is not None}
    outputs = {model for r in routes if (model := r.answer) is not None} | {Problem}
    keys = [(m, "validation") for m in sorted(inputs, key=_name)]
    keys += [(m, "serialization") for m in sorted(outputs, key=_name)]
    refs, definitions = models_json_schema(keys, ref_template=REF)  # type: ignore[arg-type]  # literals widen in a list
    paths: dict[str, dict[str, Any]] = {path: dict(methods) for path, methods in extra.items()}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(
            route, refs, definitions.get("$defs", {})
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tongke 同课",
            "version": version,
            "description": "Errors are RFC 9457 problem details with a stable `code`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"session": []}, {"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "tongke"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _name(model: type[BaseModel]) -> str:
    return model.__name__


def _operation(route: ApiRoute, refs: Any, schemas: Mapping[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.tag}_{route.name}",
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": _path_parameters(route) + _query_parameters(route, refs, schemas),
        "responses": {**_success(route, refs), "default": _problem(refs)},
    }
    if route.description:
        operation["description"] = route.description
    if route.body is not None:
        schema = refs[(route.body, "validation")]
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    if route.anybody:
        operation["security"] = [{}]
    return operation


def _success(route: ApiRoute, refs: Any) -> dict[str, Any]:
    if route.answer is None:
        return {str(route.status): {"description": "Done"}}
    schema = refs[(route.answer, "serialization")]
    return {
        str(route.status): {
            "description": "Done",
            "content": {"application/json": {"schema": schema}},
        }
    }


def _problem(refs: Any) -> dict[str, Any]:
    return {
        "description": "What is wrong, and what to do",
        "content": {"application/problem+json": {"schema": refs[(Problem, "serialization")]}},
    }


def _path_parameters(route: ApiRoute) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": _JSON_TYPE[route.path_types.get(name, str)]},
        }
        for name in re.findall(r"\{(\w+)", route.path)
    ]


def _query_parameters(
    route: ApiRoute, refs: Any, schemas: Mapping[str, Any]
) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = refs[(route.query, "validation")]
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[-1]]
    required = set(schema.get("required", []))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": definition}
        for name, definition in schema.get("properties", {}).items()
    ]
