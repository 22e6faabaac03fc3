"""What was shown and asked in a class, as text: by these words its recording is found.

Of the slides only those that were shown, and only of decks that were given with the class: what
stays in the teacher's folder is not let out by a search.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.classes.kept_log import log_of
from tongke.classes.models import LiveClass
from tongke.library.models import Asset
from tongke.library.vocabulary import AssetRole
from tongke.live.bodies import OpenQuiz, Slide
from tongke.storage.database import Database
from tongke.storage.objects.errors import ObjectMissing
from tongke.storage.objects.port import ObjectStore


async def words_of(database: Database, store: ObjectStore, class_id: int) -> str:
    """The words of a class that has ended: its questions, then its slides in their order."""
    questions, shown, sections = await database.read(_said, class_id)
    slides = [line for asset in sections for line in await _slides(store, asset, shown)]
    return "\n".join([*questions, *slides])


def _said(session: Session, class_id: int) -> tuple[list[str], set[tuple[str, int]], list[Asset]]:
    log = log_of(session, class_id, ("slide", "open_quiz"))
    asked = [event.body.question for event in log if isinstance(event.body, OpenQuiz)]
    pages = (event.body.page for event in log if isinstance(event.body, Slide))
    shown = {(page.deck, page.number) for page in pages}
    live = session.get_one(LiveClass, class_id)
    decks = [m.resource_id for m in live.materials if str(m.resource_id) in {d for d, _ in shown}]
    sections = session.scalars(
        select(Asset)
        .where(Asset.resource_id.in_(decks), Asset.role == AssetRole.SECTIONS)
        .order_by(Asset.resource_id)
    )
    return [line for each in asked for line in (each.text, *each.options)], shown, list(sections)


async def _slides(store: ObjectStore, asset: Asset, shown: set[tuple[str, int]]) -> list[str]:
    try:
        text = b"".join([chunk async for chunk in store.read(asset.key)])
    except ObjectMissing:
        # The deck was deleted meanwhile; the class is found by the rest.
        return []
    return list(_lines(json.loads(text), str(asset.resource_id), shown))


def _lines(
    sections: Iterable[dict[str, Any]], deck: str, shown: set[tuple[str, int]]
) -> Iterable[str]:
    for section in sections:
        if (deck, section["page"]) in shown:
            yield f"{section['heading']}\n{section['text']}".strip()
