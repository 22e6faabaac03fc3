"""Who lives in the demonstration: regions, schools, pairings, accounts of every role, classrooms.

Invented schools in real regions of Hunan, so that a newcomer sees what the field looks like.
Made again it finds what is there: nothing is made twice, and what a person changed stays changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.cli.demo import inhabitants
from tongke.people import passwords
from tongke.people.accounts import RoleWanted, create_account
from tongke.people.audience import Level, RoleName
from tongke.people.models import Account, Agreement, Region, Room, School

# For everybody in the demonstration, and printed by it; no other installation has it.
PASSWORD = "tongke-demo"  # noqa: S105 - it guards nothing

# Codes of GB/T 2260.
REGIONS = (
    ("430000", "湖南省", Level.PROVINCE, None),
    ("430100", "长沙市", Level.CITY, "430000"),
    ("433100", "湘西土家族苗族自治州", Level.CITY, "430000"),
    ("430104", "岳麓区", Level.COUNTY, "430100"),
    ("430121", "长沙县", Level.COUNTY, "430100"),
    ("433127", "永顺县", Level.COUNTY, "433100"),
    ("433130", "龙山县", Level.COUNTY, "433100"),
)

LEAD, SUPPORTED, SECOND = "长沙市橘洲路中学", "龙山县桐木溪中学", "龙山县白竹坪学校"
UNPAIRED = "长沙县春华渡中学"
SCHOOLS = (
    (LEAD, "430104"),
    ("岳麓区枫林里小学", "430104"),
    (UNPAIRED, "430121"),
    ("长沙县板仓冲小学", "430121"),
    (SUPPORTED, "433130"),
    (SECOND, "433130"),
    ("永顺县老司岩中学", "433127"),
    ("永顺县灵溪湾小学", "433127"),
)

# Lead and supported school; of different cities, so that the province registers them.
PAIRINGS = ((LEAD, SUPPORTED), (LEAD, SECOND))
SCHOOL_YEARS = 3


@dataclass(frozen=True)
class Inhabitant:
    """An account, its one role, and what a newcomer might try with it."""

    username: str
    name: str
    role: RoleName
    place: str | None
    zh: str
    en: str

    @property
    def school(self) -> str | None:
        return self.place if self.place in dict(SCHOOLS) else None

    @property
    def region_code(self) -> str | None:
        return self.place if self.place in {code for code, *_ in REGIONS} else None

    @property
    def place_name(self) -> str:
        names = {code: name for code, name, *_ in REGIONS}
        return names.get(self.place or "", self.place or "")


INHABITANTS = (
    Inhabitant(
        "xiangyuhe", "向雨禾", RoleName.TEACHER, SUPPORTED,
        "看结对学校的课，搜“配套问题”，上传一节自己的课",
        "watch the lessons of the lead school, search, upload a lesson of her own",
    ),
    Inhabitant(
        "zhouminzhi", "周敏之", RoleName.TEACHER, LEAD,
        "上传几个文件，中途关掉页面再接着传；发布给结对学校",
        "upload files, close the page half-way and go on; publish to the paired schools",
    ),
    Inhabitant(
        "tanwangshu", "谭望舒", RoleName.TEACHER, LEAD,
        "看“我的作品”里每件走到哪一步；正在上的课是这位老师的，进主讲教室就接过来上",
        "see under “My work” how far each thing is; the class that runs is hers to lead",
    ),
    Inhabitant(
        "chenyanzhou", "陈砚舟", RoleName.STAFF, LEAD,
        "有一件在等岳麓区教育局审核", "one paper of his waits for the county's officer",
    ),
    Inhabitant(
        "heqinghe", "何清和", RoleName.SCHOOL_ADMIN, LEAD,
        "管理本校账号，给忘记密码的老师开重设单",
        "look after the school's accounts, write a slip for a forgotten password",
    ),
    Inhabitant(
        "longtingquan", "龙听泉", RoleName.STAFF, SUPPORTED,
        "找一份考勤制度，在页面里读，再下载",
        "look for attendance rules, read them in the page, download them",
    ),
    Inhabitant(
        "tianxiaoman", "田小满", RoleName.SCHOOL_ADMIN, SUPPORTED,
        "给新老师建账号", "make an account for a new teacher",
    ),
    Inhabitant(
        "wushouzhuo", "吴守拙", RoleName.TEACHER, SECOND,
        "看得到橘洲路中学给结对学校的课，看不到桐木溪中学给结对学校的",
        "sees what the lead school shares, and nothing of the other pairing",
    ),
    Inhabitant(
        "pengguizhi", "彭桂枝", RoleName.SCHOOL_ADMIN, SECOND,
        "替本校确认橘洲路中学约的课", "say yes to a lesson that the lead school booked",
    ),
    Inhabitant(
        "luoyichuan", "罗一川", RoleName.TEACHER, UNPAIRED,
        "没有结对：只看得到对所有人公开的", "not paired: sees only what is for everyone",
    ),
    Inhabitant(
        "yuelu", "岳麓区教育局", RoleName.OFFICER, "430104",
        "审核队列里有一件：通过，或写明原因退回",
        "one thing waits in the queue: approve it, or return it with a comment",
    ),
    Inhabitant(
        "pengxuyan", "彭叙言", RoleName.OFFICER, "433130",
        "看本县学校和公开的资源", "see the county's schools and what is public",
    ),
    Inhabitant(
        "changsha", "长沙市教育局", RoleName.OFFICER, "430100",
        "看全市的学校和公开的资源", "see the city's schools and what is public",
    ),
    Inhabitant(
        "xiangxi", "湘西州教育和体育局", RoleName.OFFICER, "433100",
        "看全州的学校和公开的资源", "see the prefecture's schools and what is public",
    ),
    Inhabitant(
        "hunan", "湖南省教育厅", RoleName.OFFICER, "430000",
        "对所有人公开的由这里审核", "decides what is for everyone",
    ),
    Inhabitant(
        "tongmuxi-701", "七年级（1）班教室", RoleName.CLASSROOM, SUPPORTED,
        "教室里的电脑，打开 /room 就进了正在上的课；看不到教师的材料",
        "a classroom's own computer: /room enters the class that is running; no staff papers",
    ),
    Inhabitant(
        "baizhuping-7", "七年级教室", RoleName.CLASSROOM, SECOND,
        "在另一个窗口打开 /room，和七年级（1）班看同一节课",
        "opens /room in another window, in step with the first",
    ),
    Inhabitant(
        "admin", "系统管理员", RoleName.SYSTEM_ADMIN, None,
        "管理账号和运行，不看内容", "operates the service, sees no content",
    ),
)  # fmt: skip

# Classrooms by school and name, with the account that their own device is signed in with.
ROOMS = (
    (LEAD, "录播教室", None),
    (LEAD, "多媒体教室", None),
    (SUPPORTED, "七年级（1）班", "tongmuxi-701"),
    (SUPPORTED, "八年级（2）班", None),
    (SECOND, "七年级", "baizhuping-7"),
)

# What a role is called on the terminal.
ROLES = {
    RoleName.TEACHER: ("教师", "teacher"),
    RoleName.STAFF: ("职员", "staff"),
    RoleName.SCHOOL_ADMIN: ("学校管理员", "school administrator"),
    RoleName.OFFICER: ("教育行政部门", "bureau officer"),
    RoleName.CLASSROOM: ("教室", "classroom"),
    RoleName.SYSTEM_ADMIN: ("系统管理员", "system administrator"),
}

# The keys by which the demonstration library names its authors.
AUTHORS = {
    "lead_math": "zhouminzhi",
    "lead_chinese": "tanwangshu",
    "lead_office": "chenyanzhou",
    "supported_math": "xiangyuhe",
}
# Who decides what the library's authors offer to a county, and to everyone.
OFFICERS = ("yuelu", "hunan")


def create(session: Session) -> None:
    """Make what is missing of the demonstration's world, in one transaction."""
    # Everybody's password is the same and printed, so everybody may have the same hash of it.
    hashed = passwords.hash_password(PASSWORD)
    for code, name, level, parent in REGIONS:
        if session.get(Region, code) is None:
            session.add(Region(code=code, name=name, level=level, parent_code=parent))
            session.flush()
    for name, code in SCHOOLS:
        if inhabitants.find_school(session, name) is None:
            session.add(School(name=name, region_code=code))
    session.flush()
    for lead, supported in PAIRINGS:
        _pair(session, lead, supported)
    for inhabitant in INHABITANTS:
        _settle_in(session, inhabitant, hashed)
    for school, name, device in ROOMS:
        _furnish(session, school, name, device)


