"""The origin of a class's playlists, parts and segments (low-latency HLS), for who may see it.

A request for a part that is not there yet is held until it is, but no longer than the standard has
it (rfc8216bis, 6.2.5.2). So is one for a difference that names no part: that is a rule of our own.
Who has a line for it is pushed each playlist (`pushing`), and asks for the parts alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final

from aiohttp import web

from services.http import verdicts
from services.http.keys import GROUND
from services.http.sending import IMMUTABLE, send_object
from services.http.verdicts import Verdict
from services.live.access.admission import admit, admitted
from services.live.carrying.broadcast import SEGMENT_MS, Broadcast
from services.live.carrying.carrier import CARRIER, MP4
from services.live.carrying.forward import where_carried
from services.live.carrying.lease import CarriedElsewhere
from services.live.playlists import listed, rendered, rendition_of
from tongke.classes import queries, vocabulary
from tongke.classes.after.recorded import cue_ranges
from tongke.classes.models import LiveSegment
from tongke.errors import NotFound, Text, Unavailable
from tongke.live.delivery import LiveEdge
from tongke.live.playlist import recorded
from tongke.live.small_picture import SMALL
from tongke.media.rendition import SOUND, SOURCE
from tongke.publishing import recording
from tongke.publishing.recording import PLAYLIST_TYPE

# All in all, however much else comes meanwhile: a player then asks again (6.2.5.2: three target
# durations).
HELD_S: Final = 3 * SEGMENT_MS / 1000
# What a player asks for next is another one; a proxy may share one among those who come together.
BRIEFLY: Final = "private, no-cache"
# Bits a second at most, sound included: as the publisher is asked to encode, and as we do.
BANDWIDTHS: Final = {SOURCE: 1_500_000, SMALL: 480_000, SOUND: 110_000}


class NotOnAir(Unavailable):
    code = "not-on-air"
    message = Text("主讲教室还没有画面", "Nothing comes from the lead classroom yet")
    remedy = Text("不用操作，来了就会接着放", "Nothing to do: it goes on by itself")


async def admission(request: web.Request) -> web.Response:
    """Whether a session may see a class, for nginx."""
    return await verdicts.admission(admit(request))


async def program(request: web.Request) -> web.Response:
    """The multi-variant playlist: the lesson, its small picture where there is one, and its sound
    alone."""
    right = await admitted(request)
    broadcast = await request.app[CARRIER].broadcast(right.number)
    # A player asks for this once.
    await _until(
        right,
        broadcast,
        SOURCE,
        lambda: bool(broadcast.streams[SOURCE].codecs) and not broadcast.small.is_coming,
    )
    return web.Response(
        text=_multivariant(broadcast),
        content_type=PLAYLIST_TYPE,
        headers={"Cache-Control": BRIEFLY},
    )


def _multivariant(broadcast: Broadcast) -> str:
    """Sound is in the lesson's own segments, so that a viewer asks for half as much. How large a
    picture is nobody knows here until its publisher has come to this process."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for name, stream in broadcast.on_air.items():
        if codecs := stream.codecs:
            known = "avc1" in codecs and name in broadcast.sizes
            size = ",RESOLUTION={}x{}".format(*broadcast.sizes[name]) if known else ""
            lines.append(f'#EXT-X-STREAM-INF:BANDWIDTH={BANDWIDTHS[name]},CODECS="{codecs}"{size}')
            lines.append(f"hls/{name}/live.m3u8")
    return "\n".join(lines) + "\n"


async def live_playlist(request: web.Request) -> web.Response:
    """A media playlist, held until it has what is asked for."""
    right, name = await admitted(request), rendition_of(request)
    try:
        broadcast = await request.app[CARRIER].broadcast(right.number)
    except vocabulary.ClassOver:
        return await _whole(request, right.number, name)
    edge = listed(broadcast, name).edge
    sequence, part = _number(request, "_HLS_msn"), _number(request, "_HLS_part")
    skip = request.query.get("_HLS_skip")
    edge.check(sequence, part, skip)
    if skip is not None and sequence is None:
        await _until_newer(right, broadcast, name, edge)
    else:

        def is_there() -> bool:
            return _lists(listed(broadcast, name).edge, sequence, part)

        await _until(right, broadcast, name, is_there)
    text = rendered(request.app, broadcast, name, skip=skip is not None)
    response = web.Response(
        body=text.plain, content_type=PLAYLIST_TYPE, headers={"Cache-Control": BRIEFLY}
    )
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.body = text.packed
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
    return response


