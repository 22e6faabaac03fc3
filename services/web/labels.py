"""What the closed lists are called in the interface: one table a list, nowhere else.

Values are those of the ground's vocabulary; labels are the source strings (Chinese) of gettext,
so `N_` only marks them for extraction and the page translates them when it is rendered.
"""

from __future__ import annotations

from collections.abc import Mapping

from tongke.classes.after.outcome import Outcome
from tongke.classes.plan.planned import Repeat
from tongke.classes.standing import Standing
from tongke.classes.vocabulary import SeatState
from tongke.documents.result import Caveat
from tongke.library.vocabulary import Kind, Medium, Stage, State, Step, Subject
from tongke.live.vocabulary import LessonKind
from tongke.people.audience import Level, RoleName


def N_(message: str) -> str:
    """Mark a string for the catalogue without translating it here."""
    return message


KIND: Mapping[str, str] = {
    Kind.LESSON_RECORDING: N_("课堂实录"),
    Kind.TEACHING_CASE: N_("教学案例"),
    Kind.MANAGEMENT_POLICY: N_("管理制度"),
    Kind.STUDENT_EVALUATION: N_("学生评价"),
    Kind.INCENTIVE_SCHEME: N_("激励制度"),
    Kind.ACTIVITY_PLAN: N_("活动方案"),
    Kind.COURSEWARE: N_("课件"),
    Kind.RESEARCH_OUTPUT: N_("教研成果"),
}

STAGE: Mapping[str, str] = {
    Stage.PRESCHOOL: N_("学前"),
    Stage.PRIMARY: N_("小学"),
    Stage.JUNIOR: N_("初中"),
    Stage.SENIOR: N_("高中"),
}

GRADE: Mapping[str, str] = {
    "1": N_("一年级"),
    "2": N_("二年级"),
    "3": N_("三年级"),
    "4": N_("四年级"),
    "5": N_("五年级"),
    "6": N_("六年级"),
    "7": N_("七年级"),
    "8": N_("八年级"),
    "9": N_("九年级"),
    "10": N_("高一"),
    "11": N_("高二"),
    "12": N_("高三"),
}

SUBJECT: Mapping[str, str] = {
    Subject.CHINESE: N_("语文"),
    Subject.MATH: N_("数学"),
    Subject.ENGLISH: N_("英语"),
    Subject.PHYSICS: N_("物理"),
    Subject.CHEMISTRY: N_("化学"),
    Subject.BIOLOGY: N_("生物"),
    Subject.HISTORY: N_("历史"),
    Subject.GEOGRAPHY: N_("地理"),
    Subject.POLITICS: N_("道德与法治"),
    Subject.MUSIC: N_("音乐"),
    Subject.ART: N_("美术"),
    Subject.PE: N_("体育与健康"),
    Subject.IT: N_("信息科技"),
    Subject.SCIENCE: N_("科学"),
    Subject.LABOR: N_("劳动"),
    Subject.PSYCHOLOGY: N_("心理健康"),
}

MEDIUM: Mapping[str, str] = {
    Medium.VIDEO: N_("录像"),
    Medium.SOUND: N_("录音"),
    Medium.DOCUMENT: N_("文档"),
}

STATE: Mapping[str, str] = {
    State.CHECKING: N_("正在检查"),
    State.PLAYABLE: N_("可以看了"),
    State.ENCODING: N_("可以看了，转码中"),
    State.PUBLISHED: N_("已发布"),
    State.FAILED: N_("没有做成"),
}

STEP: Mapping[str, str] = {
    Step.JOINING: N_("合成录像"),
    Step.CHECKING: N_("检查文件"),
    Step.PLAYABLE: N_("准备播放"),
    Step.THUMBNAILS: N_("截取画面"),
    Step.THIN: N_("转声音和小画面"),
    Step.LADDER: N_("转各档清晰度"),
    Step.DOCUMENT: N_("读出文字"),
}

REVIEW: Mapping[str, str] = {
    "waiting": N_("等待审核"),
    "approved": N_("审核通过"),
    "returned": N_("退回修改"),
}

ROLE: Mapping[str, str] = {
    RoleName.TEACHER: N_("教师"),
    RoleName.STAFF: N_("职员"),
    RoleName.SCHOOL_ADMIN: N_("学校管理员"),
    RoleName.OFFICER: N_("教育局工作人员"),
    RoleName.CLASSROOM: N_("教室账号"),
    RoleName.SYSTEM_ADMIN: N_("系统管理员"),
}

