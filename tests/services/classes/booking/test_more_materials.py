"""Materials come to a class until it ends; while it runs, they and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.booking.test_booking import notices, paper
from tests.services.classes.booking.test_class import shift
from tests.services.classes.plan import arrange, booked, form, page
from tests.services.house import House
from tongke.classes.plan import materials
from tongke.classes.running import lifecycle
from tongke.library.models import Asset


@pytest.fixture(autouse=True)
async def plan(house: House) -> None:
    await house.ground.database.write(arrange, house)


@pytest.fixture
async def running(house: House) -> int:
    number = await booked(house)
    await begin(house, number)
    return number


async def begin(house: House, number: int) -> None:
    await shift(house, number, minutes=5)
    await house.json("zhou", "POST", f"/api/v1/classes/{number}/start")


async def drawn(house: House, *audience: str, author: str = "zhou") -> int:
    """A document with a page."""
    number = await paper(house, author, list(audience))

    def draw(session: Session) -> None:
        details = {"width": 1600, "height": 900, "small": "s.webp", "large": "l.webp"}
        session.add(
            Asset(resource_id=number, role="page", number=1, prefix="a/", name="", details=details)
        )

    await house.ground.database.write(draw)
    return number


async def held(house: House, number: int) -> list[int]:
    told = await house.json("zhou", "GET", f"/api/v1/classes/{number}")
    return list(told["materials"])


async def test_forgotten_slides_are_a_deck_of_the_class_that_runs(
    house: House, running: int
) -> None:
    path = f"/classes/{running}/materials"
    assert f'href="{path}"' in await page(house, "zhou", f"/classes/{running}")
    slides = await drawn(house)
    told_before = await notices(house)
    assert f'name="material" value="{slides}"' in await page(house, "zhou", path)
    answer = await house.ask("zhou", "POST", path, data={"material": str(slides)})
    assert (answer.status, answer.headers["Location"].split("?")[0]) == (303, f"/classes/{running}")
    decks = (await house.json("zhou", "GET", f"/live/{running}/decks"))["decks"]
    assert [deck["deck"] for deck in decks] == [str(slides)]
    # It has it: there is nothing to choose again.
    assert f'name="material" value="{slides}"' not in await page(house, "zhou", path)
    assert await notices(house) == told_before


async def test_what_a_class_has_stays_in_its_place(house: House) -> None:
    first, second, third = [await drawn(house) for _ in range(3)]
    number = await booked(house, material=str(second))
    path = f"/api/v1/classes/{number}"
    await house.json("zhou", "POST", f"{path}/materials", json={"materials": [third]})
    await begin(house, number)
    told = await house.json(
        "zhou", "POST", f"{path}/materials", json={"materials": [first, second]}
    )
    assert told["materials"] == [second, third, first]
    assert told["state"] == "running"


async def test_nothing_else_of_a_class_that_runs_is_changed(house: House, running: int) -> None:
    slides = await drawn(house)
    for change in ({"title": "另一课"}, {"materials": [slides]}, {"materials": [], "grade": "8"}):
        answer = await house.ask("zhou", "PATCH", f"/api/v1/classes/{running}", json=change)
        assert (answer.status, (await answer.json())["code"]) == (409, "class-runs"), change
    more = {"materials": [slides], "title": "另一课"}
    path = f"/api/v1/classes/{running}/materials"
    assert (await house.ask("zhou", "POST", path, json=more)).status == 422
    values = form(house, material=str(slides))
    assert (await house.ask("zhou", "POST", f"/classes/{running}/edit", data=values)).status == 409
    await page(house, "zhou", f"/classes/{running}/edit", 409)
    assert await held(house, running) == []


async def test_who_may_change_a_class_may_add_to_it_and_no_one_else(
    house: House, running: int
) -> None:
    slides = await drawn(house, "agreement:1")
    for name, status in (("long", 403), ("county", 403), ("tang", 404)):
        for path, sent in (
            (f"/api/v1/classes/{running}/materials", {"json": {"materials": [slides]}}),
            (f"/classes/{running}/materials", {"data": {"material": str(slides)}}),
        ):
            assert (await house.ask(name, "POST", path, **sent)).status == status, (name, path)
    assert "/materials" not in await page(house, "long", f"/classes/{running}")
    await page(house, "long", f"/classes/{running}/materials", 403)
    assert await held(house, running) == []
    path = f"/api/v1/classes/{running}/materials"
    # Its school's administrator, too.
    told = await house.json("head", "POST", path, json={"materials": [slides]})
    assert told["materials"] == [slides]


async def test_what_may_not_be_taken_into_it_is_refused(house: House, running: int) -> None:
    film, foreign = await paper(house, "zhou", [], "video"), await paper(house, "long", [])
    path = f"/classes/{running}/materials"
    many = [await drawn(house) for _ in range(materials.MOST + 1)]
    for values, said in (
        ({}, "还没有选"),
        ({"material": str(film)}, "没有找到这份课件"),
        ({"material_more": f"/resources/{foreign}"}, "没有找到这份课件"),
        ({"material_more": "第三章"}, "每行一个资源页的地址"),
        ({"material_more": "\n".join(map(str, many))}, f"最多带 {materials.MOST} 份"),
    ):
        answer = await house.ask("zhou", "POST", path, data=values)
        text = await answer.text()
        assert answer.status == 422 and said in text, (values, text)
    assert await held(house, running) == []


async def test_a_class_that_is_over_takes_none(house: House, running: int) -> None:
    slides = await drawn(house)
    await house.ground.database.write(lifecycle.end, running)
    path = f"/classes/{running}/materials"
    assert path not in await page(house, "zhou", f"/classes/{running}")
    await page(house, "zhou", path, 409)
    answer = await house.ask("zhou", "POST", path, data={"material": str(slides)})
    assert answer.status == 409
