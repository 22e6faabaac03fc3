"""Every page with what a school would really have on it: for the tests, and to look at."""

from __future__ import annotations

from dataclasses import replace

from services.web import views as v
from tests.services.web import samples_observation, samples_plan
from tests.services.web.samples_ground import HEAD, NOW, OFFICER, TEACHER, ago
from tests.services.web.samples_library import LIBRARY, run
from tests.services.web.samples_offices import API, PEOPLE, REVIEW, SCHOOLS, SETTINGS
from tests.services.web.samples_resources import (
    ABSOLUTE,
    ATTENDANCE,
    AUDIENCES,
    CIRCLE,
    COURSEWARE,
    DOWNLOADS,
    OUTLINE,
    PAGES,
    POLICY,
    POLICY_HTML,
    RESOURCE,
    SPORTS,
    STOPPED,
    lesson,
)
from tongke.errors import Invalid, NotFound, NotSignedIn, Text, TooManyRequests, Unpublishable
from tongke.library.failures import read_back, write_down

UNREADABLE = read_back(write_down(Unpublishable()))
ENCODING = v.Progress("encoding", "ladder", 43, 128)
UNFINISHED = v.Progress("failed", failure=UNREADABLE, retry_job_id=7)
WORKS = (
    v.Work(lesson(31), ENCODING, ("本校", "结对：长沙市橘洲路中学")),
    v.Work(
        lesson(32, "5.3\u3000销售中的盈亏", poster=None, duration_s=None),
        v.Progress("checking", "checking", 12),
        (),
    ),
    v.Work(
        lesson(33, "DJI_0231", poster=None, duration_s=None, size_bytes=2_200_000_000),
        UNFINISHED,
        (),
    ),
    v.Work(
        ATTENDANCE,
        v.Progress("published"),
        ("本校",),
        (v.Review("returned", "龙山县全县", "龙山县教育局", "第七条请按县里控辍保学的新要求改。"),),
    ),
    v.Work(
        COURSEWARE,
        v.Progress("published"),
        ("本校", "结对：长沙市橘洲路中学"),
        (v.Review("waiting", "湘西州全州", "湘西州教育和体育局"),),
    ),
)
TABS = tuple(
    v.Choice(value, f"/mine?state={value}", value == "all", count)
    for value, count in (
        ("all", 14),
        ("working", 2),
        ("failed", 1),
        ("waiting", 1),
        ("returned", 1),
        ("published", 9),
    )
)
HOME = v.HomeView(
    today=NOW,
    days=tuple(
        v.Day(ago(6 - index).date(), count, title)
        for index, (count, title) in enumerate(
            (
                (2, "冬季长跑与体育节活动方案"),
                (1, "《望岳》朗读"),
                (1, "同课异构：《圆的面积》"),
                (0, ""),
                (0, ""),
                (4, "学生考勤与请销假管理办法"),
                (3, "第五章 一元一次方程 整章课件"),
            )
        )
    ),
    newest=COURSEWARE,
    watching=(STOPPED, ABSOLUTE),
    partner="橘洲路中学",
    has_partners=True,
    received=(COURSEWARE, ATTENDANCE, CIRCLE, SPORTS),
    received_total=11,
    received_url="/library?agreement=1&sort=newest",
    tasks=(
        v.Task("unfinished", "5.3 销售中的盈亏.mp4", "/upload", count=2),
        v.Task("returned", "学生考勤与请销假管理办法", "/resources/22/edit", "第七条按新要求改"),
        v.Task("failed", "DJI_0231.MOV", "/resources/33", "录像没有写完"),
        v.Task("reply", "有理数的加法", "/observations", "田小满", count=2),
    ),
    task_total=4,
)
EDIT_FORM = v.Form(
    {
        "title": "5.3\u3000实际问题与一元一次方程（第 2 课时）",
        "kind": "lesson_recording",
        "stage": "junior",
        "grade": "7",
        "subject": "math",
        "edition": "人教版（2024）",
        "unit": "第五章 一元一次方程",
        "audience": "school:12 agreement:1",
    }
)
WRONG_FORM = replace(
    EDIT_FORM,
    values={**EDIT_FORM.values, "title": ""},
    errors={"title": Text("请写上题目", "Give it a title")},
    failure=Invalid(),
)
UPLOAD_CONFIG = {
    "audiences": [{"token": "school:12", "label": "本校</script>", "needs_review": False}],
    "vocabulary": {"kind": [{"value": "courseware", "label": "课件"}]},
    "max_bytes": 20 * 2**30,
    "accept": [".mp4", ".docx"],
    "user_id": 7,
}

_MISSING = NotFound()

