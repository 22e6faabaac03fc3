"""The slides of a class: the pages of the documents it is given with.

Whoever may see the class may see them there (`models.Material`), so nobody's right to the document
itself is asked, as long as it lasts. A document that was deleted meanwhile, or has no pages yet, is
no deck.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.classes.models import LiveClass, Material
from tongke.classes.vocabulary import State
from tongke.errors import NotFound
from tongke.library import keys
from tongke.library.models import Asset, Resource
from tongke.library.vocabulary import AssetRole

Size = Literal["small", "large", "wide"]
# Who was watching may be a little behind; afterwards the recording has what was shown.
SHOWN_AFTER_END: Final = timedelta(minutes=10)
SIZES: Final[tuple[Size, ...]] = ("small", "large", "wide")


@dataclass(frozen=True)
class Slide:
    """A page by its number from 1, and the pixels of its large picture."""

    number: int
    width: int
    height: int


@dataclass(frozen=True)
class Deck:
    """`deck` is how cues name it (`tongke.live.quiz.Page`): the resource's number as text."""

    deck: str
    title: str
    slides: tuple[Slide, ...]


def decks(session: Session, class_id: int) -> list[Deck]:
    """The decks of a class, in the order that its teacher gave them."""
    found: dict[Resource, list[Asset]] = {}
    for resource, page in session.execute(_pages(class_id)):
        found.setdefault(resource, []).append(page)
    return [_deck(resource, pages) for resource, pages in found.items()]


def slide_key(session: Session, class_id: int, deck: str, number: int, size: Size) -> str:
    """The object with the picture of a page. Of one that is wide only where it was made so, as
    upright pages and those of earlier documents are not, the large one.

    Raises:
        NotFound: the class was not given with it, or it has no such page.
    """
    wanted = _pages(class_id).where(Asset.number == number)
    for resource, page in session.execute(wanted):
        if str(resource.id) == deck:
            name = page.details.get(size, page.details["large"])
            return f"{keys.folder(resource.id)}{page.prefix}{name}"
    raise NotFound


def _pages(class_id: int) -> Select[Resource, Asset]:
    return (
        select(Resource, Asset)
        .join(Material, Material.resource_id == Resource.id)
        .join(Asset, Asset.resource_id == Resource.id)
        .join(LiveClass, LiveClass.id == Material.class_id)
        .where(
            Material.class_id == class_id,
            or_(
                LiveClass.state.in_((State.BOOKED, State.RUNNING)),
                LiveClass.ended_at > clock.now() - SHOWN_AFTER_END,
            ),
            Resource.deleted_at.is_(None),
            Asset.role == AssetRole.PAGE,
        )
        .order_by(Material.position, Resource.id, Asset.number)
    )


def _deck(resource: Resource, pages: Sequence[Asset]) -> Deck:
    slides = tuple(
        Slide(page.number, int(page.details["width"]), int(page.details["height"]))
        for page in pages
    )
    return Deck(str(resource.id), resource.title, slides)
