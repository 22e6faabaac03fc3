"""Rubrics (评课量表): what a lesson is looked at for, as a school or a bureau set it.

A lesson is looked at by the rubric of the school that gives it; where it has none, by that of the
nearest bureau above it; and where nobody has set one, by the province's own list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.errors import Forbidden, Invalid, Text
from tongke.observation.models import Rubric
from tongke.people.audience import RoleName, Viewer
from tongke.people.models import School
from tongke.people.queries import region_tree

MOST_STARS: Final = 5
MOST_ITEMS: Final = 20
LONGEST_TITLE: Final = 60
LONGEST_NAME: Final = 20
LONGEST_HELP: Final = 120

Item = Mapping[str, str]
"""`name` of what is given stars, and `help`: what to look for."""

DEFAULT_NAME: Final = "听课评课表"
# The items of Hunan's 听课评课表, and what only a class of several rooms has.
DEFAULT: Final[tuple[Item, ...]] = (
    {"name": "教学目标", "help": "目标明确具体，合乎课标和两地学情"},
    {"name": "教学内容", "help": "容量恰当，重点突出，难点有突破"},
    {"name": "教学过程", "help": "环节清楚，过渡自然，时间分配合理"},
    {"name": "教学方法", "help": "方法得当，启发思考，关注差异"},
    {"name": "师生互动", "help": "各间教室都有机会发言，回应及时"},
    {"name": "信息技术与同步效果", "help": "画面声音清楚，课件和提问各室同步"},
    {"name": "课堂氛围", "help": "学生专注，敢说敢问，远端不旁观"},
    {"name": "教学效果", "help": "当堂检测达成目标，远端与主讲教室差距小"},
)

EMPTY = Text("至少写一项", "Write at least one item")
TOO_MANY = Text("最多二十项", "At most twenty items")
TWICE = Text("“{name}”写了两次", "“{name}” stands there twice")
TOO_LONG = Text(
    "名称最长二十个字，说明最长一百二十个字",
    "A name has at most 20 characters, its help 120",
)
NO_NAME = Text("请给量表起个名字，最长六十个字", "Give the rubric a name of at most 60 characters")


def home_of(viewer: Viewer) -> tuple[int | None, str | None]:
    """The school, or else the region, whose rubric this viewer sets.

    Raises:
        Forbidden: neither a school's administrator nor an officer.
    """
    school = min(viewer.administers, default=None)
    if school is not None:
        return school, None
    codes = (role.region_code for role in viewer.roles if role.name is RoleName.OFFICER)
    region = next((code for code in codes if code), None)
    if region is None:
        raise Forbidden
    return None, region


def own(session: Session, school_id: int | None, region_code: str | None) -> Rubric | None:
    """What a school or a region has set itself."""
    query = select(Rubric).where(
        Rubric.school_id == school_id
        if school_id is not None
        else Rubric.region_code == region_code
    )
    return session.scalars(query).one_or_none()


def in_force(
    session: Session, school_id: int | None, region_code: str | None
) -> tuple[str, Sequence[Item]]:
    """The rubric of a school or a region, its name and its items: its own, or what stands above."""
    if school_id is not None:
        if found := own(session, school_id, None):
            return found.name, found.items
        region_code = session.get_one(School, school_id).region_code
    for code in region_tree(session).line(region_code or ""):
        if found := own(session, None, code):
            return found.name, found.items
    return DEFAULT_NAME, DEFAULT


def of_school(session: Session, school_id: int) -> tuple[str, Sequence[Item]]:
    """The rubric by which a school's lessons are looked at."""
    return in_force(session, school_id, None)


def save(session: Session, viewer: Viewer, name: str, written: str) -> Rubric:
    """Set the rubric of one's school or region. Forms that were begun keep the one they have.

    Args:
        written: An item a line, what to look for behind a colon of either width.

    Raises:
        Forbidden, Invalid.
    """
    school_id, region_code = home_of(viewer)
    if not 1 <= len(name) <= LONGEST_TITLE:
        raise Invalid({"name": NO_NAME})
    items = parsed(written)
    rubric = own(session, school_id, region_code)
    if rubric is None:
        rubric = Rubric(school_id=school_id, region_code=region_code)
        session.add(rubric)
    rubric.name, rubric.items, rubric.updated_at = name, items, clock.now()
    return rubric


def give_up(session: Session, viewer: Viewer) -> None:
    """Go by what stands above again, as before one's school or region had set its own. Forms that
    were begun keep the one they have.

    Raises:
        Forbidden.
    """
    rubric = own(session, *home_of(viewer))
    if rubric is not None:
        session.delete(rubric)


def parsed(written: str) -> list[dict[str, str]]:
    """The items that somebody wrote. Raises Invalid."""
    items = [_item(line) for line in written.splitlines() if line.strip()]
    if not items:
        raise Invalid({"items": EMPTY})
    if len(items) > MOST_ITEMS:
        raise Invalid({"items": TOO_MANY})
    seen = set[str]()
    for item in items:
        if not item["name"] or len(item["name"]) > LONGEST_NAME or len(item["help"]) > LONGEST_HELP:
            raise Invalid({"items": TOO_LONG})
        if item["name"] in seen:
            raise Invalid({"items": TWICE.format(name=item["name"])})
        seen.add(item["name"])
    return items


def _item(line: str) -> dict[str, str]:
    name, _, help_ = line.replace(":", "：", 1).partition("：")
    return {"name": name.strip(), "help": help_.strip()}


def written_out(items: Sequence[Item]) -> str:
    """Items as they are written: what `parsed` reads."""
    return "\n".join(
        f"{item['name']}：{item['help']}" if item["help"] else item["name"] for item in items
    )