# name -> (who looks, the page)
PAGES_BY_NAME: dict[str, tuple[v.Person | None, v.View]] = {
    "signin": (None, v.SignInView(next="/library")),
    "signin-wrong": (
        None,
        v.SignInView(v.Form({"username": "xiangyuhe"}, failure=TooManyRequests(seconds=30))),
    ),
    "slip": (None, v.SlipView()),
    "home": (TEACHER, HOME),
    "home-empty": (
        TEACHER,
        replace(
            HOME,
            days=tuple(replace(day, count=0) for day in HOME.days),
            newest=None,
            watching=(),
            partner=None,
            has_partners=False,
            received=(),
            received_total=0,
            tasks=(),
            task_total=0,
        ),
    ),
    "home-officer": (
        OFFICER,
        replace(
            HOME,
            watching=(),
            partner=None,
            has_partners=False,
            tasks=(v.Task("review", "最早的一份等了 2 天", "/review", count=3),),
            task_total=1,
            in_reach=v.InReach(running=2, late=0, missed=1),
        ),
    ),
    "library": (TEACHER, LIBRARY),
    "library-empty": (
        TEACHER,
        replace(LIBRARY, total=0, hits=(), relaxed=(), next_url=None, first_url="/library"),
    ),
    "lesson": (
        TEACHER,
        v.LessonView(RESOURCE, DOWNLOADS, ENCODING, "/media/12/master.m3u8", related=(STOPPED,)),
    ),
    "lesson-failed": (
        TEACHER,
        v.LessonView(RESOURCE, DOWNLOADS, UNFINISHED, "/media/12/master.m3u8"),
    ),
    "sound": (
        TEACHER,
        v.LessonView(
            replace(RESOURCE, medium="sound", poster=None, reviews=(), edition="", unit=""),
            DOWNLOADS[2:],
            hls="/media/12/sound.m3u8",
        ),
    ),
    "policy": (
        TEACHER,
        v.DocumentView(
            POLICY,
            (
                v.Download(
                    "学生考勤与请销假管理办法.docx", "/media/22/original", 184_320, "document"
                ),
            ),
            OUTLINE,
            POLICY_HTML,
            query="迟到",
            found=(
                v.Found(run("……5 分钟内进教室的，记为迟到；未经任课教师……", "迟到"), "c2"),
                v.Found(run("一周内迟到 3 次以上的，班主任与学生谈话……", "迟到"), "c2", 2),
            ),
        ),
    ),
    "pages": (
        TEACHER,
        v.DocumentView(
            replace(POLICY, title="教师教学常规检查与评价方案", summary=""),
            (
                v.Download(
                    "教师教学常规检查与评价方案.pdf", "/media/22/original", 684_320, "document"
                ),
            ),
            pages=PAGES,
        ),
    ),
    "pending": (
        TEACHER,
        v.PendingView(RESOURCE, v.Progress("checking", "checking", 40, 6)),
    ),
    "failed": (
        TEACHER,
        v.PendingView(RESOURCE, UNFINISHED),
    ),
    "edit": (TEACHER, v.EditView(RESOURCE, EDIT_FORM, AUDIENCES)),
    "edit-returned": (
        TEACHER,
        v.EditView(replace(RESOURCE, reviews=WORKS[-2].reviews), EDIT_FORM, AUDIENCES),
    ),
    "edit-wrong": (TEACHER, v.EditView(RESOURCE, WRONG_FORM, AUDIENCES)),
    "upload": (TEACHER, v.UploadView(UPLOAD_CONFIG, AUDIENCES, 20 * 2**30)),
    "mine": (TEACHER, v.MineView(TABS, WORKS, unfinished=2, next_url="/mine?cursor=x")),
    "mine-empty": (TEACHER, v.MineView(TABS, ())),
    "review": (OFFICER, REVIEW),
    "review-empty": (OFFICER, v.ReviewView((), 0)),
    "people": (HEAD, PEOPLE),
    "schools": (OFFICER, SCHOOLS),
    "settings": (TEACHER, SETTINGS),
    "error": (TEACHER, v.ErrorView(_MISSING)),
    "error-signed-out": (None, v.ErrorView(NotSignedIn(), sign_in_url="/sign-in?next=%2Fmine")),
    "api": (TEACHER, API),
    **samples_observation.PAGES_BY_NAME,
    "home-lessons": (
        TEACHER,
        replace(
            HOME,
            lessons=samples_plan.today(NOW),
            notices=samples_plan.told(NOW),
            tasks=(samples_plan.to_confirm(NOW), *HOME.tasks),
            task_total=4,
        ),
    ),
    **samples_plan.pages(NOW, TEACHER, HEAD),
}
