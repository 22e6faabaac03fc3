"""Uploads as rows: begun, described, finished or expired. Their bytes are the object store's.

A process may die between the last byte and the resource. Asking the store about every upload that
lies unfinished would cost an S3 store several requests for each of thousands, every few seconds.
So whoever writes keeps `touched_at` fresh, from the first chunk to the last; what is no longer
fresh has no writer, is asked about once, and rests until somebody writes again. However long the
sweeper was away itself, nothing is passed over.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tongke import clock
from tongke.errors import Conflict, Forbidden, Invalid, NotFound, Text, TongkeError
from tongke.library import resources
from tongke.library.fields import fields_of_upload, parse_fields
from tongke.library.models import Resource, Upload
from tongke.people.audience import Viewer
from tongke.people.queries import viewer_of


class MayNotUpload(Forbidden):
    code = "may-not-upload"
    message = Text("这个账号不能上传", "This account may not upload")
    remedy = Text("上传要用教师或职员账号", "Use the account of a teacher or staff member")


class AlreadyAResource(Conflict):
    code = "already-a-resource"
    message = Text("文件已经收好", "The upload is finished")
    remedy = Text("请改它的资料", "Change the resource it became")


class KeyOfAnother(TongkeError):
    code = "idempotency-key-of-another"
    status = 422
    message = Text(
        "这个 Idempotency-Key 已经用于另一个文件", "This Idempotency-Key began another file already"
    )
    remedy = Text("每个文件换一个新的", "Take a new one for each file")


EMPTY_FILE = Text("这个文件是空的", "This file is empty")

# What one account may have on its way. A term's recordings put into the queue at once stay below;
# beyond it somebody fills the table, or lays claim to the disk of a whole province.
MOST_OPEN = 200
MOST_OPEN_BYTES = 500 * 2**30

# A writer says so no more often than this: one small transaction beside megabytes.
TOUCH_EVERY = timedelta(seconds=15)
# Nobody writes any more. The time between the two is for a store that is slow to take the last
# bytes, after which no chunk comes that could say so.
LEFT_AFTER = timedelta(seconds=60)


class TooManyUploads(Forbidden):
    code = "too-many-uploads"
    message = Text("没传完的文件太多了", "Too many files are unfinished")
    remedy = Text(
        "请先把前面的传完，或在上传页取消几个",
        "Finish those first, or give some of them up on the upload page",
    )


def begin(
    session: Session,
    owner: Viewer,
    metadata: Mapping[str, str],
    metadata_header: str,
    length: int,
    keep_days: int,
    key: str = "",
) -> Upload:
    """Begin an upload of `length` bytes, described by a tus `Upload-Metadata` (and as written).

    By its `key`, where there is one, `begun` finds it again.

    Raises:
        MayNotUpload, TooManyUploads, Invalid.
    """
    if not owner.may_upload:
        raise MayNotUpload
    if length == 0:
        raise Invalid({"filename": EMPTY_FILE})
    _check_claim(session, owner, length)
    fields = fields_of_upload(metadata)
    resources.check_audience(session, owner, fields.audience)
    now = clock.now()
    upload = Upload(
        id=_id_of(owner, key) if key else secrets.token_hex(16),
        account_id=owner.account_id,
        filename=_filename(metadata.get("filename", ""), fields.title),
        length=length,
        fields=fields.model_dump(mode="json"),
        metadata_header=metadata_header,
        created_at=now,
        expires_at=now + timedelta(days=keep_days),
        touched_at=now,
    )
    session.add(upload)
    session.flush()
    return upload


def begun(session: Session, owner: Viewer, key: str, length: int) -> Upload | None:
    """What this owner began with this `key` of a creation; None when there is nothing (any more).

    Raises:
        KeyOfAnother: a file of another length.
    """
    upload = session.get(Upload, _id_of(owner, key)) if key else None
    if upload is not None and upload.length != length:
        raise KeyOfAnother
    return upload


def _id_of(owner: Viewer, key: str) -> str:
    """As hard to guess as the key, which is its owner's own: two people's never meet."""
    return hashlib.sha256(f"{owner.account_id} {key}".encode()).hexdigest()[:32]


def _check_claim(session: Session, owner: Viewer, length: int) -> None:
    """One file is always let in, however large: its own limit is the operator's to set."""
    number, claimed = session.execute(
        select(func.count(), func.coalesce(func.sum(Upload.length), 0)).where(
            Upload.account_id == owner.account_id,
            Upload.resource_id.is_(None),
            Upload.expires_at > clock.now(),
        )
    ).one()
    if number >= MOST_OPEN or (number and claimed + length > MOST_OPEN_BYTES):
        raise TooManyUploads


