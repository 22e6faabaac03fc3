"""Uploads over JSON, beside tus: what is unfinished, what is said of it, and finishing again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from services.http.api import Api
from services.http.call import Call
from services.library.api import shown
from services.library.schemas import ResourceChanges, ResourceOut
from tongke.errors import Conflict, Text
from tongke.library import queries, uploads
from tongke.library.models import Resource, Upload
from tongke.publishing import uploading

api = Api("uploads")


class Unfinished(Conflict):
    code = "upload-unfinished"
    message = Text("文件还没有传完", "The file is not complete yet")
    remedy = Text("请先接着传完", "Send the rest first")


class UploadOut(BaseModel):
    """`offset` bytes of `length` are durable; the rest goes on there."""

    id: str
    filename: str
    length: int
    offset: int
    created_at: datetime
    expires_at: datetime
    fields: dict[str, Any]
    resource_id: int | None


class Uploads(BaseModel):
    items: list[UploadOut]


class Finished(BaseModel):
    resource: ResourceOut


@api.get("/uploads", "My unfinished uploads")
async def index(call: Call) -> Uploads:
    rows = await call.read(queries.uploads_of, call.viewer)
    return Uploads(items=[await _out(call, row) for row in rows])


@api.put("/uploads/{id}/fields", "Say what a file is, while it is on its way")
async def describe(call: Call, id: str, body: ResourceChanges) -> UploadOut:
    values = body.model_dump(exclude_unset=True, exclude_none=True, mode="json")
    row = await call.write(uploads.describe, call.viewer, id, values)
    return await _out(call, row)


@api.post("/uploads/{id}/finish", "Make the resource of a complete upload; may be repeated")
async def finish(call: Call, id: str) -> Finished:
    row = await call.read(uploads.own, call.viewer, id)
    if row.resource_id is None:
        if await uploading.durable_offset(call.ground, row) < row.length:
            raise Unfinished
        resource_id = (await uploading.finish(call.ground, row)).id
    else:
        resource_id = row.resource_id
    return Finished(resource=await call.read(_shown, call, resource_id))


def _shown(session: Session, call: Call, resource_id: int) -> ResourceOut:
    resource: Resource = queries.visible_resource(session, call.viewer, resource_id)
    return shown(session, call.viewer, call.language, [resource])[0]


async def _out(call: Call, row: Upload) -> UploadOut:
    return UploadOut(
        id=row.id,
        filename=row.filename,
        length=row.length,
        offset=await uploading.durable_offset(call.ground, row),
        created_at=row.created_at,
        expires_at=row.expires_at,
        fields=row.fields,
        resource_id=row.resource_id,
    )
