"""`tongke scheduler`: Celery's beat, which asks for the sweeper's rounds."""

from __future__ import annotations

import logging

import click

from tongke.cli.words import say
from tongke.settings import Settings

SCHEDULE_NAME = "scheduler"


@click.command(
    help=say(
        """启动定时器：每隔 TONGKE_SWEEP_EVERY_S 秒叫后台找一遍丢下的活。

        每个部署只要一个；tongke serve 已经包括它。""",
        """Start the scheduler: every TONGKE_SWEEP_EVERY_S seconds the workers look for lost work.

        One an installation is enough; tongke serve includes it.""",
    )
)
def scheduler() -> None:
    from tongke.cli.opening import load_settings

    run(load_settings())


def run(settings: Settings) -> None:
    """Send the rounds until SIGTERM or SIGINT."""
    from celery.signals import after_task_publish, beat_init, setup_logging

    from tongke import alive, logs, tasks
    from tongke.library.vocabulary import Queue

    # Celery leaves the loggers alone where somebody listens to this.
    setup_logging.connect(lambda **_: logs.configure(settings), weak=False)
    # A line a round would be all that the log ever says.
    logging.getLogger("celery.beat").setLevel(logging.WARNING)
    for moment in (beat_init, after_task_publish):
        moment.connect(
            lambda **_: alive.tell(settings.alive_file, alive.WORDS * settings.sweep_every_s),
            weak=False,
        )
    app = tasks.celery(settings.bus_address)
    app.conf.beat_schedule = {
        "sweep": {
            "task": tasks.SWEEP,
            "schedule": settings.sweep_every_s,
            # A round that nobody took by the next one is not worth two.
            "options": {"queue": Queue.QUICK.value, "expires": settings.sweep_every_s},
        }
    }
    app.Beat(
        schedule=str(settings.data_dir / SCHEDULE_NAME), quiet=True, loglevel=settings.log_level
    ).run()
