"""What waits in the queues of the workers: what of it to hand to them again, and how much there is
and for how long, for figures and alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from tongke.library.jobs import JobState, StepState
from tongke.library.models import Job, JobStep, Resource
from tongke.library.vocabulary import QUEUE_OF, Queue, Step


@dataclass
class Load:
    """Jobs whose next step belongs to a queue, and how long the oldest could have run already."""

    queued: int = 0
    running: int = 0
    oldest_s: float = 0.0


def loads(session: Session, now: datetime) -> dict[Queue, Load]:
    """The load of every queue."""
    active = Job.state.in_((JobState.QUEUED, JobState.RUNNING))
    following = (
        select(JobStep.job_id, func.min(JobStep.position).label("position"))
        .join(Job, Job.id == JobStep.job_id)
        .where(active, JobStep.state != StepState.DONE)
        .group_by(JobStep.job_id)
        .subquery()
    )
    query = (
        select(JobStep.name, Job.state, func.count(), func.min(Job.due_at))
        .join(Job, Job.id == JobStep.job_id)
        .join(
            following,
            (following.c.job_id == JobStep.job_id) & (following.c.position == JobStep.position),
        )
        .group_by(JobStep.name, Job.state)
    )
    found = {queue: Load() for queue in Queue}
    for name, state, count, due_at in session.execute(query):
        load = found[QUEUE_OF[Step(name)]]
        if state == JobState.RUNNING:
            load.running += count
        else:
            load.queued += count
            load.oldest_s = max(load.oldest_s, (now - due_at).total_seconds())
    return found


def overdue(session: Session, now: datetime, limit: int) -> list[tuple[int, Queue]]:
    """What should run and does not, the oldest `limit` of each queue."""
    return [
        (number, queue)
        for queue in Queue
        for number in session.scalars(_overdue(queue, now).limit(limit))
    ]


def _overdue(queue: Queue, now: datetime) -> Select[int]:
    earlier = aliased(JobStep)
    return (
        select(Job.id)
        .join(Resource)
        .join(JobStep)
        .where(
            JobStep.name.in_([name for name in Step if QUEUE_OF[name] is queue]),
            JobStep.state != StepState.DONE,
            not_(
                exists().where(
                    earlier.job_id == Job.id,
                    earlier.position < JobStep.position,
                    earlier.state != StepState.DONE,
                )
            ),
            Resource.deleted_at.is_(None),
            Job.due_at <= now,
            or_(
                Job.state == JobState.QUEUED,
                (Job.state == JobState.RUNNING) & (Job.leased_until < now),
            ),
        )
        .order_by(Job.id)
    )
