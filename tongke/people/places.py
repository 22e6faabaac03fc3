"""Regions and schools put on the map: by whoever owns the server, through the command line.

A region's code (GB/T 2260) says its level and what it lies in, so neither has to be typed.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.errors import Invalid, Text
from tongke.people.audience import Level
from tongke.people.models import Region, School

NAME_MAX = 60
SCHOOL_NAME_MAX = 120

BAD_CODE = Text("行政区划代码是六位数字", "A region's code has six digits")
NO_PARENT = Text("先建上级地区 {parent}", "Add the region above it first: {parent}")
NO_REGION = Text(
    "没有这个地区，先建：tongke region add {code} 名称",
    "No such region. Add it first: tongke region add {code} NAME",
)
BAD_NAME = Text("请写明名称", "Say its name")
NAME_TAKEN = Text("已经有叫这个名字的学校", "There is a school of that name already")


def level_of(code: str) -> Level:
    """430000 is a province, 430100 a city, 430102 a county."""
    if code.endswith("0000"):
        return Level.PROVINCE
    return Level.CITY if code.endswith("00") else Level.COUNTY


def parent_of(code: str) -> str | None:
    """The code of the region it lies in; a province lies in none."""
    level = level_of(code)
    if level is Level.PROVINCE:
        return None
    return f"{code[:2]}0000" if level is Level.CITY else f"{code[:4]}00"


def put_region(session: Session, code: str, name: str) -> Region:
    """Add a region, or give an existing one another name.

    Raises:
        Invalid.
    """
    tidy = " ".join(name.split())
    parent = parent_of(code)
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        raise Invalid({"code": BAD_CODE})
    if not 0 < len(tidy) <= NAME_MAX:
        raise Invalid({"name": BAD_NAME})
    if parent is not None and session.get(Region, parent) is None:
        raise Invalid({"code": NO_PARENT.format(parent=parent)})
    region = session.get(Region, code)
    if region is None:
        region = Region(code=code, name=tidy, level=level_of(code), parent_code=parent)
        session.add(region)
    region.name = tidy
    session.flush()
    return region


def add_school(session: Session, name: str, region_code: str, *, trusted: bool = False) -> School:
    """Add a school. A trusted one publishes to its regions without an officer.

    Raises:
        Invalid.
    """
    tidy = " ".join(name.split())
    if not 0 < len(tidy) <= SCHOOL_NAME_MAX:
        raise Invalid({"name": BAD_NAME})
    if session.get(Region, region_code) is None:
        raise Invalid({"region": NO_REGION.format(code=region_code)})
    if session.scalar(select(School.id).where(School.name == tidy)) is not None:
        raise Invalid({"name": NAME_TAKEN})
    school = School(name=tidy, region_code=region_code, trusted=trusted)
    session.add(school)
    session.flush()
    return school
