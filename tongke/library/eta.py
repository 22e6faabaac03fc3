"""How long a job will still take, from how fast its running step goes."""

from __future__ import annotations

from datetime import datetime

from tongke import clock
from tongke.library.jobs import running_step
from tongke.library.models import Job

# Below this much of a step its speed says nothing yet.
TELLING_PERCENT = 3.0


def seconds_left(job: Job, now: datetime | None = None) -> float | None:
    """Seconds until the running step ends; None while nobody can tell."""
    step = running_step(job)
    if step is None or step.started_at is None:
        return None
    if step.percent < TELLING_PERCENT:
        return None
    spent = ((now or clock.now()) - step.started_at).total_seconds()
    return round(spent * (100.0 - step.percent) / step.percent, 1)
