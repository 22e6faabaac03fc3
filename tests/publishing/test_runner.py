"""A step is taken, kept, given back, lost and tried again; nothing is written by who lost it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tests.publishing.desk import Desk, always, never
from tests.waiting import LIMIT_S
from tongke import clock
from tongke.errors import TongkeError, Unavailable
from tongke.library import jobs, resources
from tongke.library.jobs import DEATHS_ALLOWED, Claim, JobState, StepState
from tongke.library.models import Job, Resource
from tongke.library.vocabulary import Queue, State, Step
from tongke.media.errors import FfmpegFailed
from tongke.people.audience import Viewer
from tongke.people.queries import viewer_of
from tongke.publishing import runner
from tongke.publishing.lesson import check, encode_thin
from tongke.publishing.runner import STEPS, run_step
from tongke.publishing.work import Outcome, Work
from tongke.storage.objects.errors import ObjectsUnavailable, StoreFull

pytestmark = pytest.mark.media


def expire(session: Session, job: int) -> None:
    """Let the lease of a job run out, and what was put off be due."""
    found = session.get_one(Job, job)
    found.due_at = clock.now() - timedelta(seconds=1)
    if found.leased_until is not None:
        found.leased_until = clock.now() - timedelta(seconds=1)


async def steal(desk: Desk, job: int) -> Work:
    await desk.ground.database.write(expire, job)
    return await desk.claim(job)


async def test_a_worker_that_stops_gives_its_step_back_unharmed(desk: Desk) -> None:
    job = await desk.put_in("lesson.mp4")
    await desk.run_until(job, Step.THIN)
    before = await desk.kept(job)
    assert await desk.step(job, always)
    found = await desk.job(job)
    assert found.state == JobState.QUEUED
    assert [step.attempts for step in found.steps if step.name == Step.THIN] == [0]
    assert await desk.kept(job) == before
    assert desk.scratch() == []
    await desk.run(job)
    assert (await desk.resource(job)).state == State.PUBLISHED


async def test_a_lost_lease_stops_the_work(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "REPORT_EVERY_S", 0.05)
    begun, ended = asyncio.Event(), asyncio.Event()

    async def endless(_work: Work) -> Outcome:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    monkeypatch.setitem(STEPS, Step.CHECKING, endless)
    job = await desk.put_in("lesson.mp4")
    running = asyncio.create_task(run_step(desk.ground, job, Queue.QUICK, never))
    await begun.wait()
    thief = await steal(desk, job)
    await running
    assert ended.is_set()
    found = await desk.job(job)
    assert (found.state, found.fence) == (JobState.RUNNING, thief.claim.fence)


async def test_a_database_that_is_away_for_a_moment_costs_no_work(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "REPORT_EVERY_S", 0.05)
    missed, renewed = [0], asyncio.Event()
    renew = jobs.renew

    def renew_later(session: Session, held: Claim, percent: float, lease_s: float) -> None:
        missed[0] += 1
        if missed[0] <= 3:
            raise Unavailable(part="数据库")
        renew(session, held, percent, lease_s)
        renewed.set()

    async def patient(work: Work) -> Outcome:
        await renewed.wait()
        return await check(work)

    monkeypatch.setattr(jobs, "renew", renew_later)
    monkeypatch.setitem(STEPS, Step.CHECKING, patient)
    job = await desk.put_in("lesson.mp4")
    assert await desk.step(job)
    assert step_of(await desk.job(job), Step.CHECKING) == (StepState.DONE, 1)


async def test_what_was_made_under_a_lost_lease_is_never_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work is done, and only then its lease is found to be another's."""
    lost: list[str] = []

    async def overtaken(work: Work) -> Outcome:
        outcome = await encode_thin(work)
        lost.append(work.claim.prefix)
        await steal(desk, work.claim.job_id)
        return outcome

    job = await desk.put_in("lesson.mp4")
    await desk.run_until(job, Step.THIN)
    monkeypatch.setitem(STEPS, Step.THIN, overtaken)
    await desk.step(job)
    assert any(lost[0] in key for key in await desk.kept(job)), "it was made"
    assert lost[0] not in {row.prefix for row in (await desk.renditions(job)).values()}
    monkeypatch.setitem(STEPS, Step.THIN, encode_thin)
    await desk.ground.database.write(expire, job)
    await desk.run(job)
    assert (await desk.resource(job)).state == State.PUBLISHED
    named = {row.prefix for row in (await desk.renditions(job)).values()}
    assert lost[0] not in named
    for row in (await desk.renditions(job)).values():
        await desk.assert_whole(row)


async def test_each_attempt_has_a_folder_of_its_own(desk: Desk) -> None:
    job = await desk.put_in("lesson.mp4")
    await desk.run(job)
    prefixes = [row.prefix for row in (await desk.renditions(job)).values()]
    prefixes += [asset.prefix for asset in (await desk.assets(job)).values()]
    # checking was attempt 1; then playable, thumbnails, thin, and no ladder is left.
    assert set(prefixes) == {f"a{job}-{fence}/" for fence in (2, 3, 4)}


