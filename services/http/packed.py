"""Bodies that come packed (Content-Encoding) are refused, and are not unpacked to be refused.

Two hundred kilobytes may unpack to two hundred megabytes, in one go on the loop that everybody
waits for; also where a route reads no body, since what is left of one is read and dropped. No
browser packs what it sends. The server is told not to unpack (`auto_decompress`, in
`tongke.cli.lines`).
"""

from __future__ import annotations

from aiohttp import hdrs, web

from services.http.tracing import Handler
from tongke.errors import Text, TongkeError


class PackedBody(TongkeError):
    code = "packed-body"
    status = 415
    message = Text("发来的内容是压缩过的", "What was sent is packed")
    remedy = Text("请不要压缩，直接发送", "Send it as it is, without Content-Encoding")


@web.middleware
async def refuse_packed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Raises PackedBody."""
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().lower() != "identity":
        raise PackedBody
    return await handler(request)
