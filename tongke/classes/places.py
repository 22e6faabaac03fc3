"""Who somebody is in a class that they may see: told here alone, so that the line, the pages and
what is kept afterwards all mean the same."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tongke.classes import queries
from tongke.classes.models import LiveClass
from tongke.errors import NotFound
from tongke.live.bodies import Arrive
from tongke.live.vocabulary import Role, Who
from tongke.people.audience import RoleName, Viewer
from tongke.people.queries import home_school, viewer_of


def who_is(viewer: Viewer, live: LiveClass) -> Who | None:
    """Who a viewer is in a class. In a training teachers are the class: whoever it was opened to is
    there to be seen, but for those who patrol. Any other class they observe unseen.

    None: the lead classroom's own screen, which stands before pupils: observers know the answers.
    And a teacher whose pupils do not come.
    """
    number = str(viewer.account_id)
    if live.teacher_id == viewer.account_id:
        return Who(Role.LEAD, number)
    if (seat := queries.room_of(viewer, live)) is not None:
        return Who(Role.ROOM, str(seat.room_id))
    if (beside := queries.seat_beside(live, viewer.account_id)) is not None:
        return Who(Role.TEACHER, number, str(beside.room_id))
    if viewer.has(RoleName.CLASSROOM) or queries.stays_away(live, viewer):
        return None
    return Who(Role.TRAINEE if queries.is_trainee(live, viewer) else Role.OBSERVER, number)


def arrival(session: Session, account_id: int, connection: str) -> Arrive:
    """What a training is told of a teacher who comes to it.

    Raises:
        NotFound: the account is of no school, or no more.
    """
    viewer = viewer_of(session, account_id)
    school = home_school(session, viewer) if viewer else None
    if viewer is None or school is None:
        raise NotFound
    return Arrive(
        trainee=str(account_id), connection=connection, name=viewer.name, school=school.name
    )
