"""The page of a school's rooms: each with what its appliance has shown, and what is given once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from services.classes.school.rooms_pages import CodeGiven, KeyGiven
from services.web import views as v
from services.web.qr import qr
from tongke.classes.school.appliances import Seen
from tongke.errors import Text

# What people typed and stands in labels.
TYPED = ("八（1）班", "八（2）班", "多媒体教室二", "录播教室")


def rooms(now: datetime) -> v.RoomsView:
    slip = v.Slip("七（2）班", "room-1a2b3c4d", "K7QF-M2XD-9RTP", now + timedelta(days=3))
    url = "https://tongke.example.cn/room/in"
    turned_away = Seen(False, None, now - timedelta(hours=1))
    return v.RoomsView(
        school="龙山县桐木溪中学",
        school_id=2,
        rooms=(
            v.RoomRow(2, "七（2）班", now - timedelta(days=1), False, "9f3c", Seen(True, now)),
            v.RoomRow(3, "多媒体教室二", None, True, ""),
            v.RoomRow(4, "录播教室", now, False, "Zq1_", Seen(False, now - timedelta(hours=2))),
            v.RoomRow(5, "八（1）班", now, False, "77aQ", turned_away),
            v.RoomRow(6, "八（2）班", now, False, "x-4d", Seen()),
        ),
        drawn=1,
        renaming_id=3,
        renaming=v.Form({"name": "七（2）班"}, {"name": Text("本校已有这间教室", "Taken")}),
        slip=v.RoomSlip(slip, "七（2）班", url, qr(f"{url}?code={slip.code}")),
        key=v.RoomKey(
            "七（2）班", "sk_4fJq2Zb8sQn7Lw0eYx5RcVd1", "rtmp://tongke.example.cn:1935/live"
        ),
    )


def pages(now: datetime, head: v.Person) -> dict[str, tuple[v.Person | None, v.View]]:
    shown = rooms(now)
    plain = replace(shown, slip=None, key=None)
    return {
        "rooms": (head, shown),
        "rooms-given": (head, replace(plain, form=v.Form(failure=CodeGiven()))),
        "rooms-key-given": (head, replace(plain, form=v.Form(failure=KeyGiven()))),
        "rooms-empty": (head, replace(plain, rooms=())),
    }
