"""The attendance of a class and the results of its questions as a workbook (.xlsx), for the file
that a school keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Final
from unicodedata import east_asian_width
from urllib.parse import quote

from aiohttp import web
from xlsxwriter import Workbook

from services.http.language import Language, say
from services.web.i18n import translations
from services.web.labels import N_, label
from services.web.views.after import (
    AfterView,
    Attendance,
    ClassAnswer,
    QuizRow,
    RoomAnswers,
    Times,
    TraineeAttendance,
)
from tongke.clock import CHINA
from tongke.errors import Text
from tongke.live.attendance import COLUMNS, Why

CONTENT_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# In digits. A question may be long: it is broken into lines of this.
WIDEST: Final = 48
TIME_WIDTH: Final = len("00:00:00")
# As a workbook numbers it.
_A4: Final = 9

Cell = str | int | float | datetime | timedelta | None

SCHOOL = Text("学校", "School")
NAME_OF_PERSON = Text("姓名", "Name")
ATTENDANCE = Text("考勤", "Attendance")
ASKED = Text("请了的学校", "Schools that were asked")
CAME_AT_ALL = Text("到课", "Came")
SOMEBODY = Text("有人到", "Somebody came")
NOBODY = Text("没有人到", "Nobody came")
TRAINEES = Text("参加研修的老师", "Teachers at their desks")
RESULTS = Text("小测", "Questions")
RESULT_COLUMNS = (
    Text("题号", "Number"),
    Text("题目", "Question"),
    Text("教室", "Room"),
    Text("作答", "Answered"),
    Text("各选项", "By answer"),
    Text("答对", "Right"),
    Text("正确率", "Share right"),
)
# What stands above the attendance: a sheet that is printed says of which class it is.
LESSON = Text("课题", "Lesson")
TAUGHT_BY = Text("主讲", "Taught by")
PLANNED = Text("课表时间", "Planned")
HELD = Text("实际时间", "Held")
OUTCOME = Text("结果", "Outcome")
STILL_TO_COME = N_("还没有上完")
NEVER_CAME = Text("没有到课", "Never came")
DECLINED = Text("不参加", "Declined")
DECLINED_SINCE = Text("不参加，原因：{why}", "Declined: {why}")
AND = Text("、", ", ")
OPINION = Text("征求意见", "An opinion")
OF_KEY = {"true": Text("对", "True"), "false": Text("错", "False")}
ALL_ROOMS = Text("全部", "All")
BY_CLASS = Text("{room}（全班一起答）", "{room} (whole class together)")
RIGHT_ONE = Text("{answer}（正确答案）", "{answer} (right answer)")
GONE = {
    Why.DROPPED: Text("断线", "Line dropped"),
    Why.LEFT: Text("退出", "Left"),
    Why.REMOVED: Text("被请出", "Removed"),
}
NAME = Text("考勤 {title} {day}", "Attendance {title} {day}")


async def respond(view: AfterView, language: Language) -> web.Response:
    """The workbook of what a class's page shows, as a file to keep. It is made in a thread: with
    hundreds of questions that takes some tenths of a second."""
    day = view.live.begins_at.astimezone(CHINA).date().isoformat()
    name = say(NAME, language).format(title=view.live.title, day=day)
    return web.Response(
        body=await asyncio.to_thread(workbook, view, language),
        content_type=CONTENT_TYPE,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name + '.xlsx', safe='')}",
            "Cache-Control": "private, no-store",
        },
    )


def workbook(view: AfterView, language: Language) -> bytes:
    made = BytesIO()
    # What people typed stays text, also where it begins like a formula or an address.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(made, options) as book:
        above = _above(view, language)
        room, *times, last, greatest = COLUMNS
        if view.attendance or not view.trainees:
            rows = (_room(row, language) for row in view.attendance)
            _sheet(book, ATTENDANCE, [SCHOOL, room, *times, last, greatest], rows, language, above)
        if view.trainees:
            people = (_trainee(row, language) for row in view.trainees)
            _sheet(book, TRAINEES, [SCHOOL, NAME_OF_PERSON, *times], people, language, above)
        if view.asked:
            schools = [
                (each.name, say(SOMEBODY if each.came else NOBODY, language)) for each in view.asked
            ]
            _sheet(book, ASKED, [SCHOOL, CAME_AT_ALL], schools, language, above)
        if view.quizzes:
            results = _results(view.quizzes, language)
            _sheet(book, RESULTS, RESULT_COLUMNS, results, language, above)
    return made.getvalue()


def _sheet(
    book: Workbook,
    name: Text,
    heads: Sequence[Text],
    rows: Iterable[Sequence[Cell]],
    language: Language,
    above: Sequence[tuple[str, str]],
) -> None:
    """A table, with `above` it lines of a name and what it is."""
    rows = list(rows)
    sheet = book.add_worksheet(say(name, language))
    bold, time = book.add_format({"bold": True}), book.add_format({"num_format": "hh:mm:ss"})
    share, length = (book.add_format({"num_format": text}) for text in ("0%", "[h]:mm:ss"))
    for at, (named, told) in enumerate(above):
        sheet.write_string(at, 0, named, bold)
        sheet.write_string(at, 1, told)
    top = len(above) + 1
    headings = [say(head, language) for head in heads]
    sheet.write_row(top, 0, headings, bold)
    sheet.freeze_panes(top + 1, 0)
    # Printed, all of its columns stand on a page, and their names on each.
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for column, heading in enumerate(headings):
        cells = [row[column] for row in rows]
        # What stands above runs on over the cells beside it, which are empty; its names do not.
        names = [named for named, _ in above] if column == 0 else []
        sheet.set_column(column, column, _width([heading, *names, *cells]))
    for at, row in enumerate(rows, top + 1):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                # A workbook knows no time zones: it shows the wall clock of Hunan.
                sheet.write_datetime(at, column, cell.astimezone(CHINA).replace(tzinfo=None), time)
            elif isinstance(cell, timedelta):
                sheet.write_datetime(at, column, cell, length)
            elif isinstance(cell, float):
                sheet.write_number(at, column, cell, share)
            elif isinstance(cell, str) and _letters(cell) > WIDEST:
                sheet.write_string(at, column, cell, wrapped)
            elif cell is not None:
                sheet.write(at, column, cell)


def _width(cells: Iterable[Cell]) -> int:
    """How wide a column is whose cells these are: in digits, as a workbook counts."""
    texts = (_letters(cell) if isinstance(cell, str) else TIME_WIDTH for cell in cells)
    return min(max(texts) + 2, WIDEST + 2)


def _letters(text: str) -> int:
    """A Chinese character is as wide as two digits."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _above(view: AfterView, language: Language) -> list[tuple[str, str]]:
    live, word = view.live, translations(language).gettext
    day = f"{live.begins_at.astimezone(CHINA):%Y-%m-%d}"
    outcome = word(label("outcome", view.outcome) if view.outcome else STILL_TO_COME)
    lines = [
        (LESSON, live.title),
        (TAUGHT_BY, f"{live.school} {live.teacher}"),
        (PLANNED, f"{day} {_times(live.begins_at, live.ends_at)}"),
        (HELD, _times(view.started_at, view.ended_at)),
        (OUTCOME, outcome),
    ]
    return [(say(name, language), told) for name, told in lines]


