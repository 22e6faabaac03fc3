"""What stands in the way of a booking, in words: to who sees the other class, with its title."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.http.language import Language, say
from services.web.formats import Formats, time_of_day
from services.web.i18n import translations
from tongke import clock
from tongke.classes.after import attending
from tongke.classes.models import LiveClass
from tongke.classes.queries import seen_by
from tongke.classes.times.timetable import Clash
from tongke.errors import Text
from tongke.people.audience import Viewer
from tongke.people.models import Account

# Of a series every week may clash; whoever reads has understood after these.
MOST_LINES = 8

TAKEN = Text("{when}，{who}已有别的课", "{when}: {who} has another class")
TAKEN_BY = Text("{when}，{who}已有《{title}》", "{when}: {who} has “{title}”")
MORE = Text("还有 {count} 处也冲突", "and {count} more")
AND = Text("、", ", ")


def lines(
    session: Session, viewer: Viewer, found: Sequence[Clash], language: Language
) -> list[str]:
    """A line for each clash, and one that counts those left out."""
    shown = found[:MOST_LINES]
    # Every school may have a 七（1）班.
    named = attending.room_names(session, {room for clash in shown for room in clash.rooms})
    rooms = {number: f"{school} {room}" for number, (school, room) in named.items()}
    people = _people(session, {one for clash in shown for one in clash.teachers})
    titles = _titles(session, viewer, [clash.other.id for clash in shown if clash.other.id])
    said = []
    for clash in shown:
        who = [said for room, said in rooms.items() if room in clash.rooms]
        who += [people[one] for one in sorted(clash.teachers)]
        values = {"when": _when(clash, language), "who": say(AND, language).join(who)}
        title = titles.get(clash.other.id or 0)
        text = TAKEN.format(**values) if title is None else TAKEN_BY.format(**values, title=title)
        said.append(say(text, language))
    if len(found) > MOST_LINES:
        said.append(say(MORE.format(count=len(found) - MOST_LINES), language))
    return said


def _when(clash: Clash, language: Language) -> str:
    """As every page says it: 11月30日 星期一 08:50—09:30."""
    begins, ends = clash.other.begins_at, clash.other.ends_at
    day = Formats(language, translations(language), clock.now).long_day(begins)
    return f"{day} {time_of_day(begins)}—{time_of_day(ends)}"


def _people(session: Session, numbers: set[int]) -> dict[int, str]:
    found = select(Account.id, Account.name).where(Account.id.in_(numbers))
    return dict(session.execute(found).all())


def _titles(session: Session, viewer: Viewer, numbers: Iterable[int]) -> dict[int, str]:
    seen = seen_by(viewer).where(LiveClass.id.in_(list(numbers)))
    return {live.id: live.title for live in session.scalars(seen)}
