"""The slides of a class: for whoever sees the class, of the documents it is given with alone; and
the lead classroom, for its teacher alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.orm import Session

from tests.services.house import House, session_cookie
from tongke import clock
from tongke.classes.models import Material
from tongke.classes.running import lifecycle
from tongke.library.models import Asset, Resource
from tongke.people.models import Account

PAGES = 3
SMALL, LARGE, WIDE = b"a small picture", b"a large picture", b"a wide picture"
# Of the pages the first alone is wide, as one that was made before is not.
WIDE_PAGE = 1


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def a_document(house: House) -> int:
    """A document of zhou's with three pages, which only she may see."""
    number = await house.publish("zhou", [], title="有理数的加法")

    def add(session: Session) -> None:
        for page in range(1, PAGES + 1):
            names = {"small": f"{page}-400.webp", "large": f"{page}-1600.webp"}
            if page == WIDE_PAGE:
                names["wide"] = f"{page}-2560.webp"
            details = {"width": 1600, "height": 900, **names, "text": f"{page}.json"}
            session.add(
                Asset(
                    resource_id=number, role="page", number=page, prefix="a1-1/",
                    name=f"{page}.json", details=details,
                )
            )  # fmt: skip

    await house.ground.database.write(add)
    for page in range(1, PAGES + 1):
        folder = f"resources/{number}/a1-1/{page}"
        await house.ground.objects.put(f"{folder}-400.webp", _once(SMALL), "image/webp")
        await house.ground.objects.put(f"{folder}-1600.webp", _once(LARGE), "image/webp")
        if page == WIDE_PAGE:
            await house.ground.objects.put(f"{folder}-2560.webp", _once(WIDE), "image/webp")
    return number


@pytest.fixture
async def deck(house: House, running: int) -> int:
    """A document that the running class is given with."""
    number = await a_document(house)

    def give(session: Session) -> None:
        session.add(Material(class_id=running, resource_id=number, position=0))

    await house.ground.database.write(give)
    return number


async def test_a_room_gets_the_slides_of_its_class_and_not_the_document(
    house: House, running: int, deck: int
) -> None:
    cookies = await session_cookie(house, "room")
    told = await house.ask("", "GET", f"/live/{running}/decks", cookies=cookies)
    (found,) = (await told.json())["decks"]
    assert found["deck"] == str(deck)
    assert found["title"] == "有理数的加法"
    assert found["slides"][1] == {"number": 2, "width": 1600, "height": 900}
    page = f"/live/{running}/slides/{deck}/2"
    large = await house.ask("", "GET", page, cookies=cookies)
    assert (large.status, large.content_type) == (200, "image/webp")
    assert await large.read() == LARGE
    small = await house.ask("", "GET", f"{page}?size=small", cookies=cookies)
    assert await small.read() == SMALL
    document = await house.ask("", "GET", f"/media/{deck}/a1-1/2-1600.webp", cookies=cookies)
    assert document.status == 404


async def test_a_large_screen_gets_the_wide_picture_or_the_next_smaller(
    house: House, running: int, deck: int
) -> None:
    cookies = await session_cookie(house, "room")
    for page, expected in ((WIDE_PAGE, WIDE), (WIDE_PAGE + 1, LARGE)):
        path = f"/live/{running}/slides/{deck}/{page}?size=wide"
        answer = await house.ask("", "GET", path, cookies=cookies)
        assert (answer.status, await answer.read()) == (200, expected)


async def test_a_class_shows_no_document_but_its_own(house: House, running: int, deck: int) -> None:
    other = await a_document(house)
    for path in (
        f"slides/{other}/1", f"slides/{deck}/4", f"slides/{deck}/0", "slides/x/1",
        f"slides/{deck}/1?size=original", f"slides/0{deck}/1",
    ):  # fmt: skip
        assert (await house.ask("zhou", "GET", f"/live/{running}/{path}")).status == 404, path


async def test_who_does_not_see_the_class_sees_no_slide(
    house: House, running: int, deck: int
) -> None:
    for path in (f"/live/{running}/decks", f"/live/{running}/slides/{deck}/1"):
        assert (await house.ask("long", "GET", path)).status == 404
        assert (await house.ask("", "GET", path)).status in {401, 303}


async def test_a_deleted_document_is_no_deck(house: House, running: int, deck: int) -> None:
    def delete(session: Session) -> None:
        session.get_one(Resource, deck).deleted_at = clock.now()

    await house.ground.database.write(delete)
    assert await house.json("zhou", "GET", f"/live/{running}/decks") == {"decks": []}
    assert (await house.ask("zhou", "GET", f"/live/{running}/slides/{deck}/1")).status == 404


async def test_only_its_teacher_leads_a_class(house: House, running: int) -> None:
    for path in (f"/classes/{running}/lead", f"/api/v1/classes/{running}/lead"):
        assert (await house.ask("zhou", "GET", path)).status == 200
        for name in ("county", "head", "xiang"):
            assert (await house.ask(name, "GET", path)).status == 403, (path, name)
        assert (await house.ask("long", "GET", path)).status == 404
        assert (await house.ask("", "GET", path)).status in {401, 303}


async def test_the_page_knows_rooms_and_the_code_for_phones(house: House, running: int) -> None:
    told = await house.json("zhou", "GET", f"/api/v1/classes/{running}/lead")
    assert told["rooms"] == [{"id": "2", "name": "七（2）班", "school": "桐木溪中学"}]
    assert len(told["phone_code"]) == 6
    assert told["recording"] == {"rooms_seen": True, "rooms_heard": True, "also_for": []}
    name = await house.ground.database.read(
        lambda session: session.get_one(Account, house.ids["zhou"]).name
    )
    assert told["teacher"] == name


async def test_the_page_knows_of_a_paper_without_pages(
    house: House, running: int, deck: int
) -> None:
    path = f"/api/v1/classes/{running}/lead"
    assert (await house.json("zhou", "GET", path))["unshown"] == 0
    paper = await house.publish("zhou", [], title="练习卷")

    def bring(session: Session) -> None:
        session.add(Material(class_id=running, resource_id=paper, position=1))

    await house.ground.database.write(bring)
    assert (await house.json("zhou", "GET", path))["unshown"] == 1


async def test_a_class_that_is_over_leads_to_its_own_page(house: House, running: int) -> None:
    await house.ground.database.write(lifecycle.end, running)
    answer = await house.ask("zhou", "GET", f"/classes/{running}/lead")
    assert (answer.status, answer.headers["Location"]) == (303, f"/classes/{running}")
