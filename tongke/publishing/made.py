"""The rows that make an attempt's files the thing, and the playlists drawn from them.

A step puts what it made into a folder of its attempt; nothing shows it until these rows name it.
Replacing the rows of an earlier attempt is the swap: in one transaction the old files are no
longer named (the sweeper removes them) and the new ones are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from tongke import clock
from tongke.library.models import Asset, Rendition, Resource
from tongke.library.vocabulary import AssetRole, DownloadKind
from tongke.media import playlist
from tongke.media.rendition import SOUND, SOURCE, SOURCE_SOUND, Made


def swap_renditions(session: Session, resource: Resource, made: Iterable[Rendition]) -> None:
    """Let these renditions take the place of those of the same names."""
    made = list(made)
    names = [rendition.name for rendition in made]
    session.execute(
        delete(Rendition).where(Rendition.resource_id == resource.id, Rendition.name.in_(names))
    )
    session.add_all(made)
    session.flush()


def withdraw_source(session: Session, resource: Resource) -> None:
    """Undo the showing of a source that could not be remuxed to its end."""
    session.execute(
        delete(Rendition).where(
            Rendition.resource_id == resource.id, Rendition.name.in_((SOURCE, SOURCE_SOUND))
        )
    )
    resource.viewable_at = None


def multivariant(rows: Sequence[Rendition], *, sound_only: bool) -> str:
    """The multi-variant playlist of what there is now. The normalised sound replaces the first."""
    pictures = [] if sound_only else [_variant(row) for row in rows if row.kind == "video"]
    sounds = sorted((row for row in rows if row.kind == "audio"), key=lambda row: row.name != SOUND)
    return playlist.multivariant(pictures, [_variant(row) for row in sounds[:1]])


def _variant(row: Rendition) -> playlist.Variant:
    return playlist.Variant(
        uri=f"{row.prefix}{row.playlist}",
        codecs=row.codecs,
        bandwidth=row.bandwidth,
        average_bandwidth=row.average_bandwidth,
        width=row.width,
        height=row.height,
        frame_rate=row.frame_rate,
    )


def rendition_row(resource_id: int, prefix: str, made: Made) -> Rendition:
    """The row of a rendition that was made."""
    return Rendition(
        resource_id=resource_id,
        name=made.name,
        kind=made.kind,
        prefix=prefix,
        playlist=made.playlist,
        codecs=made.codecs,
        bandwidth=made.bandwidth,
        average_bandwidth=made.average_bandwidth,
        width=made.width,
        height=made.height,
        frame_rate=made.frame_rate,
        size_bytes=made.size_bytes,
    )


def swap_assets(
    session: Session, resource: Resource, roles: Sequence[AssetRole], made: Iterable[Asset]
) -> None:
    """Let these assets take the place of all that have one of these roles."""
    session.execute(delete(Asset).where(Asset.resource_id == resource.id, Asset.role.in_(roles)))
    session.add_all(made)
    session.flush()


def add_download(session: Session, resource: Resource, asset: Asset) -> None:
    """Let a copy to take along take the place of the one of its kind (its number tells it)."""
    session.execute(
        delete(Asset).where(
            Asset.resource_id == resource.id,
            Asset.role == asset.role,
            Asset.number == asset.number,
        )
    )
    session.add(asset)
    session.flush()


DOWNLOAD_NUMBERS = {DownloadKind.VIDEO: 0, DownloadKind.SOUND: 1, DownloadKind.DOCUMENT: 2}


def download_asset(
    resource_id: int, prefix: str, name: str, kind: DownloadKind, size: int
) -> Asset:
    """A copy to take along, of `size` bytes: carries no place, person or device."""
    details: dict[str, Any] = {"kind": kind, "bytes": size}
    return Asset(
        resource_id=resource_id,
        role=AssetRole.DOWNLOAD,
        number=DOWNLOAD_NUMBERS[kind],
        prefix=prefix,
        name=name,
        details=details,
    )


def make_viewable(resource: Resource) -> None:
    """From now on the audience sees it."""
    if resource.viewable_at is None:
        resource.viewable_at = clock.now()
