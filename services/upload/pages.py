"""The upload page: its configuration for the script, and a plain form where there is no script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from aiohttp import BodyPartReader, MultipartReader, web
from sqlalchemy.orm import Session

from services.http.call import Call
from services.http.identity import CSRF_FIELD, check_csrf_token, identify
from services.http.language import Language
from services.http.problems import BadRequest
from services.library import audiences
from services.upload import space
from services.upload.protocol import within
from services.upload.refusals import UploadTooLarge
from services.web import labels, views
from services.web.i18n import translations
from services.web.page import Pages, done, show
from tongke.errors import Invalid, NotSignedIn, Text, TongkeError
from tongke.library import uploads
from tongke.library.uploads import MayNotUpload
from tongke.publishing import uploading

pages = Pages()

CHOOSE_A_FILE = Text("请选一个文件", "Choose a file")

# Offered by the file dialog; what a file is, is decided by its content.
ACCEPT = (
    "video/*", "audio/*", ".mp4", ".m4v", ".mov", ".mkv", ".avi", ".flv", ".wmv", ".ts", ".mts",
    ".webm", ".mp3", ".m4a", ".aac", ".wav", ".pdf", ".docx", ".pptx", ".txt", ".doc", ".ppt",
    ".wps",
)  # fmt: skip
# The form has a dozen fields and as many audiences as an author may tick.
MOST_PARTS = 100
MOST_FIELD_CHARACTERS = 4000
# What a form holds besides its file: at most so much of it is read.
MOST_FORM_BYTES = 16 * MOST_PARTS * MOST_FIELD_CHARACTERS
VOCABULARY = ("kind", "stage", "grade", "subject")


@pages.get("/upload")
async def upload_page(call: Call) -> web.StreamResponse:
    if not call.viewer.may_upload:
        raise MayNotUpload
    return await show(call, await call.read(_view, call, views.Form()))


def _view(session: Session, call: Call, form: views.Form) -> views.UploadView:
    choices = audiences.choices(session, call.viewer, call.language)
    return views.UploadView(
        config=_config(call, choices),
        # Ticking none of these means only oneself.
        audiences=choices[1:],
        max_bytes=call.ground.settings.upload_max_bytes,
        form=form,
    )


def _config(call: Call, choices: tuple[views.AudienceChoice, ...]) -> dict[str, Any]:
    """What the script needs to know."""
    return {
        "audiences": [
            {
                "token": choice.token,
                "label": choice.label,
                "needs_review": choice.reviewer is not None,
                "reviewer": choice.reviewer,
            }
            for choice in choices
        ],
        "vocabulary": {name: _options(name, call.language) for name in VOCABULARY},
        "max_bytes": call.ground.settings.upload_max_bytes,
        "accept": list(ACCEPT),
        "user_id": call.viewer.account_id,
    }


def _options(name: str, language: Language) -> list[dict[str, str]]:
    gettext = translations(language).gettext
    return [
        {"value": str(value), "label": gettext(label)}
        for value, label in labels.TABLES[name].items()
    ]


async def upload_form(request: web.Request) -> web.StreamResponse:
    """One file by a plain form. The fields are written in the page before the file."""
    identity = await identify(request)
    if identity is None:
        raise NotSignedIn
    call = Call(request, identity)
    values: dict[str, str] = {}
    audience: list[str] = []
    token: str | None = None
    parts = _parts(request)
    try:
        async for part in parts:
            if part.name == "file":
                check_csrf_token(token, identity.csrf)
                await _take(call, part, parts, {**values, "audience": " ".join(audience)})
                return done("/mine", "uploaded")
            text = await _text(part)
            if part.name == "audience":
                audience.append(text)
            elif part.name == CSRF_FIELD:
                token = text
            elif part.name:
                values[part.name] = text
        raise Invalid({"file": CHOOSE_A_FILE})
    except Invalid as error:
        form = views.Form({**values, "audience": " ".join(audience)}, error.fields)
        return await show(call, await call.read(_view, call, form), status=error.status)


async def _parts(request: web.Request) -> AsyncIterator[BodyPartReader]:
    """The parts of the form, one after the other.

    Raises:
        web.HTTPBadRequest, web.HTTPRequestEntityTooLarge.
    """
    reader = await _reader(request)
    for _ in range(MOST_PARTS):
        try:
            part = await reader.next()
        except ValueError as error:
            raise web.HTTPBadRequest from error
        if part is None:
            return
        if isinstance(part, BodyPartReader):
            yield part
    raise web.HTTPRequestEntityTooLarge(MOST_PARTS)


async def _reader(request: web.Request) -> MultipartReader:
    if request.content_type != "multipart/form-data":
        raise web.HTTPBadRequest
    try:
        return await request.multipart()
    except ValueError as error:
        raise web.HTTPBadRequest from error  # without a boundary


async def _text(part: BodyPartReader) -> str:
    try:
        return (await part.text())[:MOST_FIELD_CHARACTERS]
    except (LookupError, ValueError, RuntimeError) as error:
        # An encoding nobody knows, or bytes that are not in it.
        raise web.HTTPBadRequest from error


async def _take(
    call: Call,
    part: BodyPartReader,
    parts: AsyncIterator[BodyPartReader],
    values: dict[str, str],
) -> None:
    """Stream the file into the store. Its size is known at its end."""
    metadata = {**values, "filename": part.filename or ""}
    if not part.filename:
        raise Invalid({"file": CHOOSE_A_FILE})
    settings = call.ground.settings
    # The whole form is a little longer than its file.
    told = call.request.content_length or settings.upload_max_bytes
    too_large = UploadTooLarge.than(settings.upload_max_bytes)
    if told > settings.upload_max_bytes + MOST_FORM_BYTES:
        raise too_large
    most = min(settings.upload_max_bytes, told)
    await space.require(call.ground, most)
    row = await call.write(
        uploads.begin, call.viewer, metadata, "", most, settings.upload_keep_days
    )
    try:
        await call.ground.appendable.create(row.key)
        chunks = within(_chunks(part), settings.upload_max_bytes, too_large)
        body = space.while_left(call.ground, chunks)
        length = await uploading.append(call.ground, row, 0, body)
        # Half a file would look like a whole one where the form was cut: it has to go on, or end.
        await anext(parts, None)
        if length == 0:
            raise Invalid({"file": uploads.EMPTY_FILE})
        row = await call.write(uploads.settle_length, row.id, length)
        await uploading.finish(call.ground, row)
    except BaseException:
        # Whatever it was (a line that broke, a body that is no form, the store): nobody can go on
        # with it. While the store is away its bytes cannot be forgotten; without their row they
        # are swept.
        with suppress(TongkeError):
            await call.ground.appendable.abort(row.key)
        await call.write(uploads.end, call.viewer, row.id)
        raise


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await _chunk(part):
        yield chunk


async def _chunk(part: BodyPartReader) -> bytes:
    try:
        return await part.read_chunk(64 * 1024)
    except ValueError as error:
        raise BadRequest from error  # it ends without a boundary


def mount(app: web.Application) -> None:
    pages.mount(app)
    app.router.add_post("/upload", upload_form)
