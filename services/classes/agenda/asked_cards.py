"""Classes as pages draw them for who may have to answer: it says whose answer is awaited."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from services.classes.agenda import class_cards
from services.web import views
from tongke.classes.agenda import mine
from tongke.classes.models import LiveClass
from tongke.classes.standing import Standing
from tongke.people.audience import Viewer


def card(session: Session, live: LiveClass, viewer: Viewer, now: datetime) -> views.ClassCard:
    (made,) = cards(session, [live], viewer, now)
    return made


def cards(
    session: Session, rows: Collection[LiveClass], viewer: Viewer, now: datetime
) -> tuple[views.ClassCard, ...]:
    made = class_cards.cards(session, rows, viewer, now)
    return tuple(
        replace(card, asked_of=mine.asked_of(live, viewer))
        if card.standing == Standing.ASKED
        else card
        for card, live in zip(made, rows, strict=True)
    )
