"""Saved groups of rooms, over JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy.orm import Session

from services.http.api import Api, Body
from services.http.call import Call
from services.http.paging import Number
from tongke.classes.plan import booking
from tongke.classes.plan_models import RoomGroup
from tongke.classes.school import groups
from tongke.classes.school.groups import groups_of

api = Api("plan")


class GroupIn(Body):
    """`school_id`: of several schools that one is of, the one whose group it is."""

    school_id: Number | None = None
    name: Annotated[str, StringConstraints(max_length=200)]
    room_ids: Annotated[list[Number], Field(max_length=60)]


class GroupOut(BaseModel):
    id: int
    name: str
    room_ids: list[int]


class Groups(BaseModel):
    items: list[GroupOut]


@api.get("/room-groups", "The groups of rooms that my school has saved")
async def room_groups(call: Call) -> Groups:
    def read(session: Session) -> Groups:
        found = groups_of(session, call.viewer.school_ids)
        return Groups(items=[_out(group) for group in found])

    return await call.read(read)


@api.post("/room-groups", "Save rooms as a group; one of that name is replaced", status=201)
async def save_group(call: Call, body: GroupIn) -> GroupOut:
    def write(session: Session) -> GroupOut:
        school_id = booking.school_of(call.viewer, body.school_id)
        return _out(groups.save(session, call.viewer, school_id, body.name, body.room_ids))

    return await call.write(write)


@api.delete("/room-groups/{id}", "Forget a group of rooms")
async def remove_group(call: Call, id: int) -> None:
    await call.write(groups.remove, call.viewer, id)


def _out(group: RoomGroup) -> GroupOut:
    return GroupOut(id=group.id, name=group.name, room_ids=group.room_ids)
