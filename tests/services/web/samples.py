"""Every page with what a school would really have on it: for the tests, and to look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from services.http.language import Language
from services.web import views as v
from tests.services.web import samples_observation, samples_plan
from tongke.errors import Invalid, NotFound, NotSignedIn, Text, TooManyRequests, Unpublishable
from tongke.library.failures import read_back, write_down

# A Tuesday morning, 10:12 in Hunan.
NOW = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)


def ago(days: float = 0, hours: float = 0) -> datetime:
    return NOW - timedelta(days=days, hours=hours)


TEACHER = v.Person("向雨禾", "龙山县桐木溪中学", may_upload=True)
HEAD = v.Person("田小满", "龙山县桐木溪中学", may_upload=True, manages_people=True)
OFFICER = v.Person("彭叙言", "龙山县教育局", may_review=True, sees_schools=True, waiting=3)


def shell(language: Language = "zh", person: v.Person | None = TEACHER, path: str = "/") -> v.Shell:
    return v.Shell(language, "sample-csrf-token", path, person, request_id="01JDF3K8Q2")


def lesson(number: int = 12, title: str = "", **changes: object) -> v.Card:
    card = v.Card(
        id=number,
        kind="lesson_recording",
        title=title or "5.3\u3000实际问题与一元一次方程（第 2 课时）",
        medium="video",
        school="长沙市橘洲路中学",
        author="周敏之",
        when=ago(hours=1),
        size_bytes=1_524_000_000,
        duration_s=2466,
        poster="/samples/lesson.png",
        views=412,
    )
    return replace(card, **changes)  # type: ignore[arg-type]  # fields by name, for tests only


def paper(number: int, kind: str, title: str, **changes: object) -> v.Card:
    card = v.Card(
        id=number,
        kind=kind,
        title=title,
        medium="document",
        school="长沙市橘洲路中学",
        author="周敏之",
        when=ago(1),
        size_bytes=184_320,
        pages=9,
        views=96,
    )
    return replace(card, **changes)  # type: ignore[arg-type]  # fields by name, for tests only


STOPPED = lesson(
    11, "5.3\u3000实际问题与一元一次方程（第 1 课时）", position_s=760, duration_s=2392
)
ABSOLUTE = lesson(
    10, "1.2.4\u3000绝对值", position_s=1860, duration_s=2400, poster="/samples/number-line.png"
)
COURSEWARE = paper(
    21, "courseware", "第五章 一元一次方程 整章课件", size_bytes=6_500_000, pages=None, when=NOW
)
ATTENDANCE = paper(
    22, "management_policy", "学生考勤与请销假管理办法（2026 年修订）", poster="/samples/policy.png"
)
SPORTS = paper(24, "activity_plan", "冬季长跑与体育节活动方案", when=ago(6), size_bytes=24_000)
CIRCLE = lesson(
    23, "同课异构：《圆的面积》两种上法", when=ago(4), duration_s=4680, poster="/samples/circle.png"
)
SOUND = lesson(25, "《望岳》朗读", medium="sound", poster=None, when=ago(5), duration_s=312)

RESOURCE = v.Resource(
    id=12,
    kind="lesson_recording",
    title="5.3\u3000实际问题与一元一次方程（第 2 课时）",
    school="长沙市橘洲路中学",
    author="周敏之",
    medium="video",
    filename="5.3 实际问题与一元一次方程（第2课时）.mp4",
    size_bytes=1_524_000_000,
    created_at=ago(2, 3),
    published_at=ago(2),
    summary="用灯笼的灯架和灯穗讲配套问题：先列表找等量关系，再各班讲解，最后当堂小测。",
    stage="junior",
    grade="7",
    subject="math",
    edition="人教版（2024）",
    unit="第五章 一元一次方程",
    lesson="5.3 实际问题与一元一次方程",
    duration_s=2466,
    poster="/samples/lesson.png",
    views=412,
    audience=("橘洲路中学", "结对：桐木溪中学", "结对：白竹坪学校"),
    reviews=(v.Review("waiting", "龙山县全县", "龙山县教育局"),),
    may_edit=True,
    may_delete=True,
)
POLICY = v.Resource(
    id=22,
    kind="management_policy",
    title="学生考勤与请销假管理办法（2026 年修订）",
    school="长沙市橘洲路中学",
    author="谭望舒",
    medium="document",
    filename="学生考勤与请销假管理办法.docx",
    size_bytes=184_320,
    created_at=ago(1, 2),
    published_at=ago(1),
    summary="含学生请假条和缺勤追踪登记表两个附件。",
    stage="junior",
    audience=("橘洲路中学", "结对：桐木溪中学"),
)
DOWNLOADS = (
    v.Download(
        "5.3 实际问题与一元一次方程（第2课时）.mp4", "/media/12/original", 1_524_000_000, "original"
    ),
    v.Download("实际问题与一元一次方程.mp4", "/media/12/720p.mp4", 432_000_000, "video"),
    v.Download("实际问题与一元一次方程.m4a", "/media/12/sound.m4a", 27_000_000, "sound"),
)
AUDIENCES = (
    v.AudienceChoice("school:12", "本校"),
    v.AudienceChoice("agreement:1", "结对：长沙市橘洲路中学"),
    v.AudienceChoice("region:433130", "龙山县全县", "龙山县教育局"),
    v.AudienceChoice("region:433100", "湘西州全州", "湘西州教育和体育局"),
    v.AudienceChoice("everyone", "所有人", "湖南省教育厅"),
)
POLICY_HTML = Markup("""
<h1 id="title">学生考勤与请销假管理办法</h1>
<h2 id="c2">第二章　考　勤</h2>
<p class="article"><b>第五条</b>学生应在 7:40 前到校。班主任于早读前清点人数，8:10 前在平台登记
本班到校情况，缺勤一人记一人，不得补录。</p>
<p>住校生每晚由生活老师点名，结果当晚告知班主任。</p>
<p class="article"><b>第六条</b>上课铃响后 5 分钟内进教室的，记为<mark>迟到</mark>；未经任课教师同意
提前离开的，记为早退。一周内<mark>迟到</mark> 3 次以上的，班主任与学生谈话，了解原因，
不以罚站、罚抄代替教育。</p>
<p class="article"><b>第七条</b>未请假而缺课，或请假未准而离校的，记为旷课。学生无故缺课 1 日的，
班主任当天联系家长；连续 3 日未到校的，由负责部门会同村（社区）上门家访，
并按控辍保学的要求向学区报告。</p>
<h2 id="c3">第三章　请假与销假</h2>
<p class="article"><b>第八条</b>请假半日以内由班主任批准，一日以上由年级组批准，
三日以上由分管校长批准。</p>
<table><tr><th>请假时长</th><th>谁批准</th></tr><tr><td>半日以内</td><td>班主任</td></tr>
<tr><td>三日以上</td><td>分管校长</td></tr></table>
<p class="article"><b>第九条</b>病假应附医院或村卫生室证明；事假由家长书面或在平台上提出。
急事可先口头请假，返校当日补办。</p>
""")
OUTLINE = (
    v.Heading(2, "第一章　总则", "c1"),
    v.Heading(2, "第二章　考勤", "c2"),
    v.Heading(3, "第五条　到校与离校", "c2"),
    v.Heading(3, "第六条　迟到与早退", "c2"),
    v.Heading(2, "第三章　请假与销假", "c3"),
    v.Heading(2, "附件 1　学生请假条", "a1"),
)
PAGES = tuple(
    v.PageImage(
        number,
        800,
        1131,
        f"/samples/page-{number}.png",
        f"/samples/page-{number}.png",
        lines=tuple(
            v.Line(text, v.Box(96, 150 + 44 * row, 22 * len(text), 24))
            for row, text in enumerate(PAGE_TEXT)
        ),
        marks=(v.Box(140, 194, 88, 24),) if number == 1 else (),
    )
    for number in (1, 2)
    for PAGE_TEXT in [
        (
            "教师教学常规检查与评价方案",
            "一、备课检查每月一次，由教研组长负责。",
            "二、听课每学期不少于 15 节，听后当天交换意见。",
            "三、作业批改看数量，更看有没有写给学生的话。",
        )
    ]
)


def run(text: str, *words: str) -> tuple[v.Run, ...]:
    """Runs of a text in which the words are hits."""
    runs = [v.Run(text)]
    for word in words:
        runs = [piece for old in runs for piece in _cut(old, word)]
    return tuple(runs)


def _cut(old: v.Run, word: str) -> list[v.Run]:
    if old.marked or word not in old.text:
        return [old]
    before, _, after = old.text.partition(word)
    pieces = [v.Run(before), v.Run(word, marked=True), *_cut(v.Run(after), word)]
    return [piece for piece in pieces if piece.text]


HITS = tuple(
    v.Hit(card, run(card.title, "配套问题", "灯笼"), run(snippet, "配套问题", "灯笼"))
    for card, snippet in (
        (
            lesson(12, "5.3\u3000实际问题与一元一次方程（第 2 课时）配套问题"),
            "……一个灯架要配四条灯穗，这就是配套问题里的等量关系。做灯笼的 24 个同学该怎么分工？……",
        ),
        (
            lesson(13, "配套问题的两种设法：同课异构", poster="/samples/circle.png"),
            "……先不急着列方程，用十二条灯穗摆一摆，三个灯笼架正好用完……",
        ),
        (
            paper(21, "courseware", "实际问题与一元一次方程 课件（含灯笼情境图）", pages=18),
            "……第 4 页：七（2）班做灯笼，每人每节课能做 3 个灯架或 20 条灯穗……",
        ),
        (SOUND, ""),
    )
)
FACETS = (
    v.Facet(
        "kind",
        (
            v.FacetOption("lesson_recording", "lesson_recording", 4, selected=True),
            v.FacetOption("courseware", "courseware", 2),
            v.FacetOption("teaching_case", "teaching_case", 1),
            v.FacetOption("research_output", "research_output", 0),
        ),
    ),
    v.Facet(
        "edition",
        (
            v.FacetOption("人教版（2024）", "人教版（2024）", 8, selected=True),
            v.FacetOption("湘教版（2024）", "湘教版（2024）", 3),
        ),
    ),
    v.Facet("grade", tuple(v.FacetOption(str(n), str(n), 13 - n) for n in range(1, 13))),
    v.Facet(
        "school",
        (
            v.FacetOption("1", "橘洲路中学", 4, paired=True),
            v.FacetOption("2", "雁回路中学", 2),
            v.FacetOption("3", "云台溪中学", 2),
        ),
    ),
)
SORTS = tuple(
    v.Choice(value, f"/library?sort={value}", selected=value == "relevance")
    for value in ("relevance", "newest", "views", "title")
)
LIBRARY = v.LibraryView(
    query="七年级数学 灯笼 配套问题",
    visible_total=12_486,
    total=8,
    hits=HITS,
    facets=FACETS,
    sorts=SORTS,
    chips=(v.Chip("grade", "7", "/library?q=1"), v.Chip("subject", "math", "/library?q=2")),
    words=("灯笼", "配套问题"),
    literal_url="/library?q=x&literal=1",
    relaxed=HITS[:1],
    next_url="/library?cursor=abc",
)

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
    ),
    task_total=3,
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
ACCOUNTS = (
    v.AccountRow(7, "田小满", "tianxiaoman", ("school_admin", "teacher"), False, NOW, True),
    v.AccountRow(8, "向雨禾", "xiangyuhe", ("teacher",), False, ago(1)),
    v.AccountRow(9, "龙听泉", "longtingquan", ("staff",), False, None),
    v.AccountRow(10, "多媒体教室二", "classroom-2", ("classroom",), False, ago(3)),
    v.AccountRow(11, "吴守拙", "wushouzhuo", ("teacher",), True, ago(400)),
    v.AccountRow(12, "彭既白", "pengjibai", ("school_admin",), True, ago(40), may_enable=False),
)
PEOPLE = v.PeopleView(
    school="龙山县桐木溪中学",
    accounts=ACCOUNTS,
    total=6,
    roles=("teacher", "staff", "school_admin"),
    school_id=2,
    slip=v.Slip("龙听泉", "longtingquan", "K7QF-M2XD-9RTP", NOW + timedelta(days=3)),
    slip_url="https://tongke.example.cn/slip",
)
SCHOOLS = v.SchoolsView(
    title="湘西土家族苗族自治州",
    regions=(
        v.RegionGroup(
            "433130",
            "龙山县",
            "county",
            ("湖南省", "湘西州"),
            (
                v.SchoolRow(
                    1, "龙山县桐木溪中学", 43, 118, "/library?school=1", ("长沙市橘洲路中学",)
                ),
                v.SchoolRow(2, "龙山县白竹坪学校", 26, 31, "/library?school=2", ()),
            ),
        ),
        v.RegionGroup("433127", "永顺县", "county", ("湖南省", "湘西州"), ()),
    ),
    school_total=2,
)
SETTINGS = v.SettingsView(
    name="向雨禾",
    username="xiangyuhe",
    roles=("教师，龙山县桐木溪中学",),
    sessions=(
        v.SessionRow(1, "Chrome，Windows", "10.12.3.8", ago(1), True),
        v.SessionRow(2, "微信，Android", "183.214.20.7", ago(6)),
    ),
    tokens=(v.TokenRow(1, "录播机", "9f3c", ago(40), NOW + timedelta(days=325)),),
    secret="tk_4fJq2Zb8sQn7Lw0eYx5RcVd1",
)
REVIEW = v.ReviewView(
    submissions=(
        v.Submission(
            1, lesson(), "龙山县全县", "龙山县", ago(hours=2), ago(hours=2), RESOURCE.summary
        ),
        v.Submission(
            2,
            ATTENDANCE,
            "龙山县全县",
            "龙山县",
            ago(1),
            ago(1),
            form=v.Form(errors={"comment": Text("请写明要改什么", "Say what is to be changed")}),
        ),
        v.Submission(3, COURSEWARE, "龙山县全县", "龙山县", ago(3), ago(3)),
    ),
    total=3,
)
API = v.ApiDocsView(
    title="Tongke API",
    version="1",
    guide=(Text("每个回答都有 `X-Request-Id`。", "Each answer has an `X-Request-Id`."),),
    groups=(
        v.ApiGroup(
            "resources",
            Text("资源和审核", "Resources and their review"),
            (
                v.ApiOperation(
                    "GET",
                    "/api/v1/resources/{id}",
                    Text("一份资源", "One resource"),
                    fields=(v.ApiField("id", "path", (v.ApiWord("integer"),), True, "Which."),),
                    answers=(v.ApiAnswer("200", "Done", (v.ApiWord("Kind", "Kind"),)),),
                    refusals=("401", "404"),
                ),
            ),
        ),
    ),
    models=(v.ApiModel("Kind", "What it is.", values=("courseware",)), v.ApiModel("Problem", "")),
    problems=(v.ApiProblem("not-found", 404, NotFound.message, NotFound.remedy),),
)
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
        replace(HOME, lessons=samples_plan.today(NOW), notices=samples_plan.told(NOW)),
    ),
    **samples_plan.pages(NOW, TEACHER, HEAD),
}
