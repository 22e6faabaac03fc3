"""Resources with what a school would really have."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from services.web import views as v
from tests.services.web.samples_ground import NOW, ago


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
