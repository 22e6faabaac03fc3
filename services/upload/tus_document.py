"""tus 1.0.0 for the OpenAPI document. Its clients need no more than the address; this is for who
writes one, or does without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.http.openapi import SESSION_CHANGING, TOKEN, refused
from services.upload.protocol import BODY_TYPE, VERSION
from services.upload.tus import PATH, RESOURCE_HEADER

Parameter = Mapping[str, Any]


def _header(
    name: str, description: str, schema: Mapping[str, Any], *, required: bool = True
) -> Parameter:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": schema,
    }


_BYTES: Final = {"type": "integer", "minimum": 0}
_TUS = _header("Tus-Resumable", "The version of the protocol.", {"const": VERSION})
_LENGTH = _header("Upload-Length", "The size of the whole file, in bytes.", _BYTES)
_OFFSET = _header("Upload-Offset", "From which byte on the body goes.", _BYTES)
_METADATA = _header(
    "Upload-Metadata",
    "`filename`, and what is known of the resource (`ResourceChanges`): keys, each with its value "
    "in Base64 of UTF-8, parted by commas; `audience` are tokens parted by spaces. Without a "
    "`kind`, what is named as a document is `courseware`, all else a `lesson_recording`. 8 KiB at "
    "most: a long summary goes by `PUT /uploads/{id}/fields`.",
    {"type": "string"},
)
_KEY = _header(
    "Idempotency-Key",
    "22 to 128 random characters: a creation that is sent again with the same key, because its "
    "answer was lost, begins no second upload.",
    {"type": "string", "minLength": 22, "maxLength": 128},
    required=False,
)
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}

_ANSWERED: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "Location": ("The address of the upload.", {"type": "string"}),
    "Upload-Offset": ("So many bytes are durable.", _BYTES),
    "Upload-Length": ("The size of the whole file, in bytes.", _BYTES),
    "Upload-Expires": ("Until then it can be gone on with.", {"type": "string"}),
    RESOURCE_HEADER: ("Once the last byte is here: the id of the resource.", _BYTES),
}


def _operation(
    name: str,
    summary: str,
    answer: tuple[int, str, tuple[str, ...]],
    parameters: tuple[Parameter, ...],
    refusals: tuple[int, ...],
) -> dict[str, Any]:
    status, description, headers = answer
    return {
        "operationId": f"uploads_{name}",
        "summary": summary,
        "tags": ["uploads"],
        "parameters": [_TUS, *parameters],
        "responses": {
            str(status): {"description": description, "headers": _headers(headers)},
            **refused(401, *refusals),
        },
    }


def _headers(names: tuple[str, ...]) -> dict[str, Any]:
    described = {name: _ANSWERED[name] for name in names}
    return {name: {"description": d, "schema": s} for name, (d, s) in described.items()}


def _changing(operation: dict[str, Any], *, body: bool = True) -> dict[str, Any]:
    operation["security"] = [SESSION_CHANGING, TOKEN]
    if body:
        binary = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"content": {BODY_TYPE: binary}}
    return operation


OPENAPI: Final[Mapping[str, Mapping[str, Any]]] = {
    PATH: {
        "post": _changing(
            _operation(
                "create",
                "Begin an upload (tus 1.0.0, creation)",
                (
                    201,
                    "Begun; its first bytes, or all of them, may be in the body",
                    ("Location", "Upload-Expires", "Upload-Offset", RESOURCE_HEADER),
                ),
                (_LENGTH, _METADATA, _KEY),
                (400, 403, 409, 410, 412, 413, 415, 422, 423),
            )
        )
    },
    PATH + "/{id}": {
        "head": _operation(
            "report",
            "How far an upload is (tus 1.0.0)",
            (200, "How far it is", ("Upload-Offset", "Upload-Length", RESOURCE_HEADER)),
            (_ID,),
            (404, 410, 412),
        ),
        "patch": _changing(
            _operation(
                "append",
                "Add bytes to an upload (tus 1.0.0)",
                (204, "Durable up to there", ("Upload-Offset", RESOURCE_HEADER)),
                (_ID, _OFFSET),
                (400, 403, 404, 409, 410, 412, 413, 415, 423),
            )
        ),
        "delete": _changing(
            _operation(
                "terminate",
                "End an upload (tus 1.0.0, termination)",
                (204, "Forgotten", ()),
                (_ID,),
                (403, 404, 409, 412),
            ),
            body=False,
        ),
    },
}
