"""What a booking may choose from: rooms with the people of their schools, groups, periods, papers,
and who else may watch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.classes.school import audience_choices
from services.http.call import Call
from services.web import views
from tongke import clock
from tongke.classes.models import LiveClass
from tongke.classes.plan import materials, occupancy
from tongke.classes.school import bookable, groups
from tongke.classes.times import school_times
from tongke.classes.vocabulary import State
from tongke.library.models import Resource
from tongke.people.models import Account, Room, School

Teachers = dict[int, list[Account]]


@dataclass(frozen=True)
class Taken:
    """What a class has asked for and cannot have any more: rooms, and rooms beside whose pupils the
    teacher cannot be."""

    rooms: frozenset[int] = frozenset()
    beside: frozenset[int] = frozenset()

    @classmethod
    def of(cls, session: Session, live: LiveClass | None) -> Taken:
        """Of a class that is to come; of others nothing is."""
        if live is None or live.state != State.BOOKED or live.ends_at <= clock.now():
            return cls()
        found = occupancy.given_away(session, live)
        teachers = frozenset[int]().union(*(clash.teachers for clash in found))
        beside = (seat.room_id for seat in live.seats if seat.teacher_id in teachers)
        return cls(frozenset[int]().union(*(clash.rooms for clash in found)), frozenset(beside))


def book_view(
    session: Session,
    call: Call,
    school_id: int,
    form: views.Form,
    live: LiveClass | None = None,
    clashes: tuple[str, ...] = (),
) -> views.BookView:
    """The form of a booking, or of a change of `live`."""
    schools = bookable.bookable_schools(session, call.viewer)
    rooms = bookable.rooms_of(session, schools)
    teachers = bookable.teachers_of(session, schools)
    times = school_times.of_school(session, school_id)
    return views.BookView(
        form=form,
        school_id=school_id,
        own_schools=() if live else _own_schools(session, call, school_id),
        lead_rooms=_options(
            ((r.id, r.name) for r in rooms if r.school_id == school_id), form, "room"
        ),
        teachers=_people(teachers.get(school_id, []), form.values.get("teacher", "")),
        schools=_schools(session, school_id, rooms, teachers, form, Taken.of(session, live)),
        groups=tuple(
            views.GroupChoice(group.id, group.name, tuple(group.room_ids))
            for group in groups.groups_of(session, [school_id])
        ),
        periods=tuple(
            views.Option(
                str(period.number),
                f"{period.begins:%H:%M}—{period.ends:%H:%M}",
                form.values.get("period") == str(period.number),
            )
            for period in (times.bells.periods if times else ())
        ),
        has_term=times is not None,
        materials=_materials(session, call, form, live),
        audiences=audience_choices.offered(session, call, session.get_one(School, school_id)),
        clashes=clashes,
        class_id=live.id if live else None,
        in_series=live is not None and live.series is not None,
    )


def _options(
    found: Iterable[tuple[int, str]], form: views.Form, field: str
) -> tuple[views.Option, ...]:
    chosen = form.values.get(field, "")
    return tuple(views.Option(str(key), label, str(key) == chosen) for key, label in found)


def _own_schools(session: Session, call: Call, chosen: int) -> tuple[views.Option, ...]:
    """Of somebody who books for several schools, all of them."""
    own = call.viewer.school_ids
    rows = session.scalars(select(School).where(School.id.in_(own)).order_by(School.id))
    found = tuple(views.Option(str(row.id), row.name, row.id == chosen) for row in rows)
    return found if len(found) > 1 else ()


def _people(found: Iterable[Account], chosen: str) -> tuple[views.Option, ...]:
    return tuple(views.Option(str(one.id), one.name, str(one.id) == chosen) for one in found)


def _schools(
    session: Session,
    own: int,
    rooms: list[Room],
    teachers: Teachers,
    form: views.Form,
    taken: Taken,
) -> tuple[views.SchoolRooms, ...]:
    """The partners first: that is whom a class is for."""
    ticked = set(form.values.get("seat", "").split())
    schools = session.scalars(
        select(School).where(School.id.in_({room.school_id for room in rooms})).order_by(School.id)
    )
    in_order = sorted(schools, key=lambda school: school.id == own)
    return tuple(
        views.SchoolRooms(
            school.name,
            school.id == own,
            tuple(
                views.RoomChoice(
                    room.id,
                    room.name,
                    str(room.id) in ticked,
                    _people(teachers.get(school.id, []), form.values.get(f"teacher-{room.id}", "")),
                    taken=room.id in taken.rooms,
                    teacher_taken=room.id in taken.beside,
                )
                for room in rooms
                if room.school_id == school.id
            ),
        )
        for school in in_order
    )


def _materials(
    session: Session, call: Call, form: views.Form, live: LiveClass | None
) -> tuple[views.PaperChoice, ...]:
    """What the class has already, then one's own papers."""
    held = materials.of_class(session, live) if live else []
    return _papers(session, form, [*held, *materials.offered(session, call.viewer)])


def more_papers(
    session: Session, call: Call, form: views.Form, live: LiveClass
) -> tuple[views.PaperChoice, ...]:
    """One's own papers that the class has not yet."""
    held = {material.resource_id for material in live.materials}
    mine = materials.offered(session, call.viewer)
    return _papers(session, form, [row for row in mine if row.id not in held])


def _papers(
    session: Session, form: views.Form, found: Iterable[Resource]
) -> tuple[views.PaperChoice, ...]:
    rows = {row.id: row for row in found}
    chosen = set(form.values.get("material", "").split())
    bare = materials.without_pages(session, rows.keys())
    return tuple(
        views.PaperChoice(str(row.id), row.title, str(row.id) in chosen, row.id not in bare)
        for row in rows.values()
    )
