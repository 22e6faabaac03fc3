"""The request id goes from whoever sent a task to the work, and no further."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest
from celery.contrib.testing.worker import start_worker

from tests.waiting import until
from tongke import tasks
from tongke.bootstrap import Ground
from tongke.settings import Settings
from tongke.tracing import request_id, set_request_id
from workers import indexing
from workers.app import create_worker
from workers.runtime import Runtime


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path)


def test_a_task_works_under_the_id_that_was_sent_with_it(settings: Settings) -> None:
    seen: list[str] = []

    async def catch_up(_ground: Ground) -> None:
        seen.append(request_id())

    app = create_worker(settings)
    app.conf.update(broker_url="memory://", worker_hijack_root_logger=False)
    with (
        patch.object(indexing, "catch_up", catch_up),
        start_worker(app, pool="solo", perform_ping_check=False, logfile=None),
    ):
        for sent in ("a1b2c3d4", "", "e5f6a7b8"):
            app.send_task(tasks.INDEX, headers={"request_id": sent})
        until(lambda: len(seen) == 3)
    assert seen == ["a1b2c3d4", "", "e5f6a7b8"]


def test_what_a_task_was_working_for_is_forgotten_after_it(settings: Settings) -> None:
    runtime = Runtime(settings)

    async def take_up(_ground: Ground) -> None:
        set_request_id("a1b2c3d4")

    async def tell(_ground: Ground) -> str:
        return request_id()

    runtime.run(take_up)
    assert runtime.run(tell) == ""
    runtime.close()
