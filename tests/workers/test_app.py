"""Worker processes: they find a broker that came back, and give their step back when stopped."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.chaos import census
from tests.chaos.conftest import Installation
from tests.chaos.files import Sent, lesson, paper
from tests.chaos.processes import Processes, media_programs
from tests.waiting import until_true
from tongke import clock
from tongke.library.fields import parse_fields
from tongke.library.jobs import JobState, StepState
from tongke.library.models import Job, Upload
from tongke.library.vocabulary import Queue, Step
from tongke.people.models import Account
from tongke.publishing import uploading

# Celery waits two seconds before it looks for its broker again; the rest is a busy machine's.
LIMIT_S = 60.0


async def accept(installation: Installation, file: Sent) -> int:
    """What the last PATCH of an upload does: the file is durable, and its job is announced."""
    ground = installation.ground

    def begin(session: Session) -> Upload:
        author = session.query(Account).filter_by(username="zhou").one()
        upload = Upload(
            id=secrets.token_hex(16),
            account_id=author.id,
            filename=file.name,
            length=len(file.content),
            fields=parse_fields({"title": file.title}).model_dump(mode="json"),
            metadata_header="",
            created_at=clock.now(),
            expires_at=clock.now() + timedelta(days=7),
        )
        session.add(upload)
        return upload

    async def body():  # type: ignore[no-untyped-def]
        yield file.content

    row = await ground.database.write(begin)
    await ground.appendable.create(row.key)
    await ground.appendable.append(row.key, 0, body())
    resource = await uploading.finish(ground, row)
    await ground.hints.drain()
    return resource.id


async def test_a_worker_takes_work_again_after_its_broker_was_killed(
    installation: Installation,
) -> None:
    """There is no scheduler here: only the hint itself can bring the work."""
    ground = installation.ground
    async with Processes(installation.settings, ["valkey", "worker-quick"]) as processes:
        for name in ("一.txt", "二.txt", "三.txt"):
            await accept(installation, paper(name))
            await until_true(
                lambda: ground.database.read(census.at_rest), LIMIT_S, f"{name} is done"
            )
            if name != "三.txt":
                processes.kill("valkey")
                processes.start("valkey")
                await processes.until_ready(["valkey"])
        assert await processes.stop("worker-quick", LIMIT_S) == 0


async def test_a_lost_hint_is_found_by_the_sweeper(installation: Installation) -> None:
    ground = installation.ground
    async with Processes(
        installation.settings, ["valkey", "worker-quick", "scheduler"]
    ) as processes:
        processes.kill("valkey")
        await accept(installation, paper("丢.txt"))
        processes.start("valkey")
        await until_true(lambda: ground.database.read(census.at_rest), LIMIT_S, "the job is found")


@pytest.mark.media
async def test_a_worker_asked_to_stop_gives_its_step_back(
    installation: Installation, tmp_path: Path
) -> None:
    """Within seconds, as if it had never been tried, and without its ffmpeg."""
    ground = installation.ground
    file = await lesson(ground.programs, tmp_path, "长.mp4", seconds=30, lines=720)
    names = ["valkey", "worker-quick", "worker-thin", "worker-ladder"]
    async with Processes(installation.settings, names) as processes:
        await accept(installation, file)
        await until_true(
            lambda: ground.database.read(census.running, Queue.LADDER), LIMIT_S, "it is encoding"
        )
        folder = installation.settings.data_dir
        await until_true(lambda: media_programs(folder), LIMIT_S, "ffmpeg runs")
        assert await processes.stop("worker-ladder", 15) == 0
        assert media_programs(folder) == []
        job = await ground.database.read(the_job)
        assert job.state == JobState.QUEUED
        ladder = next(step for step in job.steps if step.name == Step.LADDER)
        assert (ladder.state, ladder.attempts) == (StepState.WAITING, 0)
    for name in names[1:]:
        assert "Traceback" not in processes.log(name).read_text()
        assert "superuser" not in processes.log(name).read_text()


def the_job(session: Session) -> Job:
    (job,) = census.jobs(session)
    _ = job.steps
    return job
