"""The playlists of a class as they are now, each rendered once for all who are given it: whole, and
as the difference to what they had."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from aiohttp import web

from services.live.carrying.broadcast import OFFERED, Broadcast
from tongke.errors import NotFound
from tongke.live.delivery import LiveEdge
from tongke.live.playlist import LivePlaylist
from tongke.media.rendition import SOURCE


class RenderedText(NamedTuple):
    plain: bytes
    # By gzip.
    packed: bytes


@dataclass
class Rendered:
    """A playlist as it was rendered last."""

    edge: LiveEdge | None = None
    # Whole, and as a difference.
    texts: dict[bool, RenderedText] = field(default_factory=dict)


# Of the broadcasts that are carried here, and by rendition; they go with them.
RENDERED: Final = web.AppKey("rendered", WeakKeyDictionary[Broadcast, dict[str, Rendered]])


def rendition_of(request: web.Request) -> str:
    """Which one a request is for. Raises NotFound."""
    name = request.match_info["rendition"]
    if name not in OFFERED:
        raise NotFound
    return name


def listed(broadcast: Broadcast, name: str) -> LivePlaylist:
    """A rendition as it is listed now.

    Raises:
        NotFound: there is no small picture (any more), or the lesson has no sound; players go on
            with another rendition.
    """
    is_begun = broadcast.streams[SOURCE].playlist.latest is not None
    if is_begun and name not in broadcast.on_air:
        raise NotFound
    return broadcast.streams[name].playlist


def rendered(app: web.Application, broadcast: Broadcast, name: str, *, skip: bool) -> RenderedText:
    """The playlist of a rendition. `skip`: as a difference."""
    stream = broadcast.streams[name]
    kept = app[RENDERED].setdefault(broadcast, {}).setdefault(name, Rendered())
    edge = stream.playlist.edge
    if kept.edge != edge:
        kept.edge, kept.texts = edge, {}
    if skip not in kept.texts:
        reports = {
            f"../{other}/live.m3u8": latest
            for other, beside in broadcast.on_air.items()
            if other != name and (latest := beside.playlist.latest) is not None
        }
        text = stream.playlist.render(
            next_part_name=stream.next_part, skip=skip, reports=reports
        ).encode()
        kept.texts[skip] = RenderedText(text, gzip.compress(text, 1))
    return kept.texts[skip]


def mount(app: web.Application) -> None:
    app[RENDERED] = WeakKeyDictionary()