def account_ids(session: Session) -> dict[str, int]:
    """User name -> id, of the inhabitants."""
    names = [inhabitant.username for inhabitant in INHABITANTS]
    query = select(Account.username, Account.id).where(Account.username.in_(names))
    return dict(session.execute(query).all())


def _pair(session: Session, lead_name: str, supported_name: str) -> None:
    lead = inhabitants.school(session, lead_name)
    supported = inhabitants.school(session, supported_name)
    sides = {"lead_school_id": lead.id, "supported_school_id": supported.id}
    if session.scalar(select(Agreement).filter_by(**sides)) is None:
        starts_on = _school_year()
        ends_on = date(starts_on.year + SCHOOL_YEARS, 8, 31)
        session.add(Agreement(level=Level.PROVINCE, starts_on=starts_on, ends_on=ends_on, **sides))
        session.flush()


def _settle_in(session: Session, inhabitant: Inhabitant, hashed: str) -> None:
    known = select(Account.id).where(Account.username == inhabitant.username)
    if session.scalar(known) is not None:
        return
    school = inhabitants.school(session, inhabitant.school) if inhabitant.school else None
    role = RoleWanted(inhabitant.role, school.id if school else None, inhabitant.region_code)
    create_account(session, inhabitant.username, inhabitant.name, (role,), password_hash=hashed)


def _furnish(session: Session, school_name: str, name: str, device: str | None) -> None:
    school = inhabitants.school(session, school_name)
    if session.scalar(select(Room.id).filter_by(school_id=school.id, name=name)) is None:
        account_id = account_ids(session)[device] if device else None
        session.add(Room(school_id=school.id, name=name, account_id=account_id))


def _school_year() -> date:
    """The day this school year began."""
    today = clock.today()
    return date(today.year if today.month >= 9 else today.year - 1, 9, 1)
