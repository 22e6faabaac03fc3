"""tus 1.0.0, the resumable upload protocol, without a socket: headers in, decisions out.

Source: tus resumable upload protocol 1.0.0 (tus.io, 2016-03-25); sections are named where they
apply. Offered: the core protocol and the extensions Creation, Creation With Upload, Expiration
and Termination. Not offered: Checksum, Concatenation, and Creation's deferred length.

A handler puts sockets, database and objects around it like this; whatever raises a `TongkeError`
is answered with `refused`:

    command = interpret(request.method, request.headers, offer)
    match command:
        case Discover():
            return answer(discovered(offer))
        case Create():
            upload = await begin(command)     # a row, and objects.create(key); or its key's row
        case _:
            upload = admit(command, await find(upload_id), now())   # offset from objects.size(key)
    if isinstance(command, Terminate):
        await forget(upload_id)                    # objects.abort(key), then the row
        return answer(terminated())
    if isinstance(command, Append) or (isinstance(command, Create) and command.carries_body):
        body = within(request.content.iter_any(), upload.room)
        upload = upload.at(await objects.append(key, upload.offset, body))
    if upload.needs_finishing:
        upload = await finish(upload_id)           # can be repeated; before any answer
    return answer(created(...) | appended(upload) | reported(upload))

Finishing comes before every answer, to a HEAD too, because a client that hears of an offset equal
to the length believes that all is done and never asks again.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TypeAlias

from services.upload.headers import (
    body_bytes,
    content_type,
    idempotency_key,
    malformed,
    number,
    parse_metadata,
    read_fields,
)
from services.upload.refusals import (
    BodyTooLong,
    UnsupportedMethod,
    UnsupportedVersion,
    UploadExpired,
    UploadFinished,
    UploadTooLarge,
    WrongContentType,
)
from tongke.errors import NotFound, TongkeError
from tongke.storage.objects.errors import WrongOffset

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination"
METHODS = ("OPTIONS", "POST", "HEAD", "PATCH", "DELETE")
BODY_TYPE = "application/offset+octet-stream"


@dataclass(frozen=True, slots=True)
class Offer:
    """What this server takes: files of at most `max_bytes` bytes."""

    max_bytes: int


@dataclass(frozen=True, slots=True)
class Discover:
    """OPTIONS: tell what is offered."""


@dataclass(frozen=True, slots=True)
class Create:
    """POST: begin an upload of `length` bytes, whose first ones may be in the body.

    `metadata_header` is what the client wrote: a HEAD has to give it back as it was. `key` tells
    that a creation whose answer was lost is the same one (`Idempotency-Key`); it may be empty.
    """

    length: int
    metadata: Mapping[str, str]
    metadata_header: str
    carries_body: bool
    key: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """HEAD: tell how far an upload is."""


@dataclass(frozen=True, slots=True)
class Append:
    """PATCH: add the body at `offset`. `body_bytes` is None when its size was not told."""

    offset: int
    body_bytes: int | None


@dataclass(frozen=True, slots=True)
class Terminate:
    """DELETE: forget an upload and its bytes."""


Command: TypeAlias = Discover | Create | Report | Append | Terminate


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload as far as the protocol knows it. `offset` bytes of `length` are durable.

    `finished` once the step after the last byte is done: the upload became a resource.
    """

    length: int
    offset: int
    expires_at: datetime
    metadata_header: str = ""
    finished: bool = False

    @property
    def room(self) -> int:
        """How many bytes are still to come."""
        return self.length - self.offset

    @property
    def complete(self) -> bool:
        return self.offset == self.length

    @property
    def needs_finishing(self) -> bool:
        return self.complete and not self.finished

    def at(self, offset: int) -> Upload:
        return replace(self, offset=offset)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer without a body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


def interpret(method: str, headers: Mapping[str, str], offer: Offer) -> Command:
    """What a request asks for, from its method and headers alone.

    `headers` may be a multi-mapping; the case of names does not matter. Raises the refusals of
    `services.upload.refusals`.
    """
    fields = read_fields(headers)
    # "X-HTTP-Method-Override": the actual method is to be ignored.
    asked = fields.get("x-http-method-override", method).upper()
    if asked not in METHODS:
        raise UnsupportedMethod(method=asked)
    if asked == "OPTIONS":
        return Discover()
    if fields.get("tus-resumable") != VERSION:
        raise UnsupportedVersion(version=VERSION)
    if asked == "POST":
        return _creation(fields, offer)
    if asked == "PATCH":
        return _appending(fields)
    return Report() if asked == "HEAD" else Terminate()


