"""Runs one step of one job: takes it by its lease, keeps the lease, ends it one way or another.

While the step works, a keeper renews the lease and writes the progress. It cancels the work when
the lease was lost (another worker has the job: what was made here is thrown away), when the worker
is to stop, or when the resource was deleted (the step goes back unharmed).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session

from tongke import telemetry
from tongke.errors import Text, TongkeError, Unavailable, Unpublishable
from tongke.library import jobs
from tongke.library.jobs import Claim, JobState, LeaseLost
from tongke.library.models import Job, Resource
from tongke.library.resources import settle
from tongke.library.vocabulary import Queue, State, Step
from tongke.publishing.document import process_document
from tongke.publishing.joining import join
from tongke.publishing.lesson import check, encode_ladder, encode_thin, make_playable, thumbnails
from tongke.publishing.work import Outcome, Work
from tongke.publishing.workshop import Workshop
from tongke.storage.objects.errors import StoreFull
from tongke.tracing import set_request_id

T = TypeVar("T")

_log = structlog.get_logger("tongke.publishing")

STEPS: dict[Step, Callable[[Work], Awaitable[Outcome]]] = {
    Step.JOINING: join,
    Step.CHECKING: check,
    Step.PLAYABLE: make_playable,
    Step.THUMBNAILS: thumbnails,
    Step.THIN: encode_thin,
    Step.LADDER: encode_ladder,
    Step.DOCUMENT: process_document,
}

# Progress is written this often: a person who watches a bar sees it move, and a step of an hour
# costs the database two thousand small writes.
REPORT_EVERY_S = 1.5


class ProcessingFailed(TongkeError):
    code = "processing-failed"
    message = Text("处理这个文件时出了问题", "Something went wrong while processing this file")
    remedy = Text(
        "点“重试”再来一次；还不行就把编号告诉管理员",
        "Press retry; if it fails again, give the operator the number",
    )


async def run_step(shop: Workshop, job_id: int, queue: Queue, stopping: Callable[[], bool]) -> bool:
    """Run the next step of a job, if it is of this queue and free. Whether one was run."""
    settings = shop.settings
    held = await shop.database.write(_claim, job_id, queue, settings.job_lease_s)
    if held is None:
        return False
    set_request_id(held.request_id)
    log = _log.bind(job=held.job_id, resource=held.resource_id, step=held.step.value)
    log.info("step-begins", attempt=held.attempt)
    try:
        with telemetry.span(
            f"step {held.step.value}",
            "consumer",
            **{
                "tongke.job": held.job_id,
                "tongke.resource": held.resource_id,
                "tongke.queue": queue.value,
                "tongke.attempt": held.attempt,
            },
        ):
            await _run_held(shop, held, stopping)
        log.info("step-ends")
    except LeaseLost:
        log.warning("lease-lost")
    except Exception as error:
        await _failed(shop, held, error)
    return True


async def _run_held(shop: Workshop, held: Claim, stopping: Callable[[], bool]) -> None:
    resource = await shop.database.read(_resource, held.resource_id)
    work = Work(shop, held, resource)
    task = asyncio.ensure_future(STEPS[held.step](work))
    keeper = asyncio.create_task(_keep(shop, work, stopping))
    await asyncio.wait({task, keeper}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await _ended(keeper)
        await shop.database.write(_commit, held, task.result())
        return
    await _ended(task)
    lost = keeper.exception()
    if lost is not None:
        raise lost
    await shop.database.write(_give_back, held)


async def _keep(shop: Workshop, work: Work, stopping: Callable[[], bool]) -> None:
    """Renew the lease until the worker is to stop, or its work is wanted no more; raises LeaseLost
    when it is lost.

    While the database is away nobody else can take the lease either, so an hour of encoding is
    not thrown away for it: whose the step is, is asked again when it ends.
    """
    lease_s = shop.settings.job_lease_s
    while not stopping():
        await asyncio.sleep(min(REPORT_EVERY_S, lease_s / 4))
        try:
            if not await shop.database.write(_renew, work.claim, work.percent, lease_s):
                return
        except Unavailable as error:
            _log.warning("lease-not-renewed", job=work.claim.job_id, code=error.code)


def _renew(session: Session, held: Claim, percent: float, lease_s: float) -> bool:
    """Whether somebody waits for it still: what was deleted meanwhile may be brought back, and its
    step is then taken up again."""
    jobs.renew(session, held, percent, lease_s)
    return session.get_one(Resource, held.resource_id).deleted_at is None


async def _ended(task: asyncio.Future[T]) -> None:
    task.cancel()
    await asyncio.wait({task})


def _claim(session: Session, job_id: int, queue: Queue, lease_s: float) -> Claim | None:
    held = jobs.claim(session, job_id, queue, lease_s=lease_s)
    if held is None:
        _settle_if_given_up(session, job_id)
    else:
        settle(session, session.get_one(Resource, held.resource_id))
    return held


def _settle_if_given_up(session: Session, job_id: int) -> None:
    """A job whose workers died too often fails when somebody asks for it: its resource too."""
    job = session.get(Job, job_id)
    if job is not None and job.state == JobState.FAILED and job.resource.state != State.FAILED:
        settle(session, job.resource)


def _resource(session: Session, resource_id: int) -> Resource:
    return session.get_one(Resource, resource_id)


def _commit(session: Session, held: Claim, outcome: Outcome) -> None:
    jobs.finish(session, held, outcome.then)
    resource = session.get_one(Resource, held.resource_id)
    outcome.record(session, resource)
    settle(session, resource)


def _give_back(session: Session, held: Claim) -> None:
    jobs.give_back(session, held)
    settle(session, session.get_one(Resource, held.resource_id))


async def _failed(shop: Workshop, held: Claim, error: Exception) -> None:
    """Write down why. A file at fault is final; what is away or full comes back, however long it
    takes; anything else may be tried again."""
    if isinstance(error, Unavailable | StoreFull):
        _log.warning("step-put-off", job=held.job_id, step=held.step.value, code=error.code)
        await _written(shop, _put_off, held)
        return
    final = isinstance(error, Unpublishable)
    if not final:
        _log.error("step-failed", job=held.job_id, step=held.step.value, exc_info=error)
    reason = error if isinstance(error, TongkeError) else ProcessingFailed()
    await _written(shop, _fail, held, reason, final, shop.settings.job_attempts)


async def _written(shop: Workshop, write: Callable[..., None], held: Claim, *more: object) -> None:
    try:
        await shop.database.write(write, held, *more)
    except LeaseLost:
        _log.warning("lease-lost", job=held.job_id)


def _put_off(session: Session, held: Claim) -> None:
    jobs.put_off(session, held)
    settle(session, session.get_one(Resource, held.resource_id))


def _fail(session: Session, held: Claim, reason: TongkeError, final: bool, attempts: int) -> None:
    jobs.fail(session, held, reason, final=final, attempts=attempts)
    settle(session, session.get_one(Resource, held.resource_id))
