"""Jobs: the steps from a file that was accepted to a resource that is published.

The table is the truth, the queue only a hint: a message may come twice, late or never. A worker
takes the next step by a lease; its number (`fence`) goes up each time the job changes hands, and
everything a worker writes is refused once its number is old. What it makes goes into a folder
named by that number, so two workers that both believe they hold a job cannot mix their files.

    queued --claim--> running --finish (more steps)--> queued
                         |------finish (last step)---> done
                         |------fail (may try again)-> queued, due later
                         |------fail (final)---------> failed --retry--> queued
                         '------lease runs out-------> claimed by another
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from tongke import clock
from tongke.errors import Conflict, Text, TongkeError
from tongke.library import failures, keys
from tongke.library.failures import Failure
from tongke.library.models import Job, JobStep
from tongke.library.vocabulary import QUEUE_OF, Queue, Step
from tongke.tracing import request_id


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class StepState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


# In `Session.info`: (job id, queue) pairs to hand to the workers once this is committed.
WAKE = "tongke_wake"

# A step that failed is tried again after this, doubled with each attempt.
FIRST_RETRY_AFTER = timedelta(seconds=10)
# While what a step needs is away, or full, it is looked for again after this at the soonest.
LOOK_AGAIN_AFTER = timedelta(seconds=30)


# Deaths of workers (killed, out of memory) are counted apart from failures: machines are restarted
# for good reasons, and a failure that passes has to be tried again however often that happened.
# It takes more of these before the file itself is suspected.
DEATHS_ALLOWED = 6


class WorkerDied(TongkeError):
    code = "worker-died"
    message = Text("处理这个文件时程序多次中断", "Processing this file was cut short several times")
    remedy = Text(
        "点“重试”再来一次；还不行就请管理员看看机器的内存和磁盘",
        "Press retry; if it fails again, ask the operator to look at memory and disk",
    )


class LeaseLost(Conflict):
    """Another worker holds the job by now; what this one made is thrown away."""

    code = "lease-lost"
    message = Text("这一步已交给另一台机器", "Another worker has taken this step over")


class NothingToRetry(Conflict):
    code = "nothing-to-retry"
    message = Text("这项处理没有失败，不用重试", "This job has not failed")
    remedy = Text("刷新看看它现在到哪一步", "Reload to see how far it is")


@dataclass(frozen=True)
class Claim:
    """A step that a worker holds."""

    job_id: int
    resource_id: int
    fence: int
    step: Step
    attempt: int
    request_id: str

    @property
    def prefix(self) -> str:
        """The folder of this attempt below the resource's (`keys.attempt`)."""
        return keys.attempt(self.job_id, self.fence)


def create(session: Session, resource_id: int, first: Step = Step.CHECKING) -> Job:
    """A new job for a resource. What follows the first step is known after it."""
    now = clock.now()
    job = Job(
        resource_id=resource_id,
        state=JobState.QUEUED,
        due_at=now,
        created_at=now,
        request_id=request_id(),
        steps=[JobStep(position=0, name=first)],
    )
    session.add(job)
    session.flush()
    _wake(session, job)
    return job


def claim(session: Session, job_id: int, queue: Queue, *, lease_s: float) -> Claim | None:
    """Take the job's next step, if it is due, of this queue, and nobody holds it.

    A lease that ran out is the death of whoever held it; after too many the job has failed.
    """
    job = session.get(Job, job_id, with_for_update=True)
    if job is None or not _is_free(job, clock.now()) or job.resource.deleted_at is not None:
        return None
    step = next_step(job)
    if step is None or QUEUE_OF[Step(step.name)] is not queue:
        return None
    if job.state == JobState.RUNNING:
        step.deaths += 1
    if step.deaths > DEATHS_ALLOWED:
        _end_badly(job, step, WorkerDied())
        return None
    job.state = JobState.RUNNING
    job.fence += 1
    job.leased_until = clock.now() + timedelta(seconds=lease_s)
    step.state = StepState.RUNNING
    step.attempts += 1
    step.percent = 0.0
    step.started_at = clock.now()
    session.flush()
    return Claim(job.id, job.resource_id, job.fence, Step(step.name), step.attempts, job.request_id)


def renew(session: Session, held: Claim, percent: float, lease_s: float) -> None:
    """Say that the step goes on, and how far it is.

    Raises:
        LeaseLost: another worker has it by now.
    """
    job, step = _held(session, held)
    job.leased_until = clock.now() + timedelta(seconds=lease_s)
    step.percent = percent