def admit(command: Command, upload: Upload | None, now: datetime) -> Upload:
    """The upload, when the command may be carried out on it at this moment.

    Raises `NotFound`, `UploadExpired` ("Expiration"), `WrongOffset` ("PATCH"), `BodyTooLong`,
    `UploadFinished`.
    """
    if upload is None:
        raise NotFound
    # An upload whose bytes are all here was accepted, and is not lost to the clock.
    if not upload.complete and now >= upload.expires_at:
        raise UploadExpired
    if isinstance(command, Append):
        _check_append(command, upload)
    # Its bytes are a resource's now: that is deleted on its own page, by its own rules.
    if isinstance(command, Terminate) and upload.finished:
        raise UploadFinished
    return upload


async def within(
    chunks: AsyncIterable[bytes], room: int, excess: TongkeError | None = None
) -> AsyncIterator[bytes]:
    """The chunks, as long as all of them fit into `room` bytes; then `excess` (`BodyTooLong`).

    For bodies whose size was not told: what came before the excess may be kept.
    """
    async for chunk in chunks:
        room -= len(chunk)
        if room < 0:
            raise excess or BodyTooLong()
        yield chunk


def discovered(offer: Offer) -> Response:
    """ "OPTIONS": what is offered."""
    return _response(
        204,
        {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(offer.max_bytes),
        },
    )


def created(command: Create, upload: Upload, location: str) -> Response:
    """ "Creation: POST", and "Creation With Upload" for the offset after its body."""
    offset = {"Upload-Offset": str(upload.offset)} if command.carries_body else {}
    return _response(201, {"Location": location} | offset | _expires(upload))


def reported(upload: Upload) -> Response:
    """ "HEAD": how far it is, never from a cache."""
    headers = {"Upload-Offset": str(upload.offset), "Upload-Length": str(upload.length)}
    if upload.metadata_header:
        headers["Upload-Metadata"] = upload.metadata_header
    return _response(200, headers | _expires(upload) | {"Cache-Control": "no-store"})


def appended(upload: Upload) -> Response:
    """ "PATCH": the new offset."""
    return _response(204, {"Upload-Offset": str(upload.offset)} | _expires(upload))


def terminated() -> Response:
    """ "Termination: DELETE"."""
    return _response(204, {})


def refused(error: TongkeError) -> Response:
    """The status and headers of a refusal; its text is the handler's to write."""
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, UnsupportedVersion):
        headers["Tus-Version"] = VERSION
    if isinstance(error, UnsupportedMethod):
        headers["Allow"] = ", ".join(METHODS)
    return _response(error.status, headers)


def _creation(fields: Mapping[str, str], offer: Offer) -> Create:
    for name in ("Upload-Defer-Length", "Upload-Concat"):
        if name.lower() in fields:
            raise malformed(name, "不支持", "it is not offered here")
    length = number(fields, "Upload-Length")
    if length > offer.max_bytes:
        raise UploadTooLarge.than(offer.max_bytes)
    carries_body = _carries_body(fields)
    if carries_body and (body_bytes(fields) or 0) > length:
        raise BodyTooLong
    metadata_header = fields.get("upload-metadata", "")
    key = idempotency_key(fields)
    return Create(length, parse_metadata(metadata_header), metadata_header, carries_body, key)


def _appending(fields: Mapping[str, str]) -> Append:
    if content_type(fields) != BODY_TYPE:
        raise WrongContentType(expected=BODY_TYPE)
    return Append(number(fields, "Upload-Offset"), body_bytes(fields))


def _check_append(command: Append, upload: Upload) -> None:
    if command.offset != upload.offset:
        raise WrongOffset(offset=upload.offset)
    if (command.body_bytes or 0) > upload.room:
        raise BodyTooLong


def _carries_body(fields: Mapping[str, str]) -> bool:
    """Whether a POST brings bytes of the upload; a body of another kind is refused."""
    if content_type(fields) == BODY_TYPE:
        return True
    if body_bytes(fields) == 0:
        return False
    raise WrongContentType(expected=BODY_TYPE)


def _expires(upload: Upload) -> dict[str, str]:
    """ "Expiration: Upload-Expires", an HTTP date (RFC 9110, section 5.6.7)."""
    if upload.complete:
        return {}
    return {"Upload-Expires": format_datetime(upload.expires_at.astimezone(UTC), usegmt=True)}


def _response(status: int, headers: Mapping[str, str]) -> Response:
    return Response(status, {"Tus-Resumable": VERSION, **headers})
