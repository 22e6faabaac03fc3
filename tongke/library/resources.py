"""What happens to a resource: it is made of an upload, edited, shown to more or fewer, deleted.

Every command ends in `settle`, which works out again what the resource carries (its tokens) and
where it stands (its state), and announces the change to the index, all in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.errors import Forbidden, Invalid, Text
from tongke.library import jobs, outbox
from tongke.library.fields import ResourceFields, parse_fields
from tongke.library.jobs import JobState
from tongke.library.models import Grant, Job, Resource, ResourceToken, Review, Upload
from tongke.library.queries import latest_job, visible_resource
from tongke.library.vocabulary import State, Step
from tongke.people import audience
from tongke.people.audience import Viewer
from tongke.people.models import School
from tongke.people.queries import home_school, region_tree

# What an officer read before letting a work out, and its author can rewrite afterwards.
WORDS = ("title", "summary", "edition", "unit", "lesson")

NOT_YOURS = Text("你不能发布到“{token}”", "You cannot publish to “{token}”")


class ReviewState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    RETURNED = "returned"


def create_from_upload(session: Session, upload: Upload, author: Viewer) -> Resource:
    """Make the resource of a finished upload, with its job; done twice, it is the same resource."""
    if upload.resource_id is not None:
        return session.get_one(Resource, upload.resource_id)
    fields = parse_fields(upload.fields, upload.filename)
    now = clock.now()
    resource = Resource(
        **fields.columns(),
        author_id=author.account_id,
        school_id=author.home_school_id,
        filename=upload.filename,
        original_key=upload.final_key,
        size_bytes=upload.length,
        state=State.CHECKING,
        created_at=now,
        updated_at=now,
    )
    session.add(resource)
    session.flush()
    upload.resource_id = resource.id
    upload.touched_at = None
    # What the author may no longer reach by now is left out: an upload is never lost over it.
    _ask_for(session, resource, author, fields.audience, strict=False)
    jobs.create(session, resource.id)
    settle(session, resource)
    return resource


def edit(
    session: Session, viewer: Viewer, resource_id: int, changes: Mapping[str, Any]
) -> Resource:
    """Change fields of a resource; `audience`, where given, replaces what was asked for.

    Where an officer let it out and its words are others now, that officer is asked again;
    until then it stays where it is, for most of what changes is a slip of the pen.

    Raises:
        NotFound, Forbidden, Invalid.
    """
    resource = visible_resource(session, viewer, resource_id)
    if not may_edit(viewer, resource):
        raise Forbidden
    read = _words(resource)
    fields = parse_fields({**described(resource), **changes}, resource.filename)
    for column, value in fields.columns().items():
        setattr(resource, column, value)
    if "audience" in changes:
        _ask_for(session, resource, viewer, fields.audience, strict=True)
    if _words(resource) != read:
        _ask_again(session, resource, viewer)
    resource.updated_at = clock.now()
    settle(session, resource)
    return resource


def _words(resource: Resource) -> list[str]:
    return [getattr(resource, name) for name in WORDS]


def described(resource: Resource) -> dict[str, str]:
    """What its author said of it, by the names of `ResourceFields`; whom it is for, apart."""
    return {
        name: getattr(resource, name) for name in ResourceFields.model_fields.keys() - {"audience"}
    }


def delete(session: Session, viewer: Viewer, resource_id: int) -> None:
    """Take a resource away from everybody. Its files follow after some days (the sweeper)."""
    resource = visible_resource(session, viewer, resource_id)
    if not may_delete(viewer, resource):
        raise Forbidden
    resource.deleted_at = clock.now()
    resource.deleted_by = viewer.account_id
    settle(session, resource)


def restore(session: Session, viewer: Viewer, resource_id: int) -> Resource:
    """Undo a deletion, while its files are still there. Only who deleted it may."""
    resource = session.get(Resource, resource_id)
    mine = resource is not None and resource.deleted_by == viewer.account_id
    if resource is None or not mine or not may_delete(viewer, resource):
        raise Forbidden
    resource.deleted_at = None
    resource.deleted_by = None
    settle(session, resource)
    return resource


def may_edit(viewer: Viewer, resource: Resource) -> bool:
    return resource.author_id == viewer.account_id and viewer.may_upload


def may_delete(viewer: Viewer, resource: Resource) -> bool:
    return may_edit(viewer, resource) or resource.school_id in viewer.administers


def settle(session: Session, resource: Resource) -> None:
    """Bring tokens and state in line with what is now true, and tell the index."""
    session.flush()
    resource.state = _state(session, resource)
    if resource.state == State.PUBLISHED and resource.published_at is None:
        resource.published_at = clock.now()
    _carry(session, resource)
    outbox.announce(session, resource)
    session.flush()


def _state(session: Session, resource: Resource) -> State:
    job = latest_job(session, resource.id)
    if job is None:
        return State(resource.state)
    if job.state == JobState.FAILED:
        return State.FAILED
    if resource.viewable_at is None:
        return State.CHECKING
    if job.state == JobState.DONE:
        return State.PUBLISHED
    return State.ENCODING if _encoding_began(job) else State.PLAYABLE


def _encoding_began(job: Job) -> bool:
    """Not merely due: while others' lessons are encoded, this one can be played and waits."""
    return any(step.attempts > 0 for step in job.steps if step.name in {Step.THIN, Step.LADDER})


