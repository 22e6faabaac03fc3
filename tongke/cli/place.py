"""`tongke region` and `tongke school`: the map of an installation, before anybody can sign in.

A bureau of a few counties needs a dozen lines of these. It asks nobody's leave: who may run it
owns the server.
"""

from __future__ import annotations

from datetime import date, datetime

import click
from sqlalchemy.orm import Session

from tongke import clock
from tongke.cli.account import school_named
from tongke.cli.opening import load_settings, on_ground
from tongke.cli.output import json_option, print_json
from tongke.cli.words import say
from tongke.people.agreements import add_agreement
from tongke.people.audience import HeldRole, Level, RoleName, Viewer
from tongke.people.models import Agreement, Region, School
from tongke.people.places import add_school, put_region

OWNER = Viewer(0, "", (HeldRole(RoleName.SYSTEM_ADMIN),), frozenset())


@click.group(help=say("建地区。", "Add regions."))
def region() -> None:
    pass


@region.command(
    "add",
    help=say(
        """建一个地区，或改它的名字。级别和上级从六位代码看出来，先建上级。

        \b
        例：  tongke region add 430000 湖南省
              tongke region add 430100 长沙市
              tongke region add 430104 岳麓区""",
        """Add a region, or rename it. Its six-digit code says its level and what it lies in.

        \b
        Example:  tongke region add 430000 湖南省
                  tongke region add 430100 长沙市
                  tongke region add 430104 岳麓区""",
    ),
)
@click.argument("code")
@click.argument("name")
@json_option
def region_add(code: str, name: str, as_json: bool) -> None:
    def put(session: Session) -> Region:
        return put_region(session, code, name)

    made = on_ground(load_settings(), lambda ground: ground.database.write(put))
    if as_json:
        print_json({"code": made.code, "name": made.name, "level": made.level})
    else:
        click.echo(f"{made.code} {made.name}")


@click.group(help=say("建学校，给学校结对。", "Add schools, pair them."))
def school() -> None:
    pass


@school.command(
    "add",
    help=say(
        """建一所学校。

        \b
        例：  tongke school add 长沙市橘洲路中学 --region 430104""",
        """Add a school.

        \b
        Example:  tongke school add 长沙市橘洲路中学 --region 430104""",
    ),
)
@click.argument("name")
@click.option("--region", "code", required=True, help=say("所在地区的代码", "Code of its region"))
@click.option(
    "--trusted",
    is_flag=True,
    help=say("发布给地区和所有人时不用审核", "It publishes to regions without an officer"),
)
@json_option
def school_add(name: str, code: str, trusted: bool, as_json: bool) -> None:
    def add(session: Session) -> School:
        return add_school(session, name, code, trusted=trusted)

    made = on_ground(load_settings(), lambda ground: ground.database.write(add))
    if as_json:
        print_json({"id": made.id, "name": made.name, "region": made.region_code})
    else:
        click.echo(f"{made.id} {made.name}")


@school.command(
    "pair",
    help=say(
        """登记两所学校的结对：前一所帮扶后一所，从今天到所说的那天。

        \b
        例：  tongke school pair 橘洲路中学 桐木溪中学 --level province --until 2028-08-31""",
        """Register a pairing: the first school leads, from today until the day you say.

        \b
        Example:  tongke school pair 橘洲路中学 桐木溪中学 --level province --until 2028-08-31""",
    ),
)
@click.argument("lead")
@click.argument("supported")
@click.option("--level", required=True, type=click.Choice([level.value for level in Level]))
@click.option("--until", required=True, type=click.DateTime(["%Y-%m-%d"]))
@json_option
def school_pair(lead: str, supported: str, level: str, until: datetime, as_json: bool) -> None:
    def pair(session: Session) -> Agreement:
        return _pair(session, lead, supported, Level(level), until.date())

    made = on_ground(load_settings(), lambda ground: ground.database.write(pair))
    if as_json:
        print_json({"id": made.id, "level": made.level, "until": made.ends_on.isoformat()})
    else:
        click.echo(f"{made.id} {lead} — {supported}")


def _pair(session: Session, lead: str, supported: str, level: Level, until: date) -> Agreement:
    return add_agreement(
        session,
        OWNER,
        level=level,
        lead_school_id=school_named(session, lead).id,
        supported_school_id=school_named(session, supported).id,
        starts_on=clock.today(),
        ends_on=until,
    )
