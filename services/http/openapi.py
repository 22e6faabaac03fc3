"""The OpenAPI 3.1 document, made of the routes' signatures: it cannot say what the code does not.

Routes that are not JSON (tus) are described by hand beside their handlers, as `extra`. What every
route may refuse is listed once (`x-problem-codes`), with its words in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.http.api import ApiRoute
from services.http.identity import CSRF_HEADER, PLAIN_COOKIE, SAFE_METHODS, SECURE_COOKIE
from services.http.paging import MAX_LIMIT
from services.http.problem_codes import problem_codes
from tongke.errors import Text

REF = "#/components/schemas/{model}"
_JSON_TYPE = {int: "integer", str: "string"}

# How a program speaks to us, whatever it asks for. `Backticks` are code.
GUIDE: Final = (
    Text(
        "程序用令牌：在“设置”页做一个接口令牌，放在请求头 `Authorization: Bearer tk_…` 里。"
        "令牌能做的，就是做它的人能做的；账号、令牌这类给人开门的事，只能登录了再做。",
        "A program uses a token: make one on the settings page, and send it as "
        "`Authorization: Bearer tk_…`. It may do what its maker may, but for what lets somebody "
        "in (accounts, tokens): that is done from a session only.",
    ),
    Text(
        "浏览器里的脚本用会话：`POST /api/v1/session` 给 cookie 和 `csrf_token`，"
        f"每个有改动的请求都要在请求头 `{CSRF_HEADER}` 里带上它。",
        "A script in a browser uses a session: `POST /api/v1/session` gives a cookie and a "
        f"`csrf_token`, which goes into the header `{CSRF_HEADER}` of whatever changes something.",
    ),
    Text(
        "请求和回答都是 UTF-8 的 JSON。请求最大 1 MB、最多 5000 个值，不用登录的接口最大 8 kB，"
        "超出会被拒绝（413）；请求不能压缩（415）；写了没有的字段会被拒绝（422）。"
        "时间是带时区的 ISO 8601，回答里是 UTC。能用 GET 的地址都能用 HEAD。",
        "What is sent and answered is JSON in UTF-8. At most 1 MB and 5000 values of it are sent, "
        "8 kB where nobody need be signed in (413), and none of it packed (415); a field that is "
        "not described is refused (422). Times are ISO 8601 with their zone, in answers UTC. What "
        "answers to GET answers to HEAD.",
    ),
    Text(
        f"列表分页给：`limit` 是一页的条数，最多 {MAX_LIMIT}；"
        "把回答里的 `next` 当作 `cursor` 再问，就是下一页；`next` 是 null，就到头了。",
        f"Lists come in pages: `limit` is how many on one, {MAX_LIMIT} at most; the `next` of an "
        "answer, sent as `cursor`, gives the following page; it is null on the last.",
    ),
    Text(
        "出错时的回答是 `application/problem+json`（RFC 9457）：程序认 `code`，它不会变；"
        "`title` 和 `detail` 是给人看的，用账号的语言，没有就看 `Accept-Language`；"
        "422 的 `errors` 写着哪一栏错在哪里。"
        "429 和有的 503 过一会儿再试，429 的 `Retry-After` 是要等的秒数。",
        "An error is `application/problem+json` (RFC 9457): its `code` is stable and for programs; "
        "`title` and `detail` are for people, in the account's language, else as "
        "`Accept-Language` says; `errors` of a 422 names each field with what is wrong. After 429 "
        "and 503 try again later; `Retry-After` of a 429 says in how many seconds.",
    ),
    Text(
        "每个回答都有 `X-Request-Id`，日志里用它找得到；"
        "自己给一个（8 到 64 个字母、数字、横线）也行。",
        "Each answer has an `X-Request-Id` by which it is found in our logs; one of your own (8 to "
        "64 letters, digits and hyphens) is taken over.",
    ),
    Text(
        "上传用 tus 1.0.0：现成的客户端，给它 `/api/v1/uploads` 这个地址就行。",
        "Files are sent by tus 1.0.0: any client of it needs no more than `/api/v1/uploads`.",
    ),
)

# What a refusal of each status means, for the routes where it can come.
_REFUSALS: Final = {
    400: "The request is malformed",
    401: "Nobody is signed in",
    403: "It may be seen, and this may not be done with it",
    404: "There is nothing here, or nothing for whoever asks",
    409: "It does not fit what is there now",
    410: "It was left for too long, and is gone",
    412: "Another version of the protocol is spoken here",
    413: "More bytes than may come",
    415: "Another type of body is taken here",
    422: "A field is not right: `errors` names it",
    423: "It is being written to: try again",
    429: "Too many attempts",
}
# Ways to say who one is; each names its schemes, none of which has scopes.
Security = Mapping[str, list[str]]
SESSION: Final[Security] = {"session": []}
SESSION_CHANGING: Final[Security] = {"session": [], "csrf": []}
TOKEN: Final[Security] = {"token": []}


class Problem(BaseModel):
    """An error (RFC 9457). `code` is stable, one of `x-problem-codes`; `title` and `detail` are for
    people; `errors` names fields, nested ones with dots: `role.school_id`."""

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
            "description": "\n\n".join(text.en for text in GUIDE),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [SESSION, TOKEN],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": _without_queries(routes, refs, definitions.get("$defs", {})),
            "responses": _refusals(refs),
            "securitySchemes": _SECURITY_SCHEMES,
        },
        "x-problem-codes": problem_codes(),
    }


_SECURITY_SCHEMES: Final = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": PLAIN_COOKIE,
        "description": f"Set by signing in. Over HTTPS its name is `{SECURE_COOKIE}`.",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": CSRF_HEADER,
        "description": "The `csrf_token` that signing in gave, beside the session's cookie.",
    },
    "token": {"type": "http", "scheme": "bearer", "description": "An API token."},
}


def _without_queries(
    routes: Iterable[ApiRoute], refs: Any, schemas: Mapping[str, Any]
) -> dict[str, Any]:
    """The models of what is sent and answered: those of queries are told as their parameters."""
    queries = {refs[(r.query, "validation")]["$ref"] for r in routes if r.query is not None}
    return {name: each for name, each in schemas.items() if REF.format(model=name) not in queries}


def _name(model: type[BaseModel]) -> str:
    return model.__name__


def _operation(route: ApiRoute, refs: Any, schemas: Mapping[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.tag}_{route.name}",
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": _path_parameters(route) + _query_parameters(route, refs, schemas),
        "responses": {**_success(route, refs), **refused(*_statuses(route))},
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
    elif route.method not in SAFE_METHODS:
        operation["security"] = [SESSION_CHANGING, TOKEN]
    return operation


def _statuses(route: ApiRoute) -> Iterator[int]:
    """With which a route may refuse, as its signature tells."""
    if route.body is not None:
        yield 400
    # Signing in is refused to who cannot prove who they are.
    yield 401
    if route.method not in SAFE_METHODS:
        yield 403
    if route.path_types:
        yield 404
    if route.method not in SAFE_METHODS and not route.anybody:
        yield 409
    if route.body is not None or route.query is not None:
        yield 422
    if route.anybody:
        yield 429


def refused(*statuses: int) -> dict[str, Any]:
    """The responses of an operation that is refused with these statuses, or another."""
    known = {str(status): f"Refused{status}" for status in statuses}
    return {
        status: {"$ref": f"#/components/responses/{name}"}
        for status, name in (known | {"default": "Refused"}).items()
    }


def _refusals(refs: Any) -> dict[str, Any]:
    named = {f"Refused{status}": meaning for status, meaning in _REFUSALS.items()}
    named["Refused"] = "What is wrong, and what to do"
    schema = refs[(Problem, "serialization")]
    return {
        name: {
            "description": meaning,
            "content": {"application/problem+json": {"schema": schema}},
        }
        for name, meaning in named.items()
    }


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