def _carry(session: Session, resource: Resource) -> None:
    granted = session.scalars(select(Grant.token).where(Grant.resource_id == resource.id))
    waiting = session.scalars(
        select(Review.region_code).where(
            Review.resource_id == resource.id, Review.state == ReviewState.WAITING
        )
    )
    wanted = audience.tokens_carried(
        author_id=resource.author_id,
        school_id=resource.school_id,
        granted=granted,
        waiting_for=waiting,
        viewable=resource.viewable_at is not None,
        deleted=resource.deleted_at is not None,
    )
    kept = set()
    query = select(ResourceToken).where(ResourceToken.resource_id == resource.id)
    for row in session.scalars(query):
        if row.token in wanted:
            kept.add(row.token)
        else:
            session.delete(row)
    session.add_all(
        ResourceToken(resource_id=resource.id, token=token) for token in sorted(wanted - kept)
    )


def check_audience(session: Session, author: Viewer, wanted: list[str]) -> None:
    """Whether an author may ask for this audience.

    Raises:
        Invalid: naming the first token that is out of reach.
    """
    school = home_school(session, author)
    _refuse(_parted(session, author, author.account_id, school, wanted))


def _parted(
    session: Session, author: Viewer, author_id: int, school: School | None, wanted: list[str]
) -> audience.Grant:
    return audience.sort_out(
        wanted,
        author_id=author_id,
        tokens=author.tokens,
        region_line=region_tree(session).line(school.region_code) if school else [],
        # The school's trust is in its people: who left it asks like anybody else.
        trusted=school is not None and school.trusted and school.id in author.school_ids,
    )


def _refuse(parted: audience.Grant) -> None:
    if parted.refused:
        raise Invalid({"audience": NOT_YOURS.format(token=min(parted.refused))})


def _ask_for(
    session: Session, resource: Resource, author: Viewer, wanted: list[str], *, strict: bool
) -> None:
    """Grant what an author may grant; put what an officer decides into that officer's queue."""
    parted = _parted(session, author, resource.author_id, _school(session, resource), wanted)
    if strict:
        _refuse(parted)
    held = {grant.token for grant in resource.grants}
    by_rule = set(filter(audience.is_by_rule, held))
    keep = set(parted.granted) | by_rule | (set(parted.asked) & held & _approved(resource))
    resource.grants = [grant for grant in resource.grants if grant.token in keep] + [
        Grant(token=token) for token in sorted(keep - held)
    ]
    resource.reviews = [
        review
        for review in resource.reviews
        if review.state != ReviewState.WAITING or review.token in parted.asked
    ]
    _queue(resource, {token: code for token, code in parted.asked.items() if token not in keep})


def _ask_again(session: Session, resource: Resource, author: Viewer) -> None:
    """Put what an officer let out into the queue once more, and take nothing away."""
    held = [grant.token for grant in resource.grants]
    parted = _parted(session, author, resource.author_id, _school(session, resource), held)
    approved = _approved(resource)
    _queue(resource, {token: code for token, code in parted.asked.items() if token in approved})


def _queue(resource: Resource, asked: Mapping[str, str]) -> None:
    waiting = {review.token for review in resource.reviews if review.state == ReviewState.WAITING}
    resource.reviews += [
        Review(token=token, region_code=code, asked_at=clock.now())
        for token, code in sorted(asked.items())
        if token not in waiting
    ]


def _approved(resource: Resource) -> set[str]:
    return {review.token for review in resource.reviews if review.state == ReviewState.APPROVED}


def offer(
    session: Session, resource: Resource, people: Iterable[str], wanted: Collection[str]
) -> None:
    """Show a class's recording to those of the class, and to whom that was open. A region and
    everybody are let in by their officer, who looks at it first, unless the school is trusted. What
    its author has granted meanwhile stays."""
    school = _school(session, resource)
    parted = audience.sort_out(
        wanted,
        author_id=resource.author_id,
        # Who booked the class held them.
        tokens=frozenset(wanted),
        region_line=region_tree(session).line(school.region_code) if school else [],
        trusted=school is not None and school.trusted,
    )
    held = {grant.token for grant in resource.grants}
    new = (parted.granted | frozenset(people)) - held
    resource.grants += [Grant(token=token) for token in sorted(new)]
    _queue(resource, {token: code for token, code in parted.asked.items() if token not in held})


def _school(session: Session, resource: Resource) -> School | None:
    return session.get(School, resource.school_id) if resource.school_id else None