async def _until_newer(right: Verdict, broadcast: Broadcast, name: str, had: LiveEdge) -> None:
    """Hold a difference that was asked for without a part: so hls.js asks for a playlist that it
    has already, every other second while nothing comes, and is to have what comes next at once.
    Then it is given what there is (the standard holds no request without a part).

    Raises:
        NotOnAir: there is nothing.
        NotSignedIn, NotFound: the right has ended meanwhile.
    """
    with suppress(NotOnAir):
        await _until(right, broadcast, name, lambda: listed(broadcast, name).edge != had)
    if not _lists(listed(broadcast, name).edge, None, None):
        raise NotOnAir


def _lists(edge: LiveEdge, sequence: int | None, part: int | None) -> bool:
    """Whether there is something to play, and what was asked for."""
    return edge.latest is not None and (sequence is None or edge.has(sequence, part))


async def _whole(request: web.Request, class_id: int, name: str) -> web.Response:
    """Of a class that has ended, for who was watching: to the end, and no further."""
    rows = await request.app[GROUND].database.read(queries.segments, class_id, name)
    if not rows:
        raise NotFound
    cues = await request.app[GROUND].database.read(cue_ranges, class_id)
    text = recorded(recording.listed(list(_as_listed(rows))), cues)
    return web.Response(text=text, content_type=PLAYLIST_TYPE, headers={"Cache-Control": BRIEFLY})


def _as_listed(rows: Sequence[LiveSegment]) -> Iterator[LiveSegment]:
    """Without what was filled in when the class had ended: it stands behind what came later."""
    latest_us = 0
    for row in rows:
        if row.began_us >= latest_us:
            latest_us = row.began_us
            yield row


async def piece(request: web.Request) -> web.StreamResponse:
    """A part, a segment or an initialisation segment. Names never change their content."""
    right = await admitted(request)
    class_id, rendition, name = right.number, rendition_of(request), request.match_info["name"]
    broadcast = request.app[CARRIER].carried(class_id)
    if broadcast is not None:
        # What players are told to expect next (4.4.5.3).
        stream = broadcast.streams[rendition]
        await _until(
            right,
            broadcast,
            rendition,
            lambda: name != stream.next_part or rendition not in broadcast.on_air,
        )
        if (data := broadcast.get(rendition, name)) is not None:
            headers = {"Cache-Control": IMMUTABLE, "Vary": "Cookie"}
            return web.Response(body=data, content_type=MP4, headers=headers)
    elif node := await request.app[CARRIER].elsewhere(class_id):
        raise CarriedElsewhere(node)
    resource_id = await request.app[GROUND].database.read(queries.resource_id, class_id)
    return await send_object(
        request,
        request.app[GROUND].objects,
        recording.folder(resource_id, rendition) + name,
        cache_control=IMMUTABLE,
        content_type=MP4,
    )


async def _until(
    right: Verdict, broadcast: Broadcast, name: str, is_there: Callable[[], bool]
) -> None:
    """Hold a request until what it asks for of a rendition is there.

    Raises:
        NotOnAir: it has not come in time, or will not come here; the player asks again.
        NotSignedIn, NotFound: the right has ended meanwhile.
    """
    if is_there():
        return
    try:
        # Not `wait_for`, which makes a task of it: hundreds of players wait for each part.
        async with asyncio.timeout(HELD_S):
            while not broadcast.has_ended:
                await broadcast.news.until(name)
                if is_there():
                    await right.ask(again=True)
                    return
    except TimeoutError:
        pass
    raise NotOnAir


def _number(request: web.Request, name: str) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    # What is no number is refused as one that is out of reach.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


def mount(app: web.Application) -> None:
    app.router.add_get("/live/{id}/admission", admission)
    app.router.add_get("/live/{id}/program.m3u8", where_carried(program))
    app.router.add_get("/live/{id}/hls/{rendition}/live.m3u8", where_carried(live_playlist))
    # Recordings of before have names without a suffix.
    app.router.add_get(
        r"/live/{id}/hls/{rendition}/{name:\d+-[msp]\d+(?:-[0-9a-f]{8})?\.(?:m4s|mp4)}",
        where_carried(piece),
    )