LEVEL: Mapping[str, str] = {
    Level.PROVINCE: N_("省级"),
    Level.CITY: N_("市级"),
    Level.COUNTY: N_("县级"),
}

DOWNLOAD: Mapping[str, str] = {
    "video": N_("画面和声音"),
    "sound": N_("只要声音"),
    "document": N_("文档"),
    "original": N_("原文件"),
}

SORT: Mapping[str, str] = {
    "relevance": N_("最相关"),
    "newest": N_("最新"),
    "views": N_("看得最多"),
    "title": N_("按标题"),
}

FACET: Mapping[str, str] = {
    "kind": N_("种类"),
    "stage": N_("学段"),
    "grade": N_("年级"),
    "subject": N_("学科"),
    "edition": N_("教材版本"),
    "unit": N_("单元"),
    "school": N_("学校"),
    "agreement": N_("结对"),
    "year": N_("年份"),
}

CAVEAT: Mapping[str, str] = {
    Caveat.NO_TEXT: N_("有几页只有图片，没有文字：按标题能找到，按里面的话找不到"),
    Caveat.TEXT_CUT: N_("文字太长，后面的部分没有收进搜索"),
    Caveat.IMAGES_LEFT_OUT: N_("有些图片太大或读不出来，这里没有显示，下载的文件里有"),
    Caveat.NOT_DRAWN: N_("幻灯片的版式这里画不出来，先列出文字，下载后看原样"),
}

STANDING: Mapping[str, str] = {
    Standing.ASKED: N_("等对方确认"),
    Standing.DECLINED: N_("对方不参加"),
    Standing.CONFIRMED: N_("已确认"),
    Standing.LATE: N_("迟到"),
    Standing.RUNNING: N_("正在上课"),
    Standing.ENDED: N_("已上"),
    Standing.CANCELLED: N_("已取消"),
    Standing.MISSED: N_("没有上"),
}

# Of a class that is asked, to who may answer.
# To the partner itself, in the place of how the class stands.
ANSWERS: Mapping[str, str] = {
    "me": N_("等你确认"),
    "school": N_("等本校确认"),
    "declined": N_("我们不参加"),
}

OUTCOME: Mapping[str, str] = {
    Outcome.HELD: N_("已上完"),
    Outcome.NO_PARTNER: N_("没有结对方参加"),
    Outcome.CUT_SHORT: N_("提前结束"),
    Outcome.CANCELLED: N_("已取消"),
    Outcome.MISSED: N_("没有上"),
}

SEAT: Mapping[str, str] = {
    SeatState.ASKED: N_("等回复"),
    SeatState.CONFIRMED: N_("参加"),
    SeatState.DECLINED: N_("不参加"),
}

MODE: Mapping[str, str] = {
    LessonKind.INTERACTIVE: N_("互动"),
    LessonKind.BROADCAST: N_("直播"),
}

PURPOSE: Mapping[str, str] = {
    "lesson": N_("上课"),
    "training": N_("教师同步研修"),
}

REPEAT: Mapping[str, str] = {
    Repeat.ONCE: N_("只上这一次"),
    Repeat.EVERY: N_("每周"),
    Repeat.ODD: N_("单周"),
    Repeat.EVEN: N_("双周"),
}

TABLES: Mapping[str, Mapping[str, str]] = {
    "kind": KIND,
    "stage": STAGE,
    "grade": GRADE,
    "subject": SUBJECT,
    "medium": MEDIUM,
    "caveat": CAVEAT,
    "state": STATE,
    "step": STEP,
    "review": REVIEW,
    "role": ROLE,
    "level": LEVEL,
    "download": DOWNLOAD,
    "sort": SORT,
    "standing": STANDING,
    "answer": ANSWERS,
    "outcome": OUTCOME,
    "seat": SEAT,
    "mode": MODE,
    "purpose": PURPOSE,
    "repeat": REPEAT,
    "facet": FACET,
}


def label(table: str, value: str) -> str:
    """The source string of a value.

    A list that is open (unit, edition, school) has no table: its values are their own labels. So
    is a value that its list does not hold: it came with an address, which anybody may type.
    """
    return TABLES.get(table, {}).get(value, value)
