"""The pages of the plan with what a school would really have on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from services.classes.booking import meanwhile
from services.web import views as v
from services.web.qr import qr
from tests.services.web import samples_rooms
from tongke.classes.plan.occupancy import Clashes
from tongke.classes.plan.terms import TermsChanged
from tongke.errors import Text

# Names that people typed, which stand in labels of any language.
TYPED = (
    "七（1）班", "七（2）班", "七（3）班", *samples_rooms.TYPED,
    "5.3\u3000实际问题与一元一次方程（第 2 课时）",
)  # fmt: skip


def card(
    now: datetime, number: int, standing: str, hours: float = 0, **more: object
) -> v.ClassCard:
    made = v.ClassCard(
        id=number,
        title="5.3\u3000实际问题与一元一次方程（第 2 课时）",
        subject="math",
        mode="interactive",
        purpose="lesson",
        standing=standing,
        begins_at=now + timedelta(hours=hours),
        ends_at=now + timedelta(hours=hours, minutes=40),
        teacher="周敏之",
        school="长沙市橘洲路中学",
        rooms=("龙山县桐木溪中学 七（2）班", "龙山县白竹坪学校 多媒体教室"),
        is_mine=True,
    )
    return replace(made, **more)  # type: ignore[arg-type]  # fields by name, for tests only


def today(now: datetime) -> v.Today:
    following = card(now, 3, "confirmed", 0.2)
    lessons = (card(now, 2, "ended", -2, title="《望岳》"), following, card(now, 4, "asked", 4))
    return v.Today(lessons, v.NextLesson(following, 13, v.Door("lead", "/classes/3/lead", True)))


def asked(now: datetime) -> v.Asked:
    begins = now + timedelta(hours=50)
    return v.Asked(begins, begins, begins + timedelta(minutes=40), 8, 1)


def moved(now: datetime) -> tuple[v.Span, v.Span]:
    before, after = (now + timedelta(hours=hours) for hours in (26, 50))
    lasts = timedelta(minutes=40)
    return v.Span(before, before + lasts), v.Span(after, after + lasts)


def to_confirm(now: datetime) -> v.Task:
    title = "5.3\u3000实际问题与一元一次方程（第 2 课时）"
    return v.Task("confirm", title, "/classes/4", count=9, asked=asked(now))


def told(now: datetime) -> tuple[v.NoticeRow, ...]:
    cancelled = card(now, 5, "cancelled", 30, cancelled_because="老师外出开会")
    return (
        v.NoticeRow(9, "cancelled", now, True, cancelled, count=5, until=now + timedelta(weeks=4)),
        v.NoticeRow(8, "asked", now, True, card(now, 4, "asked", 50), asked(now)),
        v.NoticeRow(
            11, "moved", now, True, card(now, 4, "asked", 50), asked(now), moved=moved(now)
        ),
        v.NoticeRow(
            10,
            "confirmed",
            now,
            False,
            card(now, 4, "asked", 50),
            answered="龙山县桐木溪中学 七（2）班",
            awaited=("龙山县白竹坪学校 多媒体教室",),
        ),
        v.NoticeRow(7, "changed", now - timedelta(days=1), False, None),
        v.NoticeRow(
            4, "spared", now - timedelta(days=1), False, None, title="《望岳》", begins_at=now
        ),
        v.NoticeRow(
            6,
            "observed",
            now - timedelta(days=1),
            False,
            card(now, 5, "ended", 60),
            by="田小满",
            form_id=3,
        ),
        v.NoticeRow(5, "widened", now - timedelta(days=2), False, card(now, 4, "asked", 50)),
    )


def timetable(now: datetime) -> v.TimetableView:
    days = [(now + timedelta(days=number - 1)).date() for number in range(7)]
    some = card(now, 3, "confirmed", 0.2, declined=1, rooms=("龙山县桐木溪中学 七（2）班",))
    held = {1: (some, card(now, 6, "running")), 3: told(now)[0:0]}
    empty: tuple[v.ClassCard, ...] = ()
    cells = tuple(held.get(number, empty) for number in range(7))
    book = tuple(f"/classes/new?day={day}&period=1" for day in days)
    return v.TimetableView(
        week="2026-W48",
        days=tuple(
            v.WeekDay(
                day,
                number == 1,
                held.get(number, empty),
                is_holiday=number == 3,
                taught_as=days[3] if number == 5 else None,
            )
            for number, day in enumerate(days)
        ),
        rows=(
            v.WeekRow(1, time(8, 20), time(9, 5), cells, book),
            v.WeekRow(None, time(19), None, (empty,) * 7, (None,) * 7),
        ),
        rooms=(v.Option("2", "龙山县桐木溪中学 七（2）班", True),),
        mine=True,
        previous_url="/timetable?week=2026-W47",
        next_url="/timetable?week=2026-W49",
        this_url="/timetable",
        is_this_week=False,
        total=2,
        teaching_week=13,
        may_book=True,
        times_url="/school/times",
        calendar_since=now - timedelta(days=3),
    )


def a_class(now: datetime) -> v.ClassView:
    people = (v.Option("7", "向雨禾", True), v.Option("8", "田小满"))
    return v.ClassView(
        card=card(now, 3, "asked", 0.1),
        grade="7",
        lead_room="录播教室",
        booked_by="周敏之",
        seats=(
            v.SeatRow(
                2,
                "七（2）班",
                "龙山县桐木溪中学",
                None,
                "asked",
                False,
                people,
                taken=True,
                following=2,
            ),
            v.SeatRow(3, "七（3）班", "龙山县桐木溪中学", "向雨禾", "confirmed", True, people),
            v.SeatRow(4, "多媒体教室", "龙山县白竹坪学校", None, "declined", True),
        ),
        materials=(
            v.MaterialRow("第五章 一元一次方程 整章课件", "courseware", "/resources/21"),
            v.MaterialRow("配套问题学习单", "teaching_case", None, has_pages=False),
        ),
        audience=("本校",),
        rooms_seen=True,
        rooms_heard=False,
        has_records=False,
        series=(card(now, 13, "asked", 168), card(now, 23, "asked", 336)),
        may_change=True,
        door=v.Door("observe", "/classes/3/watch", True),
        recording_url=None,
        cancelling=v.Form({}, {"because": Text("请写明为什么取消", "Say why")}),
        in_series=True,
        answers_all=True,
        may_decline=True,
        days_off=("12月23日 星期三，龙山县桐木溪中学放假",),
    )


def over() -> tuple[v.SeatRow, ...]:
    school = "龙山县桐木溪中学"
    return (
        v.SeatRow(2, "七（2）班", school, "向雨禾", "confirmed", True, came=True),
        v.SeatRow(3, "七（3）班", school, None, "confirmed", True, came=False),
        v.SeatRow(4, "七（4）班", school, None, "declined", True, because="开运动会", came=False),
    )


def more_materials() -> v.MaterialsView:
    papers = (
        v.PaperChoice("21", "第五章 一元一次方程 整章课件", True),
        v.PaperChoice("22", "配套问题学习单", has_pages=False),
    )
    wrong = {"material": Text("没有找到这份课件", "No such material")}
    form = v.Form({"material": "21"}, wrong)
    return v.MaterialsView(3, "5.3\u3000实际问题与一元一次方程", form, papers)


def recording_rule() -> v.RecordingRuleView:
    audiences = (
        v.AudienceChoice("school:2", "本校"),
        v.AudienceChoice("agreement:1", "长沙市橘洲路中学"),
    )
    chosen = frozenset({"agreement:1"})
    return v.RecordingRuleView("龙山县桐木溪中学", 2, True, False, audiences, chosen)


def book(now: datetime) -> v.BookView:
    people = (v.Option("1", "周敏之", True), v.Option("2", "谭望舒"))
    values = {
        "title": "5.3\u3000实际问题与一元一次方程", "mode": "interactive", "purpose": "lesson",
        "day": now.date().isoformat(), "repeat": "once", "seat": "2", "rooms_seen": "1",
        "audience": "school:12",
    }  # fmt: skip
    wrong = {
        name: Text("这一栏不对", "This is not right")
        for name in ("title", "day", "period", "begins", "seat", "material", "material_more")
    }
    rooms = (
        v.RoomChoice(2, "七（2）班", True, people, taken=True),
        v.RoomChoice(3, "七（3）班", False, people, teacher_taken=True),
    )
    return v.BookView(
        form=v.Form(values, wrong, failure=Clashes(())),
        school_id=1,
        own_schools=(
            v.Option("1", "长沙市橘洲路中学", selected=True),
            v.Option("12", "长沙市麓山路小学"),
        ),
        lead_rooms=(v.Option("1", "录播教室"),),
        teachers=people,
        schools=(
            v.SchoolRooms("龙山县桐木溪中学", False, rooms),
            v.SchoolRooms("长沙市橘洲路中学", True, (v.RoomChoice(9, "七（1）班", False, ()),)),
        ),
        groups=(v.GroupChoice(1, "七年级三个班", (2, 3, 4)),),
        periods=(v.Option("1", "08:20—09:05"), v.Option("2", "09:15—10:00", True)),
        has_term=True,
        materials=(
            v.PaperChoice("21", "第五章 一元一次方程 整章课件"),
            v.PaperChoice("22", "配套问题学习单", has_pages=False),
        ),
        audiences=(v.AudienceChoice("school:12", "本校"),),
        clashes=("11月24日\u3000星期二 10:00—10:40，七（2）班已有别的课",),
    )


def on_days_off(now: datetime) -> tuple[v.OnDayOff, ...]:
    ends = now + timedelta(minutes=40)
    lesson = v.OnDayOff("/classes/3", "《望岳》", now, ends, "长沙市橘洲路中学", "周敏之", True)
    own = {"school": "龙山县桐木溪中学", "teacher": "向芸", "received": False}
    return lesson, replace(lesson, url="/classes/4", title="5.3\u3000实际问题与一元一次方程", **own)


def pages(
    now: datetime, teacher: v.Person, head: v.Person
) -> dict[str, tuple[v.Person | None, v.View]]:
    """Name -> who looks, and the page."""
    head = replace(head, manages_rooms=True, sees_classes=True, patrols=True)
    teacher = replace(teacher, sees_classes=True, notices=2)
    shown = timetable(now)
    empty = replace(shown, rows=(), total=0, rooms=(), mine=False, is_this_week=True)
    secret = "tongke.example.cn/calendar/9hUq2mF0sXv4bZtYkW3nPcR7dLeJ6aGiQoHyT1sVbNw.ics"
    webcal = f"webcal://{secret}"
    address = v.CalendarAddress(f"https://{secret}", webcal, qr(webcal))
    times = {"begins-1": "08:20", "ends-1": "09:05", "holidays": "2026-10-01"}
    bad = {"periods": Text("第1节有误", "Period 1"), "holidays": Text("看不懂", "Unreadable")}
    ended = replace(
        a_class(now),
        card=card(now, 3, "ended"),
        may_change=False,
        recording_url="/resources/12",
        has_records=True,
    )
    refused = v.Form({"room": "2", "answer": "confirmed"}, failure=TermsChanged())
    both = {"mode": meanwhile.BOTH}
    late = meanwhile.ChangedMeanwhile(("day", "mode"), book(now).form.values, both)
    edited = v.Form(late.typed, both, failure=late)
    training = replace(card(now, 3, "confirmed", 0.1), purpose="training", rooms=())
    asked = v.Form(
        {"purpose": "training", "mode": "broadcast", "repeat": "once"},
        {"audience": Text("研修还没有请人", "The training is for nobody yet")},
    )
    return {
        "class-terms-changed": (teacher, replace(a_class(now), answering=refused)),
        "class-training": (
            teacher,
            replace(a_class(now), card=training, seats=(), audience=("本校", "湖南省")),
        ),
        "class-book-training": (teacher, replace(book(now), form=asked, clashes=())),
        "timetable": (teacher, shown),
        "timetable-empty": (teacher, replace(empty, may_book=False)),
        "timetable-calendar": (teacher, replace(shown, calendar=address)),
        "class": (teacher, a_class(now)),
        "class-ended": (teacher, replace(ended, door=None, series=(), materials=(), seats=over())),
        "class-book": (teacher, book(now)),
        "class-materials": (teacher, more_materials()),
        "class-materials-none": (teacher, replace(more_materials(), materials=(), form=v.Form())),
        "class-edit-meanwhile": (
            teacher,
            replace(book(now), form=edited, clashes=(), class_id=3, in_series=True, groups=()),
        ),
        "class-edit": (teacher, replace(book(now), class_id=3, in_series=True, groups=())),
        **samples_rooms.pages(now, head),
        "school-times": (
            head,
            v.SchoolTimesView("龙山县桐木溪中学", 2, v.Form(times, bad), 12, on_days_off(now)),
        ),
        "school-recording": (head, recording_rule()),
        "notices": (teacher, v.NoticesView(told(now), 2, 9)),
        "notices-empty": (teacher, v.NoticesView((), 0, 0)),
    }