def own(session: Session, owner: Viewer, upload_id: str) -> Upload:
    """An upload of this owner.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    return _owned(session.get(Upload, upload_id), owner)


def _own_locked(session: Session, owner: Viewer, upload_id: str) -> Upload:
    """The same, to be changed: whoever finishes it at this moment comes before or after."""
    return _owned(session.get(Upload, upload_id, with_for_update=True), owner)


def _owned(upload: Upload | None, owner: Viewer) -> Upload:
    if upload is None or upload.account_id != owner.account_id:
        raise NotFound
    return upload


def describe(session: Session, owner: Viewer, upload_id: str, values: Mapping[str, Any]) -> Upload:
    """Replace what is said of a file while it is still on its way."""
    upload = _own_locked(session, owner, upload_id)
    if upload.resource_id is not None:
        raise AlreadyAResource
    fields = parse_fields({**upload.fields, **values}, upload.filename)
    resources.check_audience(session, owner, fields.audience)
    upload.fields = fields.model_dump(mode="json")
    return upload


def settle_length(session: Session, upload_id: str, length: int) -> Upload:
    """Say how long a file is whose length was not known when it began (a plain form)."""
    upload = session.get_one(Upload, upload_id)
    upload.length = length
    return upload


def finish(session: Session, upload_id: str) -> Resource | None:
    """Make the resource of an upload whose bytes are all sealed. Repeatable.

    None when its owner may not upload any more; it then expires.
    """
    upload = session.get(Upload, upload_id, with_for_update=True)
    if upload is None:
        return None
    owner = viewer_of(session, upload.account_id)
    if owner is None or (upload.resource_id is None and not owner.may_upload):
        return None
    return resources.create_from_upload(session, upload, owner)


def end(session: Session, owner: Viewer, upload_id: str) -> Upload:
    """Forget an unfinished upload; what became a resource is deleted as one."""
    upload = _own_locked(session, owner, upload_id)
    if upload.resource_id is None:
        session.delete(upload)
    return upload


def touch(session: Session, upload_id: str) -> None:
    """Say that somebody writes to it."""
    session.execute(update(Upload).where(Upload.id == upload_id).values(touched_at=clock.now()))


def left(session: Session, now: datetime) -> list[Upload]:
    """Unfinished uploads whose writer is gone, and which nobody has looked at since."""
    return list(
        session.scalars(
            select(Upload).where(Upload.touched_at < now - LEFT_AFTER, Upload.resource_id.is_(None))
        )
    )


def let_rest(session: Session, upload: Upload) -> None:
    """It was looked at and lacks bytes; left as it is when somebody has gone on with it since."""
    session.execute(
        update(Upload)
        .where(Upload.id == upload.id, Upload.touched_at == upload.touched_at)
        .values(touched_at=None)
    )


def expired(session: Session, now: datetime) -> list[Upload]:
    """Uploads that nobody went on with; a finished one is kept as long as one would ask for it."""
    return list(session.scalars(select(Upload).where(Upload.expires_at < now)))


# The longest name that every file system takes, in characters of three bytes.
MOST_FILENAME_CHARACTERS = 80


def _filename(given: str, title: str) -> str:
    """The name without folders and control characters, cut in the middle when too long."""
    name = given.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(char for char in name if char.isprintable()).strip(" .") or title
    if len(name) <= MOST_FILENAME_CHARACTERS:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = f"{dot}{ending}" if stem and len(ending) <= 8 else ""
    return name[: MOST_FILENAME_CHARACTERS - len(tail)] + tail
