"""Cards of resources: pictures as small as their place, and how far the work is."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.services.house import House
from tongke.library import jobs
from tongke.library.models import Asset
from tongke.library.vocabulary import AssetRole, Queue


async def test_a_list_offers_the_small_poster_where_there_is_one(house: House) -> None:
    def two_sizes(session: Session) -> None:
        of_first = (Asset.resource_id == both, Asset.role == AssetRole.POSTER)
        sizes = {"small": "poster-small.jpg", "small_width": 480, "width": 1280}
        session.execute(update(Asset).where(*of_first).values(details=sizes))

    both = await house.publish("zhou", ["school:1"])
    single = await house.publish("zhou", ["school:1"])
    await house.ground.database.write(two_sizes)
    page = await (await house.ask("zhou", "GET", "/mine")).text()
    folder = f"/media/{both}/a1-1"
    assert f'srcset="{folder}/poster-small.jpg 480w, {folder}/poster.jpg 1280w"' in page
    assert f'<img src="/media/{single}/a1-1/poster.jpg" alt=""' in page


async def test_what_waits_for_a_worker_says_so_and_what_runs_says_how_far_it_is(
    house: House,
) -> None:
    number = await house.publish("zhou", [])
    told = await house.json("zhou", "GET", f"/api/v1/resources/{number}")
    page = await (await house.ask("zhou", "GET", "/mine")).text()
    assert told["progress"] is None
    assert "在排队，轮到就开始" in page
    held = await house.ground.database.write(jobs.claim, told["job_id"], Queue.QUICK, lease_s=60)
    assert held is not None
    await house.ground.database.write(jobs.renew, held, 43.0, 60.0)
    told = await house.json("zhou", "GET", f"/api/v1/resources/{number}")
    page = await (await house.ask("zhou", "GET", "/mine")).text()
    assert (told["progress"]["step"], told["progress"]["percent"]) == ("checking", 43.0)
    assert "检查文件 43%" in page
