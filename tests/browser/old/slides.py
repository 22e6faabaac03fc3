"""Slides of one colour each, in a class."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy.orm import Session

from tests.browser.classroom.world import World
from tongke.classes.models import Material
from tongke.library.models import Asset
from web.tests.browser.lead.leading import COLOURS, PAGE_SIZE, picture


def give(world: World, class_id: int, weight: int = 0) -> str:
    """Give the class slides, one a colour of `COLOURS`; their deck, as cues name it.

    The weight is bytes that stand behind each picture, and are as long on a line as any.
    """
    return str(world.do(_give(world, class_id, hashlib.shake_128(b"tongke").digest(weight))))


async def _give(world: World, class_id: int, more: bytes) -> int:
    number = await world.house.publish("zhou", [], title="有理数的加法")
    for page, colour in enumerate(COLOURS, 1):
        key = f"resources/{number}/a1-1/{page}.png"
        await world.house.ground.objects.put(key, _once(picture(colour) + more), "image/png")
    await world.house.ground.database.write(_pages, number, class_id)
    return number


async def _once(data: bytes) -> Any:
    yield data


def _pages(session: Session, number: int, class_id: int) -> None:
    session.add(Material(class_id=class_id, resource_id=number, position=0))
    width, height = PAGE_SIZE
    for page in range(1, len(COLOURS) + 1):
        names = {"small": f"{page}.png", "large": f"{page}.png", "text": f"{page}.json"}
        session.add(
            Asset(
                resource_id=number, role="page", number=page, prefix="a1-1/", name=f"{page}.json",
                details={"width": width, "height": height, **names},
            )
        )  # fmt: skip
