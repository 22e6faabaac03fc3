"""Who decides is said as an office, and what is decided on again as a change."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from services.library import audiences
from tests.services.house import AGREEMENT, SCHOOLS, House
from tongke.people.audience import EVERYONE
from tongke.people.models import Account, Role
from tongke.people.queries import viewer_of


def named(session: Session, username: str, name: str) -> None:
    session.execute(update(Account).where(Account.username == username).values(name=name))


async def test_a_bureau_is_called_by_its_own_name(house: House) -> None:
    await house.ground.database.write(named, "county", "芙蓉区教育体育局")
    await house.ground.database.write(named, "city", "刘教敏")

    def choices(session: Session) -> dict[str, str | None]:
        viewer = viewer_of(session, house.ids["zhou"])
        assert viewer is not None
        return {c.token: c.reviewer for c in audiences.choices(session, viewer, "zh")}

    found = await house.ground.database.read(choices)
    assert found["region:430102"] == "芙蓉区教育体育局"
    # Officers who sign in under their own names are not named to a teacher.
    assert found["region:430100"] == "长沙市教育部门"
    assert found["region:430000"] == found[EVERYONE] == "湖南省教育部门"
    assert found["school:1"] is None


async def test_who_belongs_to_two_schools_publishes_as_of_the_first(house: House) -> None:
    """And a pairing of the second is called by its other side."""

    def two(session: Session) -> tuple[list[tuple[str, str]], int | None]:
        account = session.get_one(Account, house.ids["zhou"])
        account.roles = []
        session.flush()
        for school in (3, 1):
            account.roles.append(Role(name="teacher", school_id=school))
            session.flush()
        viewer = viewer_of(session, account.id)
        assert viewer is not None
        found = [(c.token, c.label) for c in audiences.choices(session, viewer, "zh")]
        return found[1:3], viewer.home_school_id

    choices, home = await house.ground.database.write(two)
    assert choices == [("school:3", "本校"), (f"agreement:{AGREEMENT}", SCHOOLS[2][0])]
    assert home == 3
    number = await house.publish("zhou", [])
    shown = await house.json("zhou", "GET", f"/api/v1/resources/{number}")
    assert shown["school"]["id"] == 3


async def test_in_english_a_bureau_is_a_bureau(house: House) -> None:
    def bureaus(session: Session) -> dict[str, str]:
        return audiences.bureaus(session, ["430102"], "en")

    found = await house.ground.database.read(bureaus)
    assert found == {"430102": "the education bureau of 芙蓉区"}


async def test_changed_words_of_what_is_out_wait_as_a_change(house: House) -> None:
    number = await house.publish("zhou", ["region:430102"])
    edit = f"/resources/{number}/edit"
    asked = await (await house.ask("zhou", "GET", "/mine")).text()
    assert "等待审核" in asked
    assert "改动等待审核" not in asked
    assert "重新送审" not in await (await house.ask("zhou", "GET", edit)).text()

    (waiting,) = (await house.json("county", "GET", "/api/v1/reviews"))["items"]
    said = {"decision": "approve", "updated_at": waiting["resource"]["updated_at"]}
    await house.json("county", "POST", f"/api/v1/reviews/{waiting['id']}", json=said)
    assert "重新送审" in await (await house.ask("zhou", "GET", edit)).text()
    await house.json("zhou", "PATCH", f"/api/v1/resources/{number}", json={"title": "新题目"})
    assert "改动等待审核" in await (await house.ask("zhou", "GET", "/mine")).text()