def _times(begins: datetime | None, ends: datetime | None) -> str:
    """From when to when, on the wall clock of Hunan; empty of what has not begun."""
    told = (f"{moment.astimezone(CHINA):%H:%M}" if moment else "" for moment in (begins, ends))
    return "—".join(told) if begins else ""


def _room(row: Attendance, language: Language) -> Sequence[Cell]:
    if row.came_at is None:
        return row.school, row.room, _absent(row, language), *[None] * 6, *_counts(row)
    times = _times_of(row, language)
    return row.school, row.room, *times, *_counts(row)


def _counts(row: Attendance) -> tuple[int | None, int | None]:
    return row.last_count, row.greatest_count


def _absent(row: Attendance, language: Language) -> str:
    """Of a room that was not there: that it had declined, and why, or that it was due."""
    if not row.declined:
        return say(NEVER_CAME, language)
    return say(DECLINED_SINCE if row.because else DECLINED, language).format(why=row.because)


def _trainee(row: TraineeAttendance, language: Language) -> Sequence[Cell]:
    return row.school, row.name, *_times_of(row, language)


def _times_of(row: Times, language: Language) -> Sequence[Cell]:
    return (
        row.came_at,
        row.went_at,
        timedelta(seconds=row.present_s),
        timedelta(seconds=row.late_s or 0),
        timedelta(seconds=row.early_s or 0),
        row.interruptions,
        say(GONE[Why(row.gone)], language) if row.gone else None,
    )


def _results(quizzes: Iterable[QuizRow], language: Language) -> Iterable[Sequence[Cell]]:
    for quiz in quizzes:
        yield _result(quiz, say(ALL_ROOMS, language), quiz, language, _by_answer(quiz, language))
        # A class that answered together has a row of its own, beside that of those who answered
        # alone in its room.
        for room in quiz.rooms:
            if not room.by_class:
                yield _result(quiz, room.room, room, language)
            for answer in quiz.together:
                if answer.room == room.room:
                    yield _of_class(quiz, answer, language)


def _of_class(quiz: QuizRow, answer: ClassAnswer, language: Language) -> Sequence[Cell]:
    """What a class answered together, as the one answer that it is."""
    right = int(bool(answer.right))
    found = RoomAnswers(answer.room, 1, right, float(right), by_class=True)
    given = say(AND, language).join(_word(key, language) for key in answer.given)
    return _result(quiz, answer.room, found, language, given)


def _result(
    quiz: QuizRow,
    room: str,
    found: QuizRow | RoomAnswers,
    language: Language,
    by_answer: str | None = None,
) -> Sequence[Cell]:
    place = say(BY_CLASS, language).format(room=room) if found.by_class else room
    # Where no answer is right, nobody was wrong.
    scored = (None, say(OPINION, language)) if quiz.is_opinion else (found.right, found.rate)
    return quiz.number, quiz.text, place, found.answered, by_answer, *scored


def _by_answer(quiz: QuizRow, language: Language) -> str | None:
    """How often each answer was given, and which is right."""
    counts = []
    for option in quiz.options:
        count = f"{_word(option.key, language)} {option.count}"
        counts.append(say(RIGHT_ONE, language).format(answer=count) if option.right else count)
    return say(AND, language).join(counts) or None


def _word(key: str, language: Language) -> str:
    """An answer as it is read: true and false have words."""
    return say(OF_KEY[key], language) if key in OF_KEY else key
