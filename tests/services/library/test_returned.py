"""A work that was returned: its author reads why, mends it and submits it again with one press."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy.orm import Session

from tests.services.house import House
from tongke.people.models import School

WHY = "请补上教学目标"


async def decide(house: House, decision: str, comment: str = "") -> None:
    (waiting,) = (await house.json("county", "GET", "/api/v1/reviews"))["items"]
    said = {"decision": decision, "comment": comment}
    read = {"updated_at": waiting["resource"]["updated_at"]}
    await house.json("county", "POST", f"/api/v1/reviews/{waiting['id']}", json={**said, **read})


async def returned(house: House) -> int:
    number = await house.publish("zhou", ["school:1", "region:430102"])
    await decide(house, "return", WHY)
    return number


async def page(house: House, name: str, path: str) -> str:
    response = await house.ask(name, "GET", path)
    assert response.status == 200
    return await response.text()


async def submit_again(house: House, number: int) -> None:
    said = {"audience": ["school:1", "region:430102"]}
    await house.json("zhou", "PATCH", f"/api/v1/resources/{number}", json=said)


async def test_it_says_why_where_its_author_looks_until_it_is_submitted_again(
    house: House,
) -> None:
    number = await returned(house)
    places = ("/", "/mine", "/mine?tab=returned", f"/resources/{number}")
    for place in (*places, f"/resources/{number}/edit"):
        assert WHY in await page(house, "zhou", place), place
    await submit_again(house, number)
    for place in (*places, f"/resources/{number}/edit"):
        assert WHY not in await page(house, "zhou", place), place
    await decide(house, "approve")
    for place in places:
        assert WHY not in await page(house, "zhou", place), place


async def test_home_leads_from_the_task_to_the_mending(house: House) -> None:
    number = await returned(house)
    home = await page(house, "zhou", "/")
    assert f'href="/resources/{number}/edit">去修改' in home
    assert "等我办 1 件" in home
    await submit_again(house, number)
    # It waits for the officer now, and for nothing that its author could do.
    assert "没有要办的事" in await page(house, "zhou", "/")


async def test_the_form_of_what_was_returned_submits_it_again(house: House) -> None:
    number = await returned(house)
    form = await page(house, "zhou", f"/resources/{number}/edit")
    ticked = re.findall(r'name="audience" value="([^"]+)" checked', form)
    assert ticked == ["school:1", "region:430102"]
    assert "改好保存就再送审" in form
    await submit_again(house, number)
    assert "改好保存就再送审" not in await page(house, "zhou", f"/resources/{number}/edit")


async def test_what_a_trusted_school_let_out_since_is_no_longer_returned(house: House) -> None:
    number = await returned(house)

    def trust(session: Session) -> None:
        session.get_one(School, 1).trusted = True

    await house.ground.database.write(trust)
    await submit_again(house, number)
    places = ("/", "/mine", "/mine?tab=returned", f"/resources/{number}")
    for place in (*places, f"/resources/{number}/edit"):
        assert WHY not in await page(house, "zhou", place), place


async def test_the_api_tells_who_may_know_what_was_asked_and_said(house: House) -> None:
    number = await returned(house)
    await submit_again(house, number)

    async def told(name: str) -> list[dict[str, Any]]:
        one = (await house.json(name, "GET", f"/api/v1/resources/{number}"))["reviews"]
        listed = (await house.json(name, "GET", "/api/v1/resources"))["items"]
        assert [item["reviews"] for item in listed] == [one]
        return list(one)

    first, second = await told("zhou")
    assert (first["state"], first["comment"]) == ("returned", WHY)
    assert (second["state"], second["comment"], second["decided_at"]) == ("waiting", "", None)
    assert first["asked_at"] <= first["decided_at"] <= second["asked_at"]
    for review in (first, second):
        assert review["audience"] == "region:430102"
        # An office, and never the person in it.
        assert review["reviewer"] == "芙蓉区教育部门"
    assert await told("county") == await told("head") == [first, second]
    # To a colleague it is published to the school, and nothing else.
    assert await told("tang") == []


async def test_what_was_just_done_is_not_told_to_who_gets_the_link(house: House) -> None:
    number = await house.publish("zhou", ["school:1"])
    after = await page(house, "zhou", f"/resources/{number}?done=saved&t=1")
    assert "已保存" in after
    assert f'data-copy="/resources/{number}?t=1"' in after
