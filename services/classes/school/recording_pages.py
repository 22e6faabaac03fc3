"""A school's recording rule, set by its administrator: what recordings of its classes show of
pupils' rooms, and whom they are for."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from services.classes.school import audience_choices
from services.classes.school.rooms_pages import administered_school
from services.http.call import Call
from services.http.forms import read_form
from services.web import views
from services.web.page import Pages, done, form_values, show
from tongke.classes.school import recording_rule
from tongke.classes.school.recording_rule import RecordingRule
from tongke.people.models import School

pages = Pages()


@pages.get("/school/recording")
async def rule_page(call: Call) -> web.StreamResponse:
    def read(session: Session) -> views.RecordingRuleView:
        school_id = administered_school(call.viewer, call.request.query.get("school"))
        school = session.get_one(School, school_id)
        rule = recording_rule.of_school(session, school_id)
        return views.RecordingRuleView(
            school=school.name,
            school_id=school_id,
            rooms_seen=rule.rooms_seen,
            rooms_heard=rule.rooms_heard,
            audiences=audience_choices.offered(session, call, school),
            audience=recording_rule.audience_of_school(session, call.viewer, school_id),
        )

    return await show(call, await call.read(read))


@pages.post("/school/recording")
async def save(call: Call) -> web.StreamResponse:
    values = await form_values(call.request)
    school_id = administered_school(call.viewer, values.get("school"))
    rule = RecordingRule("rooms_seen" in values, "rooms_heard" in values)
    audience = [str(token) for token in (await read_form(call.request)).getall("audience", [])]
    await call.write(recording_rule.set_rule, call.viewer, school_id, rule, audience)
    return done(f"/school/recording?{urlencode({'school': school_id})}", "saved")
