"""The plan of classes: the timetable, a class's own page, booking, a school's times."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time

from services.web.views.desk import AudienceChoice
from services.web.views.lessons import ClassCard, Door, NoticeRow
from services.web.views.shell import Form, View


@dataclass(frozen=True)
class WeekRow:
    """A period of the bell times, or an hour of the clock; `days` are the seven, from Monday.
    `book` are the addresses that book it on each, None where the day is past."""

    period: int | None
    begins: time
    ends: time | None
    days: tuple[tuple[ClassCard, ...], ...]
    book: tuple[str | None, ...]


@dataclass(frozen=True)
class WeekDay:
    """A day of the week, and as a telephone lists it. `taught_as`: a make-up day (调休), with the
    day whose lessons it has."""

    day: date
    is_today: bool
    classes: tuple[ClassCard, ...]
    is_holiday: bool = False
    taught_as: date | None = None


@dataclass(frozen=True)
class Option:
    """Something to choose: a room, a person, a paper."""

    value: str
    label: str
    selected: bool = False


@dataclass(frozen=True)
class CalendarAddress:
    """The private address of a calendar, shown once: to be copied, to be opened (webcal), and as a
    drawing for a telephone's camera."""

    url: str
    webcal_url: str
    qr: str


@dataclass(frozen=True)
class TimetableView(View):
    """`teaching_week` is the week's number in the school's term. `subscribe_url` takes the form
    that makes a calendar's address, `once` is what it sends."""

    template = "timetable.html"
    section = "timetable"
    week: str
    days: tuple[WeekDay, ...]
    rows: tuple[WeekRow, ...]
    rooms: tuple[Option, ...]
    mine: bool
    previous_url: str
    next_url: str
    this_url: str
    is_this_week: bool
    total: int
    teaching_week: int | None = None
    may_book: bool = False
    # Where its administrator sets bell times that nobody has set.
    times_url: str | None = None
    calendar_since: datetime | None = None
    calendar: CalendarAddress | None = None
    subscribe_url: str = "/timetable/calendar"
    once: str = ""


@dataclass(frozen=True)
class SeatRow:
    """A receiving room in a class. `device_came`: its own device has signed in once. `answer` are
    the people to choose from who may answer for it; None where this viewer may not. `because`: why
    it does not take part, where its school said so. `taken`: it was asked for, and its school has
    given it to another class since, or (`teacher_taken`) who was to be beside its pupils.
    `following`: in how many of the classes that follow it is as well. `came`: of a class that is
    over, whether it was there."""

    room_id: int
    room: str
    school: str
    teacher: str | None
    state: str
    device_came: bool
    answer: tuple[Option, ...] | None = None
    because: str = ""
    taken: bool = False
    teacher_taken: bool = False
    following: int = 0
    came: bool | None = None


@dataclass(frozen=True)
class MaterialRow:
    """`url` where this viewer may see the paper itself; `has_pages`: it can be leafed through in
    the class."""

    title: str
    kind: str
    url: str | None
    has_pages: bool = True


@dataclass(frozen=True)
class PaperChoice(Option):
    """A paper to take into a class. `has_pages` as of `MaterialRow`."""

    has_pages: bool = True


@dataclass(frozen=True)
class ClassView(View):
    """A class's own page. `series` are the others of its series that lie ahead."""

    template = "class.html"
    section = "timetable"
    card: ClassCard
    grade: str
    lead_room: str | None
    booked_by: str
    seats: tuple[SeatRow, ...]
    materials: tuple[MaterialRow, ...]
    audience: tuple[str, ...]
    rooms_seen: bool
    rooms_heard: bool
    series: tuple[ClassCard, ...]
    may_change: bool
    door: Door | None
    recording_url: str | None
    # Of what came of it there is a page, for this viewer too.
    has_records: bool
    cancelling: Form = field(default_factory=Form)
    answering: Form = field(default_factory=Form)
    # Of an answer that was refused: what stands in its way.
    clashes: tuple[str, ...] = ()
    in_series: bool = False
    may_add_materials: bool = False
    # Those that follow wait for an answer too, and none before it: it is the first that is read.
    answers_all: bool = False
    # What an answer is given to, to be handed back with it; empty where this viewer gives none.
    terms: str = ""
    # Beside an answer: the holidays that a yes would be for.
    days_off: tuple[str, ...] = ()
    # It has not begun.
    may_decline: bool = False

    def answer_for(self, seat: SeatRow, state: str) -> Form:
        """What was typed to answer so for a room, where it was refused."""
        typed = self.answering.values
        is_its = (typed.get("room"), typed.get("answer")) == (str(seat.room_id), state)
        return self.answering if is_its else Form()


@dataclass(frozen=True)
class RoomChoice:
    """A room to be ticked, with the people who may be beside its pupils. `taken` as of `SeatRow`,
    at the time that the class has."""

    id: int
    name: str
    ticked: bool
    teachers: tuple[Option, ...]
    taken: bool = False
    teacher_taken: bool = False


@dataclass(frozen=True)
class SchoolRooms:
    school: str
    is_own: bool
    rooms: tuple[RoomChoice, ...]


@dataclass(frozen=True)
class GroupChoice:
    id: int
    name: str
    room_ids: tuple[int, ...]


@dataclass(frozen=True)
class BookView(View):
    """Booking a class, and changing one (`class_id`). `clashes` are lines beside the time;
    `own_schools` are there to choose from where somebody books for several."""

    template = "class_book.html"
    section = "timetable"
    form: Form
    school_id: int
    own_schools: tuple[Option, ...]
    lead_rooms: tuple[Option, ...]
    teachers: tuple[Option, ...]
    schools: tuple[SchoolRooms, ...]
    groups: tuple[GroupChoice, ...]
    periods: tuple[Option, ...]
    has_term: bool
    materials: tuple[PaperChoice, ...]
    audiences: tuple[AudienceChoice, ...]
    clashes: tuple[str, ...] = ()
    class_id: int | None = None
    in_series: bool = False


@dataclass(frozen=True)
class MaterialsView(View):
    """Putting materials on a class, which may be running."""

    template = "class_materials.html"
    section = "timetable"
    class_id: int
    title: str
    form: Form
    materials: tuple[PaperChoice, ...]


@dataclass(frozen=True)
class OnDayOff:
    """A class that stands on a day without lessons. `received`: another school gives it."""

    url: str
    title: str
    begins_at: datetime
    ends_at: datetime
    school: str
    teacher: str
    received: bool = False


@dataclass(frozen=True)
class SchoolTimesView(View):
    """Fields: first_day, last_day, holidays, make_up, and begins-1, ends-1, … of the periods.
    `on_days_off` are to be moved or called off, the received ones by the school that gives them."""

    template = "school_times.html"
    section = "rooms"
    school: str
    school_id: int
    form: Form
    periods: int
    on_days_off: tuple[OnDayOff, ...] = ()


@dataclass(frozen=True)
class RecordingRuleView(View):
    """What recordings of a school's classes show of pupils' rooms, and whom they are for, where
    nobody says otherwise: `audience` are the tokens of those chosen."""

    template = "school_recording.html"
    section = "rooms"
    school: str
    school_id: int
    rooms_seen: bool
    rooms_heard: bool
    audiences: tuple[AudienceChoice, ...]
    audience: frozenset[str]


@dataclass(frozen=True)
class NoticesView(View):
    template = "notices.html"
    section = "notices"
    notices: tuple[NoticeRow, ...]
    unread: int
    newest: int
    first_url: str | None = None
    next_url: str | None = None
