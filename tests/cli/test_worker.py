"""What `tongke worker` takes from its command line."""

from __future__ import annotations

import pytest

from tongke.cli.parts import WORKERS
from tongke.cli.worker import worker
from tongke.library.vocabulary import Queue


@pytest.mark.parametrize("queue", Queue)
def test_a_queue_is_named_by_its_word(queue: Queue) -> None:
    context = worker.make_context("worker", ["--queue", queue.value])
    assert context.params["chosen"] == (queue.value,)


def test_every_queue_has_its_worker() -> None:
    assert {queue for queues in WORKERS.values() for queue in queues} == set(Queue)
