"""Jobs under any order of events: several workers, leases that run out, people who press retry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.databases import POSTGRESQL, Databases, opened
from tongke import clock
from tongke.library import jobs, queues
from tongke.library.jobs import Claim, JobState, LeaseLost, NothingToRetry, StepState
from tongke.library.models import Job, Resource
from tongke.library.vocabulary import QUEUE_OF, Queue, Step
from tongke.media.errors import DamagedRecording
from tongke.people.models import Account

ATTEMPTS = 3
LEASE_S = 60.0
WORKERS = ("first", "second", "third")
AFTER_CHECK = (Step.PLAYABLE, Step.THUMBNAILS, Step.THIN, Step.LADDER)


@dataclass(frozen=True)
class Held:
    worker: str
    claim: Claim


class Jobs(RuleBasedStateMachine):
    """One job. The model: who holds it by the newest fence, until when, and what is done."""

    claims = Bundle("claims")

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.time = datetime(2026, 9, 1, tzinfo=UTC)
        self.clock = pytest.MonkeyPatch()
        self.clock.setattr(clock, "now", lambda: self.time)
        self.line = engine.connect()
        self.line.begin()
        self.session = Session(self.line, join_transaction_mode="create_savepoint")
        self.session.add(Account(id=1, username="zhou", name="周", created_at=self.time))
        self.session.flush()
        self.session.add(resource(self.time))
        self.session.flush()
        self.number = jobs.create(self.session, 1).id
        self.session.commit()
        self.holder: Held | None = None
        self.leased_until = self.time
        self.done: list[str] = []
        # Of the step that is next.
        self.failures = self.deaths = 0

    def teardown(self) -> None:
        self.session.close()
        self.line.close()
        self.clock.undo()

    @property
    def job(self) -> Job:
        return self.session.get_one(Job, self.number)

    def is_held(self, held: Held) -> bool:
        return held == self.holder

    @rule(target=claims, worker=st.sampled_from(WORKERS), queue=st.sampled_from(Queue))
    def claim(self, worker: str, queue: Queue) -> object:
        step = jobs.next_step(self.job)
        free = self._is_free() and step is not None and QUEUE_OF[Step(step.name)] is queue
        fence = self.job.fence
        if free and self.holder is not None:
            self.deaths += 1
        gives_up = free and self.deaths > jobs.DEATHS_ALLOWED
        taken = jobs.claim(self.session, self.number, queue, lease_s=LEASE_S)
        self.session.commit()
        assert (taken is not None) == (free and not gives_up)
        if gives_up:
            self.holder = None
            assert self.job.state == JobState.FAILED
        if taken is None:
            return multiple()
        assert taken.fence == fence + 1
        self.holder = Held(worker, taken)
        self.leased_until = self.time + timedelta(seconds=LEASE_S)
        return self.holder

    def _is_free(self) -> bool:
        if self.job.state == JobState.QUEUED:
            return self.job.due_at <= self.time
        return self.job.state == JobState.RUNNING and self.leased_until < self.time

    @rule(held=claims, percent=st.floats(0, 100))
    def renew(self, held: Held, percent: float) -> None:
        if self._refused(held, lambda: jobs.renew(self.session, held.claim, percent, LEASE_S)):
            return
        self.leased_until = self.time + timedelta(seconds=LEASE_S)

    @rule(held=claims)
    def finish(self, held: Held) -> None:
        then = AFTER_CHECK if held.claim.step == Step.CHECKING else ()
        if self._refused(held, lambda: jobs.finish(self.session, held.claim, then)):
            return
        self.done.append(held.claim.step)
        self.holder = None
        self.failures = self.deaths = 0
        over = self.done == [Step.CHECKING, *AFTER_CHECK]
        assert self.job.state == (JobState.DONE if over else JobState.QUEUED)

    @rule(held=claims, final=st.booleans())
    def fail(self, held: Held, final: bool) -> None:
        def write() -> None:
            jobs.fail(self.session, held.claim, DamagedRecording(), final=final, attempts=ATTEMPTS)

        if self._refused(held, write):
            return
        self.holder = None
        self.failures += 1
        over = final or self.failures >= ATTEMPTS
        assert self.job.state == (JobState.FAILED if over else JobState.QUEUED)
        assert over or self.job.due_at > self.time

    @rule(held=claims)
    def give_back(self, held: Held) -> None:
        if self._refused(held, lambda: jobs.give_back(self.session, held.claim)):
            return
        self.holder = None
        step = jobs.next_step(self.job)
        assert step is not None
        assert step.attempts == held.claim.attempt - 1

    @rule(held=claims)
    def put_off(self, held: Held) -> None:
        if self._refused(held, lambda: jobs.put_off(self.session, held.claim)):
            return
        self.holder = None
        step = jobs.next_step(self.job)
        assert step is not None
        assert step.attempts == held.claim.attempt - 1
        assert self.job.state == JobState.QUEUED
        assert self.job.due_at >= self.time + jobs.LOOK_AGAIN_AFTER

    def _refused(self, held: Held, write: object) -> bool:
        """Write as this holder; whether it was refused, which it is unless it is the newest."""
        assert callable(write)
        if self.is_held(held):
            write()
            self.session.commit()
            return False
        with pytest.raises(LeaseLost):
            write()
        self.session.rollback()
        return True

    @rule(seconds=st.sampled_from([1.0, LEASE_S / 2, LEASE_S + 1, 600.0]))
    def wait(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    @rule()
    def retry(self) -> None:
        if self.job.state != JobState.FAILED:
            with pytest.raises(NothingToRetry):
                jobs.retry(self.session, self.number)
            self.session.rollback()
            return
        jobs.retry(self.session, self.number)
        self.session.commit()
        self.failures = self.deaths = 0
        assert self.job.state == JobState.QUEUED

    @invariant()
    def what_is_done_stays_done_and_no_step_is_lost(self) -> None:
        names = [step.name for step in self.job.steps]
        assert names == ([Step.CHECKING, *AFTER_CHECK] if self.done else [Step.CHECKING])
        assert [s.name for s in self.job.steps if s.state == StepState.DONE] == self.done
        assert all(step.attempts >= 0 for step in self.job.steps)

    @invariant()
    def a_step_runs_exactly_while_somebody_holds_it(self) -> None:
        running = [step for step in self.job.steps if step.state == StepState.RUNNING]
        assert len(running) == (self.job.state == JobState.RUNNING) == (self.holder is not None)

    @invariant()
    def what_is_not_over_is_found_by_the_sweeper_in_time(self) -> None:
        """Whoever dies or forgets: after the lease and the back-off it is handed out again."""
        later = max(self.leased_until, self.job.due_at, self.time) + timedelta(seconds=1)
        step = jobs.next_step(self.job)
        over = step is None or self.job.state == JobState.FAILED
        wanted = [] if over else [(self.number, QUEUE_OF[Step(step.name)])]
        assert queues.overdue(self.session, later, 10) == wanted


def resource(now: datetime) -> Resource:
    return Resource(
        id=1, kind="lesson_recording", title="一节课", author_id=1, filename="a.mp4", size_bytes=1,
        state="checking", created_at=now, updated_at=now, original_key="originals/1",
    )  # fmt: skip


def test_jobs(databases: Databases, database_kind: str) -> None:
    """One database for all examples: each leaves it as it was. The rules are the same on each, so
    the slower one is given fewer."""
    with opened(databases.migrated()) as database:
        engine = database.engine.execution_options(**database.writing)
        run_state_machine_as_test(
            lambda: Jobs(engine),
            settings=settings(
                max_examples=10 if database_kind == POSTGRESQL else 20,
                stateful_step_count=30,
                deadline=None,
            ),
        )
