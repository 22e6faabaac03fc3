"""The pages of patrol, observation and what is kept of a class, as a school would have them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.web.views.after import (
    AfterView,
    Attendance,
    ClassAnswer,
    OptionCount,
    OwnForm,
    QuizRow,
    RoomAnswers,
    TraineeAttendance,
)
from services.web.views.compare import CompareView, Recorded, Side
from services.web.views.marks import ChapterMark, TimedNote
from services.web.views.observation import (
    ClassNamed,
    FormShown,
    FormView,
    NotesOnly,
    ObservationsView,
    ObserveView,
    RubricItem,
    RubricView,
)
from services.web.views.patrol import PatrolCard, PatrolView, RoomSeen
from services.web.views.shell import Form, Person, View
from tongke.classes.after.asked_schools import AskedSchool
from tongke.classes.after.chapters import ChapterKind
from tongke.classes.after.outcome import Outcome
from tongke.classes.running.patrol import PatrolState
from tongke.errors import Text
from tongke.observation.forms import AlreadySent, ChangedElsewhere
from tongke.observation.rubrics import DEFAULT, DEFAULT_NAME, written_out
from tongke.observation.sums import sums

# A Tuesday morning in Hunan: the second period.
BELL = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
OFFICER = Person("彭叙言", "龙山县教育局", may_review=True, sees_schools=True, patrols=True)
HEAD = Person("田小满", "长沙市橘洲路中学", may_upload=True, manages_people=True, patrols=True)
TEACHER = Person("周敏之", "长沙市橘洲路中学", may_upload=True)

LIVE = ClassNamed(
    7, "有理数的加法（第 1 课时）", "周敏之", "长沙市橘洲路中学", BELL,
    BELL + timedelta(minutes=40), 12,
)  # fmt: skip


def card(number: int, title: str, standing: PatrolState, **more: object) -> PatrolCard:
    rooms = (
        RoomSeen("七（2）班", "龙山县桐木溪中学", "present", 31, speaking=True),
        RoomSeen("录播教室", "龙山县白竹坪九年制学校", "away", None),
        RoomSeen("六（1）班", "龙山县白竹坪九年制学校", "unanswered"),
    )
    made = PatrolCard(
        number, title, "math", "7", "周敏之", "长沙市橘洲路中学", BELL,
        BELL + timedelta(minutes=40), standing, 0, True, "both", rooms,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]  # fields by name, for tests only


CARDS = (
    card(1, "背影", PatrolState.LATE, subject="chinese", minutes_late=8, publishing=False),
    card(2, "有理数的加法（第 1 课时）", PatrolState.RUNNING, minutes_late=3),
    card(
        3,
        "氧气的性质",
        PatrolState.RUNNING,
        subject="chemistry",
        grade="9",
        publishing=False,
        rooms=(RoomSeen("九（1）班", "龙山县桐木溪中学", "present", 42, slow=True),),
    ),
    card(7, "怎样听评一节课", PatrolState.RUNNING, rooms=(), trainees=12, layout="slides"),
    card(4, "丰收锣鼓", PatrolState.MISSED, subject="music", minutes_late=40, rooms=()),
)
PATROL = PatrolView(
    at=BELL + timedelta(minutes=11),
    now=CARDS,
    rest=(
        card(5, "一元一次方程", PatrolState.LATER),
        card(6, "湖南的地形", PatrolState.CANCELLED, cancelled_because="村小停电"),
    ),
    counts={PatrolState.RUNNING: 2, PatrolState.LATE: 1, PatrolState.MISSED: 1},
)

ITEMS = tuple(
    RubricItem(item["name"], item["help"], star)
    for item, star in zip(DEFAULT, (5, 4, 4, 5, 3, 4, 5, 4), strict=True)
)
FORM = FormShown(
    3, "田小满", "龙山县桐木溪中学", BELL, ITEMS, "提问有层次，先独立想再说。",
    "叫远端学生前多等三秒。", "谢谢，下次试。", BELL, 4.25, LIVE,
)  # fmt: skip
FORM_KEPT = replace(FORM, reply="", replied_at=None, is_draft=True)
NOTES = (
    TimedNote("导入从温度计来，自然。", 95.0, "田小满"),
    TimedNote("桐木溪的孩子举手多，先叫了主讲教室。", 840.0, "彭叙言"),
    TimedNote("板书清楚。", 860.0, "彭叙言"),
)
CHAPTERS = (
    ChapterMark(0, ChapterKind.SLIDE, "有理数的加法", 1),
    ChapterMark(420, ChapterKind.SLIDE, "", 4),
    ChapterMark(660, ChapterKind.BOARD, ""),
    ChapterMark(900, ChapterKind.QUIZ, "两个负数相加得什么？"),
    ChapterMark(1260, ChapterKind.CALL_UP, "七（2）班"),
)
QUIZ = QuizRow(
    1, 900.0, "两个负数相加得什么？", "single", 61, 52, 52 / 61,
    (OptionCount("A", "负数", 52, True), OptionCount("B", "正数", 9, False)),
    (RoomAnswers("龙山县桐木溪中学 七（2）班", 31, 25, 25 / 31),
     RoomAnswers("长沙市橘洲路中学", 30, 27, 0.9),
     RoomAnswers("龙山县白竹坪九年制学校 录播教室", 1, 1, 1.0, True)),
    (ClassAnswer("龙山县白竹坪九年制学校 录播教室", ("A",), True),),
)  # fmt: skip
SHORT_QUIZ = QuizRow(
    2, 1320.0, "“会当凌绝顶”的下一句？", "short", 8, 0, 0.0,
    (OptionCount("决眦入归鸟", "", 5, False), OptionCount("一览众山矮", "", 3, False)),
    (RoomAnswers("龙山县桐木溪中学 七（2）班", 8, 0, 0.0),), wordings=("一览众山小",),
)  # fmt: skip
ROOMS = (
    Attendance(BELL, BELL + timedelta(minutes=38), 2280, 0, 120, 1, "dropped",
               "龙山县桐木溪中学", "七（2）班", 31, 32),
    Attendance(None, None, 0, None, None, 0, None,
               "龙山县白竹坪九年制学校", "录播教室", None, None),
    Attendance(None, None, 0, None, None, 0, None,
               "龙山县白竹坪九年制学校", "六（1）班", None, None, True, "这天全校参加运动会"),
)  # fmt: skip
TRAINEES = (
    TraineeAttendance(BELL, BELL + timedelta(minutes=29), 1740, 0, 0, 0, None,
                      "龙山县桐木溪中学", "田小满"),
    TraineeAttendance(BELL + timedelta(minutes=3), BELL + timedelta(minutes=20), 1020, 180, 540, 1,
                      "dropped", "龙山县白竹坪九年制学校", "彭叙言"),
)  # fmt: skip
ASKED = (AskedSchool("龙山县桐木溪中学", True), AskedSchool("龙山县里耶镇中学", False))
SUMS = sums([{item.name: item.star for item in ITEMS}])
HEAT = (0.0, 0.5, 1.0, 0.5, 0.0, 0.0, 0.0, 0.5)
AFTER = AfterView(
    LIVE, Outcome.CUT_SHORT, "", BELL, BELL + timedelta(minutes=29), ROOMS, (QUIZ, SHORT_QUIZ),
    CHAPTERS, 1740.0, NOTES, HEAT, (FORM,), SUMS, may_observe=True, trainees=TRAINEES, asked=ASKED,
)  # fmt: skip

NO_STAR = Text("请给一到五星", "Give one to five stars")
NEVER_HELD = replace(LIVE, resource_id=None)
RECORDED = (
    Recorded(12, "有理数的加法", "周敏之", "长沙市橘洲路中学", "math", BELL, True, 2370.0),
    Recorded(13, "负数怎么加", "向雨禾", "龙山县桐木溪中学", "math", BELL, False, 2410.0),
    Recorded(14, "背影", "田小满", "龙山县桐木溪中学", "chinese", BELL, True, None),
)
SIDES = (
    Side(RECORDED[0], None, CHAPTERS, NOTES),
    Side(RECORDED[1], None, CHAPTERS[:2], ()),
)
# What people typed and stands in labels.
TYPED = (TEACHER.name, *(side.lesson.title for side in SIDES))

PAGES_BY_NAME: dict[str, tuple[Person | None, View]] = {
    "patrol": (OFFICER, PATROL),
    "patrol-empty": (OFFICER, replace(PATROL, now=(), rest=(), counts={})),
    "observe": (HEAD, ObserveView(LIVE, ITEMS, NOTES[:1], Form(), may_send=True, kept_at=BELL)),
    "observe-wrong": (
        HEAD,
        ObserveView(
            LIVE,
            tuple(replace(item, star=0) for item in ITEMS),
            (),
            Form({"advice": "多等三秒"}, {"star-0": NO_STAR}),
            may_send=True,
        ),
    ),
    "observe-elsewhere": (
        HEAD,
        ObserveView(
            replace(LIVE, resource_id=12),
            ITEMS,
            (),
            Form(
                {"strengths": FORM.strengths, "advice": "少叫前排，多等三秒。"},
                failure=ChangedElsewhere(),
            ),
            may_send=True,
            kept_at=BELL,
            is_over=True,
            kept=FORM_KEPT,
        ),
    ),
    "observe-sent": (
        HEAD,
        ObserveView(
            NEVER_HELD,
            ITEMS,
            (),
            Form({"advice": "少叫前排，多等三秒。"}, failure=AlreadySent()),
            may_send=True,
            sent_at=BELL,
            form_id=3,
        ),
    ),
    "observation": (TEACHER, FormView(replace(FORM, reply="", replied_at=None), may_reply=True)),
    "observations": (
        HEAD,
        ObservationsView(
            (FORM, NotesOnly(LIVE, 3)), (NotesOnly(LIVE, 12), FORM), SUMS, may_set_rubric=True
        ),
    ),
    "observations-empty": (TEACHER, ObservationsView((), (), sums([]), may_set_rubric=False)),
    "rubric": (
        HEAD,
        RubricView(
            "长沙市橘洲路中学",
            own=True,
            form=Form({"name": DEFAULT_NAME, "items": written_out(DEFAULT)}),
        ),
    ),
    "after": (TEACHER, AFTER),
    "after-observed": (
        OFFICER,
        replace(
            AFTER,
            live=NEVER_HELD,
            is_recorded=True,
            own_form=OwnForm(3, True, True),
            forms=None,
            sums=None,
        ),
    ),
    "after-cancelled": (
        TEACHER,
        AfterView(NEVER_HELD, Outcome.CANCELLED, "停电", None, None, (), (), (), 0.0),
    ),
    "compare": (
        TEACHER,
        CompareView(SIDES),
    ),
    "compare-choose": (
        TEACHER,
        CompareView((), (RECORDED[0], RECORDED[2], RECORDED[1]), is_twice=True),
    ),
}
