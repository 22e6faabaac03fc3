"""Media: where things are, and the things themselves.

`/media/{id}/{name}` serves what was made of a resource. Names are immutable (a folder for each
attempt), so everything but playlists may be kept by the browser for good; rights are decided by
the session, from `kept_rights`, without a look into the database for each segment.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import quote

from aiohttp import web
from sqlalchemy.orm import Session

from services.http import verdicts
from services.http.api import parse_id
from services.http.call import Call
from services.http.identity import require
from services.http.keys import GROUND
from services.http.sending import IMMUTABLE, REVALIDATE, send_object
from services.library.schemas import (
    DownloadOut,
    MediaOut,
    RenditionOut,
    asset_url,
    is_inside,
    media_url,
    page_out,
    state_told,
)
from tongke.errors import NotFound
from tongke.library import keys, queries, watching
from tongke.library.models import Asset, Rendition, Resource
from tongke.library.resources import may_edit
from tongke.library.vocabulary import AssetRole, DownloadKind, State
from tongke.people.audience import Viewer
from tongke.publishing.made import multivariant

GROWING = frozenset({State.CHECKING, State.PLAYABLE, State.ENCODING})

MASTER = "master.m3u8"
SOUND = "sound.m3u8"
# The folder of an attempt, then plain names: nothing else is in a resource's folder.
_MADE = re.compile(r"a\d+-\d+(/[A-Za-z0-9][A-Za-z0-9._-]*){1,3}")


def media_of(session: Session, viewer: Viewer, resource_id: int) -> MediaOut:
    """Everything a page needs to show a resource.

    Raises:
        NotFound.
    """
    resource = queries.visible_resource(session, viewer, resource_id)
    made = queries.renditions(session, resource_id)
    pictures = [r for r in made if r.kind == "video"]
    sounds = [r for r in made if r.kind == "audio"]
    kept = queries.assets(session, resource_id)
    by_role = {asset.role: asset for asset in kept if asset.role != AssetRole.PAGE}
    return MediaOut(
        state=state_told(resource, is_inside(viewer, resource)),
        growing=resource.state in GROWING,
        medium=resource.medium,
        duration_s=resource.duration_s,
        hls=media_url(resource_id, MASTER) if made else None,
        sound=media_url(resource_id, SOUND) if sounds else None,
        poster=_url(by_role.get(AssetRole.POSTER)),
        storyboard=_url(by_role.get(AssetRole.STORYBOARD)),
        renditions=[_rendition_out(r) for r in pictures],
        downloads=downloads(resource, kept, viewer),
        pages=[page_out(asset) for asset in kept if asset.role == AssetRole.PAGE],
        html=_url(by_role.get(AssetRole.HTML)),
        position_s=watching.position(session, viewer, resource_id),
    )


def downloads(resource: Resource, kept: list[Asset], viewer: Viewer) -> list[DownloadOut]:
    """What can be taken along: copies that carry no place, person or device; to its author also
    the file itself."""
    found = [
        DownloadOut(
            kind=asset.details["kind"],
            name=download_name(resource, asset),
            url=f"/resources/{resource.id}/download/{asset.details['kind']}",
            bytes=asset.details["bytes"],
        )
        for asset in kept
        if asset.role == AssetRole.DOWNLOAD
    ]
    if may_edit(viewer, resource):
        url = f"/resources/{resource.id}/download/original"
        size = resource.size_bytes
        found.append(
            DownloadOut(kind=DownloadKind.ORIGINAL, name=resource.filename, url=url, bytes=size)
        )
    return found


def download_name(resource: Resource, asset: Asset) -> str:
    """The title, with the ending of what it is."""
    stem = re.sub(r'[\\/:*?"<>|\x00-\x1f]', " ", resource.title).strip() or str(resource.id)
    return stem + PurePath(asset.name).suffix


def _url(asset: Asset | None) -> str | None:
    return asset_url(asset) if asset else None


def _rendition_out(row: Rendition) -> RenditionOut:
    return RenditionOut(
        name=row.name, width=row.width or 0, height=row.height or 0, bandwidth=row.bandwidth
    )


async def serve_media(request: web.Request) -> web.StreamResponse:
    """A playlist, segment, picture or page of a resource."""
    resource_id = parse_id(request.match_info["id"])
    name = request.match_info["name"]
    await admit(request, resource_id)
    if name in {MASTER, SOUND}:
        return await _multivariant(request, resource_id, name)
    if _MADE.fullmatch(name) is None:
        raise NotFound
    grows = name.endswith(".m3u8")
    return await send_object(
        request,
        request.app[GROUND].objects,
        keys.folder(resource_id) + name,
        cache_control=REVALIDATE if grows else IMMUTABLE,
        headers={"Content-Security-Policy": "sandbox; default-src 'none'"},
    )


async def admit(request: web.Request, resource_id: int) -> None:
    """Let the request pass if its session may see the resource.

    Raises:
        NotSignedIn, NotFound.
    """
    await verdicts.admit(request, f"resource:{resource_id}", resource_id, queries.may_see)


async def admission(request: web.Request) -> web.Response:
    """Whether a session may see a resource, for nginx."""
    return await verdicts.admission(admit(request, parse_id(request.match_info["id"])))


async def _multivariant(request: web.Request, resource_id: int, name: str) -> web.Response:
    """The multi-variant playlist, of what there is now: it grows while the ladder is made."""
    rows = await request.app[GROUND].database.read(queries.renditions, resource_id)
    text = multivariant(rows, sound_only=name == SOUND)
    return web.Response(
        text=text,
        content_type="application/vnd.apple.mpegurl",
        headers={"Cache-Control": REVALIDATE},
    )


async def download(request: web.Request) -> web.StreamResponse:
    """A copy to take along, under a name that says what it is (RFC 6266)."""
    call = Call(request, await require(request))
    resource_id = parse_id(request.match_info["id"])
    key, name = await call.read(_download_of, call.viewer, resource_id, request.match_info["kind"])
    return await send_object(
        request,
        call.ground.objects,
        key,
        cache_control=REVALIDATE,
        content_type="application/octet-stream",
        headers={"Content-Disposition": attachment(name)},
    )


def _download_of(session: Session, viewer: Viewer, resource_id: int, kind: str) -> tuple[str, str]:
    """The object's key and the name to give it."""
    resource = queries.visible_resource(session, viewer, resource_id)
    if kind == DownloadKind.ORIGINAL and may_edit(viewer, resource):
        return resource.original_key, resource.filename
    for asset in queries.assets(session, resource_id):
        if asset.role == AssetRole.DOWNLOAD and asset.details["kind"] == kind:
            return asset.key, download_name(resource, asset)
    raise NotFound


def attachment(filename: str) -> str:
    """A Content-Disposition that names a file in any script (RFC 6266, RFC 8187)."""
    return f"attachment; filename*=UTF-8''{quote(filename, safe='')}"


def mount(app: web.Application) -> None:
    app.router.add_get("/media/{id}/admission", admission)
    app.router.add_get("/media/{id}/{name:.+}", serve_media)
    app.router.add_get("/resources/{id}/download/{kind}", download)