async def test_a_passing_failure_is_tried_again_then_a_person_is_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(_work: Work) -> Outcome:
        raise FfmpegFailed("no space")

    monkeypatch.setitem(STEPS, Step.THIN, failing)
    job = await desk.put_in("lesson.mp4")
    await desk.run_until(job, Step.THIN)
    for attempt in range(1, desk.ground.settings.job_attempts):
        assert await desk.step(job)
        assert (await desk.job(job)).state == JobState.QUEUED
        assert not await desk.step(job), "not before its time"
        assert step_of(await desk.job(job), Step.THIN) == (StepState.WAITING, attempt)
        await desk.ground.database.write(expire, job)
    assert await desk.step(job)
    found = await desk.job(job)
    assert found.state == JobState.FAILED
    assert found.reason is not None
    assert found.reason["code"] == "ffmpeg-failed"
    assert (await desk.resource(job)).state == State.FAILED
    monkeypatch.setitem(STEPS, Step.THIN, encode_thin)
    await desk.ground.database.write(jobs.retry, job)
    await desk.run(job)
    assert (await desk.resource(job)).state == State.PUBLISHED


@pytest.mark.parametrize("error", [ObjectsUnavailable(reason="away"), StoreFull()])
async def test_a_store_that_is_away_or_full_uses_up_no_attempt(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: TongkeError
) -> None:
    async def failing(_work: Work) -> Outcome:
        raise error

    job = await desk.put_in("lesson.mp4")
    with monkeypatch.context() as patch:
        patch.setitem(STEPS, Step.CHECKING, failing)
        for _ in range(desk.ground.settings.job_attempts + 1):
            assert await desk.step(job)
            assert not await desk.step(job), "not at once"
            await desk.ground.database.write(expire, job)
    assert step_of(await desk.job(job), Step.CHECKING) == (StepState.WAITING, 0)
    await desk.run(job)
    assert (await desk.resource(job)).state == State.PUBLISHED


def step_of(job: Job, name: Step) -> tuple[str, int]:
    return next((step.state, step.attempts) for step in job.steps if step.name == name)


async def test_a_file_that_kills_its_workers_is_given_up_and_says_so(desk: Desk) -> None:
    job = await desk.put_in("lesson.mp4")
    for _ in range(DEATHS_ALLOWED + 1):
        await steal(desk, job)
    await desk.ground.database.write(expire, job)
    assert not await desk.step(job)
    found = await desk.job(job)
    assert found.state == JobState.FAILED
    assert found.reason is not None
    assert found.reason["code"] == "worker-died"
    assert (await desk.resource(job)).state == State.FAILED


async def test_deaths_do_not_make_a_passing_failure_final(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(_work: Work) -> Outcome:
        raise FfmpegFailed("no space")

    job = await desk.put_in("lesson.mp4")
    for _ in range(DEATHS_ALLOWED):
        await steal(desk, job)
    await desk.ground.database.write(expire, job)
    with monkeypatch.context() as patch:
        patch.setitem(STEPS, Step.CHECKING, failing)
        assert await desk.step(job)
    found = await desk.job(job)
    assert found.state == JobState.QUEUED
    assert found.due_at - clock.now() <= jobs.FIRST_RETRY_AFTER, "the first failure, whoever died"
    await desk.ground.database.write(expire, job)
    await desk.run(job)
    assert (await desk.resource(job)).state == State.PUBLISHED


async def test_a_resource_deleted_meanwhile_is_not_worked_on(desk: Desk) -> None:
    job = await desk.put_in("lesson.mp4")

    def remove(session: Session) -> None:
        session.get_one(Resource, job).deleted_at = clock.now()

    await desk.ground.database.write(remove)
    assert not await desk.step(job)


async def test_work_on_what_is_deleted_meanwhile_stops_and_goes_on_when_it_is_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "REPORT_EVERY_S", 0.05)
    begun = asyncio.Event()

    async def endless(_work: Work) -> Outcome:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    def viewer(session: Session) -> Viewer:
        found = viewer_of(session, desk.teacher)
        assert found is not None
        return found

    job = await desk.put_in("lesson.mp4")
    with monkeypatch.context() as patch:
        patch.setitem(STEPS, Step.CHECKING, endless)
        running = asyncio.create_task(desk.step(job))
        await begun.wait()
        await desk.ground.database.write(lambda s: resources.delete(s, viewer(s), job))
        async with asyncio.timeout(LIMIT_S):
            await running
    assert step_of(await desk.job(job), Step.CHECKING) == (StepState.WAITING, 0)
    assert not await desk.step(job)
    await desk.ground.database.write(lambda s: resources.restore(s, viewer(s), job))
    await desk.run(job)
    assert (await desk.resource(job)).state == State.PUBLISHED


async def test_a_job_that_is_gone_is_no_error(desk: Desk) -> None:
    job = await desk.put_in("lesson.mp4")
    await desk.ground.database.write(lambda session: session.execute(delete(Job)))
    assert not await desk.step(job)
