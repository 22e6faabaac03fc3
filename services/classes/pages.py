"""The pages of classes, together."""

from __future__ import annotations

from aiohttp import web

from services.classes.after import compare_pages
from services.classes.after import pages as after_pages
from services.classes.agenda import calendar, notice_pages, timetable_pages
from services.classes.booking import class_pages, material_pages
from services.classes.booking import pages as booking_pages
from services.classes.classroom import lead_pages, room_pages, watch_pages
from services.classes.observing import observe_pages, patrol_pages
from services.classes.school import recording_pages, rooms_pages, times_pages


def mount(app: web.Application) -> None:
    for area in (
        timetable_pages,
        # Before a class's own page: `new` is none.
        booking_pages,
        class_pages,
        material_pages,
        rooms_pages,
        times_pages,
        recording_pages,
        notice_pages,
        lead_pages,
        room_pages,
        watch_pages,
        observe_pages,
        after_pages,
        compare_pages,
    ):
        area.pages.mount(app)
    patrol_pages.mount(app)
    calendar.mount(app)
