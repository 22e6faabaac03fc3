"""Sends an object: whole or a range, with validators, never more in memory than a chunk.

RFC 9110: section 13 (If-None-Match, If-Range) and section 14 (Range, one range).
"""

from __future__ import annotations

from email.utils import format_datetime

from aiohttp import web
from aiohttp.typedefs import LooseHeaders

from tongke.storage.objects.port import ObjectInfo, ObjectStore

# Of one person, kept by their browser for a year: the name changes when the content does.
IMMUTABLE = "private, max-age=31536000, immutable"
# Asked for anew each time, answered by 304 when it is the same.
REVALIDATE = "private, no-cache"


async def send_object(
    request: web.Request,
    store: ObjectStore,
    key: str,
    *,
    cache_control: str,
    content_type: str | None = None,
    headers: LooseHeaders | None = None,
) -> web.StreamResponse:
    """Answer a GET or HEAD with an object.

    Raises:
        ObjectMissing: there is none.
    """
    info = await store.info(key)
    response = web.StreamResponse(headers=headers)
    response.headers["Cache-Control"] = cache_control
    # A classroom's browser is many people's: what it kept is of whoever was signed in.
    response.headers["Vary"] = "Cookie"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = f'"{info.etag}"'
    response.headers["Last-Modified"] = format_datetime(info.modified_at, usegmt=True)
    response.headers["X-Content-Type-Options"] = "nosniff"
    if _unchanged(request, info):
        response.set_status(304)
        await response.prepare(request)
        return response
    response.headers["Content-Type"] = content_type or info.content_type
    start, length = _choose_part(request, info, response)
    response.content_length = length
    await response.prepare(request)
    if request.method != "HEAD" and length:
        async for chunk in store.read(key, start, length):
            await response.write(chunk)
    await response.write_eof()
    return response


def _unchanged(request: web.Request, info: ObjectInfo) -> bool:
    tags = request.if_none_match
    return tags is not None and any(tag.value in {info.etag, "*"} for tag in tags)


def _choose_part(
    request: web.Request, info: ObjectInfo, response: web.StreamResponse
) -> tuple[int, int]:
    """The first byte and the number of bytes to send; sets the status and Content-Range."""
    part = _range(request, info)
    if part is None:
        response.set_status(416)
        response.headers["Content-Range"] = f"bytes */{info.size}"
        return 0, 0
    start, length = part
    if length < info.size:
        response.set_status(206)
        response.headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{info.size}"
    return start, length


def _range(request: web.Request, info: ObjectInfo) -> tuple[int, int] | None:
    """The first byte and the number of bytes to send; None when there is nothing there."""
    if not _range_holds(request, info):
        return 0, info.size
    try:
        wanted = request.http_range
    except ValueError:
        return 0, info.size  # section 14.2: a Range that cannot be read is passed over
    start = wanted.start or 0
    if start < 0:
        start = max(info.size + start, 0)
    stop = info.size if wanted.stop is None else min(wanted.stop, info.size)
    asked = wanted.start is not None or wanted.stop is not None
    if asked and start >= stop:
        return None
    return start, stop - start


def _range_holds(request: web.Request, info: ObjectInfo) -> bool:
    """Whether the range is of the version that is here (If-Range; only our strong tag is one)."""
    given = request.headers.get("If-Range")
    return given is None or given == f'"{info.etag}"'
