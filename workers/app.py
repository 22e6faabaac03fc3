"""The Celery application of the workers. Tasks carry numbers, never data: the database has it.

A message is a hint (`tongke.tasks`). It may come twice, late or never, so nothing is
acknowledged late, nothing is retried by Celery, and no result is kept: the job table knows.
"""

from __future__ import annotations

import warnings
from typing import Any

from celery import Celery, Task
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging, task_postrun, task_prerun, worker_shutdown

from tongke import tasks
from tongke.library.vocabulary import Queue
from tongke.logs import configure
from tongke.publishing.runner import run_step as run_publishing_step
from tongke.settings import Settings
from tongke.tracing import set_request_id
from workers import indexing, sweep
from workers.runtime import Runtime, stopping


def create_worker(settings: Settings) -> Celery:
    """The application with its tasks, for `celery worker`."""
    app = tasks.celery(settings.bus_address)
    app.conf.update(
        worker_pool="solo",
        worker_prefetch_multiplier=1,
        # Our own loggers write what is worth reading.
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # Both are about tasks acknowledged late, of which we have none: left unsaid, Celery
        # writes a page about them each time it loses its broker.
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_enable_prefetch_count_reduction=False,
    )
    # In a container everything runs as root, and what is told at every start is read by nobody.
    # What it warns of is pickled messages; ours are JSON.
    warnings.simplefilter("ignore", SecurityWarning)
    runtime: list[Runtime] = []
    clearing = sweep.Clearing()

    @setup_logging.connect(weak=False)
    def _logging(**_: Any) -> None:
        configure(settings)

    def ground_of_process() -> Runtime:
        if not runtime:
            runtime.append(Runtime(settings))
        runtime[0].run(clearing.when_due)
        return runtime[0]

    @worker_shutdown.connect(weak=False)
    def _close(**_: Any) -> None:
        for built in runtime:
            built.close()

    @app.task(name=tasks.RUN_STEP)
    def run_step(job_id: int, queue: str) -> None:
        ground_of_process().run(
            lambda ground: run_publishing_step(ground, job_id, Queue(queue), stopping)
        )

    @app.task(name=tasks.INDEX)
    def index() -> None:
        ground_of_process().run(indexing.catch_up)

    @app.task(name=tasks.SWEEP)
    def sweep_up() -> None:
        ground_of_process().run(sweep.sweep)

    return app


@task_prerun.connect(weak=False)
def _follow(task: Task, **_: Any) -> None:
    """Take over the request id of whoever sent the task."""
    set_request_id(str((task.request.headers or {}).get("request_id", "")))


@task_postrun.connect(weak=False)
def _follow_no_more(**_: Any) -> None:
    """What the process says between two tasks is of neither."""
    set_request_id("")