def finish(session: Session, held: Claim, then: tuple[Step, ...] = ()) -> Job:
    """The step is done; `then` are the steps it found to be necessary after it."""
    job, step = _held(session, held)
    step.state = StepState.DONE
    step.percent = 100.0
    step.finished_at = clock.now()
    known = {existing.name for existing in job.steps}
    for name in then:
        if name not in known:
            job.steps.append(JobStep(position=len(job.steps), name=name))
    session.flush()
    _release(job)
    if next_step(job) is None:
        job.state = JobState.DONE
        job.finished_at = clock.now()
    else:
        _wake(session, job)
    return job


def fail(session: Session, held: Claim, error: TongkeError, *, final: bool, attempts: int) -> Job:
    """The step failed: it is tried again later, or the job has failed for good.

    `final` says that trying again cannot help (the file itself is at fault).
    """
    job, step = _held(session, held)
    _release(job)
    failures_so_far = step.attempts - step.deaths
    if final or failures_so_far >= attempts:
        _end_badly(job, step, error)
    else:
        step.state = StepState.WAITING
        job.due_at = clock.now() + FIRST_RETRY_AFTER * 2 ** (failures_so_far - 1)
    return job


def give_back(session: Session, held: Claim) -> None:
    """A worker that stops returns its step, unharmed: this was not an attempt."""
    job, _ = _returned(session, held)
    _wake(session, job)


def put_off(session: Session, held: Claim) -> None:
    """What the step needs is away, or full: this was no attempt, however often it happens.

    It waits as long as it has worked, so that an hour of encoding which cannot be stored is not
    begun anew at once.
    """
    job, step = _returned(session, held)
    worked = clock.now() - (step.started_at or clock.now())
    job.due_at = clock.now() + max(LOOK_AGAIN_AFTER, worked)


def _returned(session: Session, held: Claim) -> tuple[Job, JobStep]:
    """The step as it was before this claim."""
    job, step = _held(session, held)
    step.state = StepState.WAITING
    step.attempts -= 1
    _release(job)
    return job, step


def retry(session: Session, job_id: int) -> Job:
    """A person asks for another try of a failed job: it goes on at the step that failed.

    Raises:
        NothingToRetry: it has not failed.
    """
    job = session.get(Job, job_id, with_for_update=True)
    if job is None or job.state != JobState.FAILED:
        raise NothingToRetry
    for step in job.steps:
        if step.state == StepState.FAILED:
            step.state = StepState.WAITING
            step.attempts = step.deaths = 0
    job.state = JobState.QUEUED
    job.reason = None
    job.finished_at = None
    job.due_at = clock.now()
    _wake(session, job)
    return job


def failure_of(job: Job) -> Failure | None:
    """Why a job failed; None when it has not."""
    if job.state != JobState.FAILED or job.reason is None:
        return None
    return failures.read_back(job.reason)


def to_wake(session: Session) -> list[tuple[int, Queue]]:
    """The steps that this transaction made ready."""
    found: list[tuple[int, Queue]] = session.info.get(WAKE, [])
    return found


def next_step(job: Job) -> JobStep | None:
    """The first step that is not done."""
    return next((step for step in job.steps if step.state != StepState.DONE), None)


def running_step(job: Job) -> JobStep | None:
    """The step that a worker has in hand; None while the next one waits for its turn."""
    step = next_step(job)
    return step if step is not None and step.state == StepState.RUNNING else None


def _end_badly(job: Job, step: JobStep, error: TongkeError) -> None:
    job.reason = failures.write_down(error)
    step.state = StepState.FAILED
    job.state = JobState.FAILED
    job.leased_until = None
    job.finished_at = clock.now()


def _is_free(job: Job, now: datetime) -> bool:
    if job.state == JobState.QUEUED:
        return job.due_at <= now
    expired = job.leased_until is not None and job.leased_until < now
    return job.state == JobState.RUNNING and expired


def _held(session: Session, held: Claim) -> tuple[Job, JobStep]:
    job = session.get(Job, held.job_id, with_for_update=True)
    if job is None or job.fence != held.fence or job.state != JobState.RUNNING:
        raise LeaseLost
    step = next(step for step in job.steps if step.name == held.step)
    return job, step


def _release(job: Job) -> None:
    job.state = JobState.QUEUED
    job.leased_until = None
    job.due_at = clock.now()


def _wake(session: Session, job: Job) -> None:
    step = next_step(job)
    if step is not None:
        session.info.setdefault(WAKE, []).append((job.id, QUEUE_OF[Step(step.name)]))
