"""What a part that cannot be used says to whoever runs the service.

The errors of the ports speak to visitors, who can only come again. An operator wants to know which
part it was and where, what it said, and which setting to look at.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from tongke.cli.errors import (
    DamagedIndex,
    IndexFileUnusable,
    IndexOfAnotherVersion,
    IndexUnusable,
    ObjectsUnusable,
)
from tongke.errors import TongkeError
from tongke.settings import Settings
from tongke.storage.objects.errors import ObjectsUnavailable

# What `search` says where it is away, for want of an import that would point upwards; what refuses
# us says itself which setting to look at.
INDEX_AWAY = "index-unavailable"
# What fits into some lines of a terminal.
REASON_CHARACTERS = 200
# "The file is malformed", "is not a database": https://sqlite.org/rescode.html
_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})
# Of an Elasticsearch 7, which does not know how an 8 is spoken to, and of a later one than 9.
_OTHER_VERSION = frozenset({"media_type_header_exception", 406})


def objects(settings: Settings, error: ObjectsUnavailable) -> TongkeError:
    """What to say where objects cannot be kept. What has a remedy of its own stays."""
    if error.code != ObjectsUnavailable.code:
        return error
    where = settings.s3_url or str(settings.objects_dir)
    return ObjectsUnusable(where=where, reason=_said(error.__cause__) or error.values["reason"])


def index(settings: Settings, error: TongkeError) -> TongkeError:
    """What to say where the index cannot be used. What has a remedy of its own stays."""
    if error.code != INDEX_AWAY:
        return error
    if settings.elasticsearch_url is None:
        return _of_file(settings, error.__cause__)
    return _of_server(_place(settings.elasticsearch_url), error.__cause__)


def _of_file(settings: Settings, cause: BaseException | None) -> TongkeError:
    # Of the extended names the first two words.
    name = "_".join(getattr(cause, "sqlite_errorname", "").split("_")[:2])
    if name in _DAMAGED:
        return DamagedIndex(path=settings.index_path)
    return IndexFileUnusable(path=settings.index_path, reason=cause or "?")


def _of_server(where: str, cause: BaseException | None) -> TongkeError:
    from elasticsearch import ApiError, TransportError, UnsupportedProductError

    match cause:
        case UnsupportedProductError():
            return IndexOfAnotherVersion(where=where, reason=cause.message)
        case ApiError() if {cause.error, cause.status_code} & _OTHER_VERSION:
            return IndexOfAnotherVersion(where=where, reason=f"{cause.status_code} {cause.error}")
        case ApiError():
            return IndexUnusable(where=where, reason=f"{cause.status_code} {_reason(cause.body)}")
        case TransportError():
            return IndexUnusable(where=where, reason=cause.message)
    return IndexUnusable(where=where, reason=cause or "?")


def _reason(body: object) -> str:
    """The first line of why it was not done; a gateway before it answers with a whole page."""
    error = body.get("error") if isinstance(body, dict) else body
    reason = error.get("reason") if isinstance(error, dict) else error
    return str(reason).strip().partition("\n")[0][:REASON_CHARACTERS]


def _place(url: str) -> str:
    """An address without its name and password."""
    return urlsplit(url)._replace(netloc=urlsplit(url).netloc.rpartition("@")[2]).geturl()


def _said(cause: BaseException | None) -> str:
    """What the way to a store says: urllib3 has it inside that it tried too often."""
    reason = getattr(cause, "reason", None)
    return str(reason) if isinstance(reason, Exception) else ""
