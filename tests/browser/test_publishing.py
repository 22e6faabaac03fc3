"""An author chooses who sees a work, an officer decides what goes further, a right that ends is
gone at once (issue list, 7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser import files
from tests.browser.conftest import PageOf, PersonOf
from tests.browser.service import Service
from tests.browser.windows import keep
from tests.waiting import Stopwatch
from tongke.cli.demo import world
from tongke.people.agreements import end_agreement
from tongke.people.models import Agreement, School
from tongke.people.queries import viewer_of

pytestmark = pytest.mark.browser

AUTHOR, COLLEAGUE, PARTNER = "zhouminzhi", "tanwangshu", "xiangyuhe"
OTHER_PARTNER, STRANGER, OFFICER = "wushouzhuo", "luoyichuan", "yuelu"
EVERYBODY = (AUTHOR, COLLEAGUE, PARTNER, OTHER_PARTNER, STRANGER, OFFICER, "pengxuyan", "admin")
LESSON = "5.3\u3000实际问题与一元一次方程（第 2 课时）"
# "Effective within a second" (architecture.md), and one for a busy machine to say so.
REVOKED_WITHIN_S = 2.0


@pytest.fixture
def paper(library: Service, person: PersonOf, tmp_path: Path) -> int:
    """A published paper of the author's that nobody else sees yet."""
    file = files.plain(tmp_path / "听课记录.txt", "听课记录\n\n先让学生开口。\n")
    return person(AUTHOR).publish(file, title="听课记录", kind="teaching_case")


def show_to(page: Page, number: int, *audience: str) -> None:
    """Tick who may see it, and nobody else, as its author."""
    page.goto(f"/resources/{number}/edit")
    for ticked in page.locator("[name=audience]:checked").all():
        ticked.uncheck()
    for name in audience:
        page.locator(".choices .box", has_text=name).get_by_role("checkbox").check()
    page.get_by_role("button", name="保存修改").click()
    expect(page.locator(".notice")).to_be_visible()


def those_who_see(person: PersonOf, number: int) -> set[str]:
    return {name for name in EVERYBODY if person(name).sees(number)}


def test_herself_her_school_or_a_pairing_and_exactly_those(
    page_of: PageOf, person: PersonOf, paper: int
) -> None:
    page = page_of(AUTHOR)
    assert those_who_see(person, paper) == {AUTHOR}
    show_to(page, paper, "本校")
    assert those_who_see(person, paper) == {AUTHOR, COLLEAGUE}
    show_to(page, paper, world.SUPPORTED)
    # Her colleagues are a side of the pairing too.
    assert those_who_see(person, paper) == {AUTHOR, COLLEAGUE, PARTNER}
    theirs = page_of(PARTNER)
    theirs.goto(f"/resources/{paper}")
    expect(theirs.locator("h1").first).to_contain_text("听课记录")
    expect(theirs.get_by_text("可见范围")).to_have_count(0)
    show_to(page, paper)
    assert those_who_see(person, paper) == {AUTHOR}
    assert theirs.reload().status == 404  # type: ignore[union-attr]


def test_what_is_to_go_to_the_county_is_returned_mended_and_approved(
    page_of: PageOf, person: PersonOf, paper: int
) -> None:
    page, desk = page_of(AUTHOR), page_of(OFFICER)
    show_to(page, paper, "岳麓区")
    page.goto("/mine?tab=waiting")
    expect(page.locator(".works")).to_contain_text("在等岳麓区教育局审核")
    assert those_who_see(person, paper) == {AUTHOR, OFFICER}

    asked = _asked(desk, paper)
    asked.get_by_text("退回，请作者修改").click()
    asked.get_by_label("要改什么").fill("请写上听课的日期")
    keep(desk, "review-return")
    asked.get_by_role("button", name="退回给作者").click()
    expect(desk.locator(".notice")).to_be_visible()
    page.goto("/mine?tab=returned")
    expect(page.locator(".works")).to_contain_text("请写上听课的日期")
    keep(page, "mine-returned")
    assert those_who_see(person, paper) == {AUTHOR}

    show_to(page, paper, "岳麓区")
    _asked(desk, paper).get_by_role("button", name=re.compile("通过，给岳麓区看")).click()
    expect(desk.locator(".notice")).to_be_visible()
    assert those_who_see(person, paper) == {AUTHOR, COLLEAGUE, OFFICER}
    page.goto(f"/resources/{paper}")
    expect(page.locator(".panel")).to_contain_text("审核通过")


def _asked(desk: Page, number: int) -> Locator:
    """The row of a submission in the officer's queue."""
    desk.goto("/review")
    return desk.locator(".submission", has=desk.locator(f'a[href="/resources/{number}"]'))


def test_when_the_pairing_ends_the_next_segment_is_refused_within_a_second(
    library: Service, page_of: PageOf, person: PersonOf
) -> None:
    number = person(PARTNER).resource(LESSON)
    page = page_of(OTHER_PARTNER)
    page.goto(f"/resources/{number}")
    page.wait_for_function("() => document.querySelector('video').readyState > 1")
    segment = page.evaluate(A_SEGMENT)
    assert page.evaluate(STATUS, segment) == 200
    with pairing_ended(library, world.SECOND):
        since = Stopwatch()
        while page.evaluate(STATUS, segment) == 200:
            assert since.seconds() < REVOKED_WITHIN_S
        # Beyond what was in the buffer there is nothing more for her.
        page.keyboard.press("9")
        expect(page.get_by_role("alert")).to_contain_text("现在看不了", timeout=20_000)
        keep(page, "lesson-withdrawn")
        assert not person(OTHER_PARTNER).sees(number)
        assert person(PARTNER).sees(number), "the other pairing goes on"


# One of the segments that the player has loaded.
A_SEGMENT = """() => performance.getEntriesByType("resource").map(({ name }) => name)
    .filter((name) => name.endsWith(".m4s"))[0]"""
STATUS = """address => fetch(address, { cache: "no-store" }).then(({ status }) => status)"""


@contextmanager
def pairing_ended(library: Service, supported: str) -> Iterator[None]:
    """End a pairing, as the province would; begun again afterwards, for the other tests."""

    def agreement(session: Session) -> Agreement:
        school = select(School.id).where(School.name == supported).scalar_subquery()
        return session.scalars(select(Agreement).filter_by(supported_school_id=school)).one()

    def end(session: Session) -> None:
        province = viewer_of(session, world.account_ids(session)["hunan"])
        assert province is not None
        end_agreement(session, province, agreement(session).id)

    def begin_again(session: Session) -> None:
        agreement(session).active = True

    library.on_ground(lambda ground: ground.database.write(end))
    try:
        yield
    finally:
        library.on_ground(lambda ground: ground.database.write(begin_again))
