"""The pages of classes, together."""

from __future__ import annotations

from aiohttp import web

from services.live import (
    after_pages,
    booking_pages,
    calendar,
    class_pages,
    compare_pages,
    lead_pages,
    notice_pages,
    observe_pages,
    patrol_pages,
    recording_pages,
    room_pages,
    rooms_pages,
    times_pages,
    timetable_pages,
    watch_pages,
)


def mount(app: web.Application) -> None:
    for area in (
        timetable_pages,
        # Before a class's own page: `new` is none.
        booking_pages,
        class_pages,
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
