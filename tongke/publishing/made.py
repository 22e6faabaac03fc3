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


def swap_renditions(session: Session, resource: Resource, made: Iterable[Rendition]) -> None:
    """Let these renditions take the place of those of the same names."""
    made = list(made)
    names = [rendition.name for rendition in made]
    session.execute(
        delete(Rendition).where(Rendition.resource_id == resource.id, Rendition.name.in_(names))
    )
    session.add_all(made)
    session.flush()


def swap_assets(
    session: Session, resource: Resource, roles: Sequence[str], made: Iterable[Asset]
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


DOWNLOAD_NUMBERS = {"video": 0, "sound": 1, "document": 2}


def download_asset(resource_id: int, prefix: str, name: str, kind: str, size: int) -> Asset:
    """A copy to take along, of `size` bytes: carries no place, person or device."""
    details: dict[str, Any] = {"kind": kind, "bytes": size}
    return Asset(
        resource_id=resource_id,
        role="download",
        number=DOWNLOAD_NUMBERS[kind],
        prefix=prefix,
        name=name,
        details=details,
    )


def make_viewable(resource: Resource) -> None:
    """From now on the audience sees it."""
    if resource.viewable_at is None:
        resource.viewable_at = clock.now()
