"""Figures of every queue and part, of room and of the last backup."""

from __future__ import annotations

import asyncio
import math
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from pytest_aiohttp.plugin import AiohttpClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.admin import metrics
from services.admin.metrics import FREE
from services.app import create_app
from tests.deploy.compose import ROOT
from tests.services.house import House, populate
from tests.waiting import LIMIT_S
from tongke import bootstrap, clock, heartbeats
from tongke.archive import last
from tongke.bootstrap import Ground
from tongke.library import jobs
from tongke.library.models import Job
from tongke.library.vocabulary import Queue
from tongke.people.models import Account
from tongke.settings import Settings
from tongke.storage.bus import embedded
from workers import heartbeat, sweep

Figures = dict[tuple[str, str], float]


@pytest.fixture
async def house(ground: Ground, aiohttp_client: AiohttpClient) -> House:
    ids, tokens = await ground.database.write(populate)
    return House(ground, await aiohttp_client(create_app(ground)), ids, tokens)


async def figures(house: House) -> Figures:
    """By name and the value of the one label that matters here."""
    response = await house.ask("", "GET", "/metrics")
    assert response.status == 200
    return {
        (sample.name, "/".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(await response.text())
        for sample in family.samples
    }


async def test_a_job_is_counted_in_the_queue_of_its_next_step(house: House) -> None:
    number = await house.publish("zhou", ["school:1"])
    found = await figures(house)
    assert found["tongke_queue_jobs", "quick/queued"] == 1
    assert found["tongke_queue_oldest_seconds", "quick"] >= 0
    assert found["tongke_queue_jobs", "ladder/queued"] == 0

    def take(session: Session) -> None:
        job = session.scalars(select(Job).where(Job.resource_id == number)).one()
        assert jobs.claim(session, job.id, Queue.QUICK, lease_s=60)

    await house.ground.database.write(take)
    found = await figures(house)
    assert found["tongke_queue_jobs", "quick/queued"] == 0
    assert found["tongke_queue_jobs", "quick/running"] == 1


async def test_every_part_says_whether_it_answers(house: House) -> None:
    found = await figures(house)
    for part in ("database", "objects", "search", "bus"):
        assert found["tongke_part_up", part] == 1
        assert found["tongke_part_seconds", part] < 3


async def test_the_others_are_told_of_while_one_is_away(
    settings: Settings, ground: Ground, aiohttp_client: AiohttpClient
) -> None:
    alone = bootstrap.build(settings.model_copy(update={"bus_url": "unix:///nowhere.sock"}))
    house = House(alone, await aiohttp_client(create_app(alone)))
    found = await figures(house)
    assert found["tongke_part_up", "bus"] == 0
    assert found["tongke_part_up", "database"] == 1
    assert found["tongke_outbox_entries", ""] == 0
    await alone.close()


@pytest.mark.parametrize("part", ["database", "objects", "bus"])
async def test_a_part_that_goes_away_while_it_is_asked_takes_nobodys_figures(
    house: House, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """Between the question whether it answers and that for its figures."""

    def gone(*_asked: object) -> NoReturn:
        raise ConnectionError

    measuring, name = {
        "database": (metrics, "_gauge"),
        "objects": (last, "age_s"),
        "bus": (heartbeats, "since_swept_s"),
    }[part]
    monkeypatch.setattr(measuring, name, gone)
    found = await figures(house)
    # The store itself answered: it is the backup in it that was not found.
    assert found["tongke_part_up", part] == (part == "objects")
    for other in {"database", "objects", "bus"} - {part}:
        assert found["tongke_part_up", other] == 1
    assert found["tongke_work_free_bytes", "web"] > 0


async def test_a_worker_is_heard_by_its_queues(
    settings: Settings, ground: Ground, aiohttp_client: AiohttpClient
) -> None:
    """On a bus of its own: others' workers are heard on the one that all tests share."""
    with (
        tempfile.TemporaryDirectory(prefix="tk") as folder,
        embedded.running(embedded.find_server(None), Path(folder)) as url,
    ):
        here = settings.model_copy(update={"bus_url": url})
        alone = bootstrap.build(here)
        house = House(alone, await aiohttp_client(create_app(alone)))
        silences = await heartbeats.silences_s(alone.bus)
        assert set(silences.values()) == {math.inf}
        heartbeat.begin(here, (Queue.DOCUMENTS, Queue.INDEX))
        async with asyncio.timeout(LIMIT_S):
            while (found := await figures(house))["tongke_worker_silence_seconds", "index"] > 60:
                pass
        assert found["tongke_worker_silence_seconds", "documents"] < math.inf
        assert found["tongke_worker_silence_seconds", "ladder"] == math.inf
        assert found["tongke_work_free_bytes", "index"] > 0
        assert math.isnan(found["tongke_work_free_bytes", "ladder"])
        await alone.close()


async def test_prometheus_is_told_with_its_token_also_while_the_database_is_away(
    settings: Settings, aiohttp_client: AiohttpClient
) -> None:
    away = "postgresql://nobody:nothing@127.0.0.1:1/nowhere"
    token = "k3-of-prometheus-and-of-nothing-else"
    here = settings.model_copy(update={"database_url": away, "metrics_token": SecretStr(token)})
    alone = bootstrap.build(here)
    client = await aiohttp_client(create_app(alone))

    async def ask(path: str, sent: str) -> int:
        # By way of a proxy: whoever is on this machine needs no token.
        headers = {"Authorization": f"Bearer {sent}", "Via": "1.1 proxy"}
        async with client.get(path, headers=headers) as answer:
            if answer.status == 200:
                assert 'tongke_part_up{part="database"} 0.0' in await answer.text()
            return answer.status

    assert await ask("/metrics", token) == 200
    for wrong in (token[:-1], token + "x", "", "令牌"):
        assert await ask("/metrics", wrong) in {404, 503}
    await alone.close()


async def test_the_token_of_prometheus_opens_nothing_else(
    settings: Settings, aiohttp_client: AiohttpClient
) -> None:
    """Whatever is asked with it, it is as if somebody had made it up."""
    token = "k3-of-prometheus-and-of-nothing-else"
    alone = bootstrap.build(settings.model_copy(update={"metrics_token": SecretStr(token)}))
    app = create_app(alone)
    client = await aiohttp_client(app)

    async def ask(method: str, path: str, sent: str) -> int:
        headers = {"Authorization": f"Bearer {sent}", "Via": "1.1 proxy"}
        async with client.request(method, path, headers=headers, allow_redirects=False) as answer:
            return answer.status

    assert await ask("GET", "/metrics", token) == 200
    assert await ask("GET", "/metrics", token.upper()) == 404
    assert await ask("GET", "/api/v1/me", token) == 401
    for route in app.router.routes():
        assert route.resource is not None
        path = re.sub(r"\{\w+\}", "1", route.resource.canonical)
        if path != "/metrics":
            found = await ask(route.method, path, token)
            assert found == await ask(route.method, path, "made-up"), (route.method, path)
    await alone.close()


async def test_without_a_token_in_the_settings_an_empty_one_opens_nothing(house: House) -> None:
    for kept in (None, SecretStr("")):
        house.ground.settings.metrics_token = kept
        headers = {"Authorization": "Bearer ", "Via": "1.1 proxy"}
        assert (await house.ask("", "GET", "/metrics", headers=headers)).status == 404


def test_what_nobody_has_told_yet_is_not_nought() -> None:
    """As a process that began while a part was away would say it, for instance."""
    script = "from services.admin import metrics as m; print(m.generate_latest().decode())"
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    gauges = {
        sample.name: sample.value
        for family in text_string_to_metric_families(told)
        if family.type == "gauge" and family.name.startswith("tongke_")
        for sample in family.samples
        if not sample.name.endswith("_created")
    }
    assert {
        "tongke_objects_free_bytes",
        "tongke_sweep_age_seconds",
        "tongke_backup_age_seconds",
    } <= gauges.keys()
    # A process counts its own small pictures, and has begun none.
    assert gauges.pop("tongke_live_small_pictures") == 0
    assert all(map(math.isnan, gauges.values())), gauges


async def test_where_nobody_knows_the_space_left_none_is_told(
    settings: Settings,
    ground: Ground,
    aiohttp_client: AiohttpClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As of an S3 store; a zero would be an alarm for ever."""

    async def unknown() -> None:
        return None

    FREE.set(1)
    monkeypatch.setattr(ground.objects, "free_bytes", unknown)
    house = House(ground, await aiohttp_client(create_app(ground)))
    assert math.isnan((await figures(house))["tongke_objects_free_bytes", ""])


async def test_a_round_of_the_sweeper_is_told(house: House) -> None:
    await sweep.sweep(house.ground)
    assert (await figures(house))["tongke_sweep_age_seconds", ""] < 60


async def test_the_age_of_the_last_backup_is_told(house: House) -> None:
    """Without one, what could be lost is everything since the first account."""
    first = clock.now() - timedelta(days=3)
    await house.ground.database.write(lambda session: _made_at(session, first))
    age = "tongke_backup_age_seconds", ""
    assert (await figures(house))[age] == pytest.approx(3 * 86_400, abs=60)
    await last.note(house.ground.objects, clock.now() - timedelta(hours=5))
    assert (await figures(house))[age] == pytest.approx(5 * 3600, abs=60)


def _made_at(session: Session, at: datetime) -> None:
    session.execute(update(Account).values(created_at=at))


async def test_where_nobody_works_yet_nothing_can_be_lost(
    ground: Ground, aiohttp_client: AiohttpClient
) -> None:
    house = House(ground, await aiohttp_client(create_app(ground)))
    assert (await figures(house))["tongke_backup_age_seconds", ""] == 0


async def test_the_room_for_scratch_is_told_of_the_web_and_of_each_queue(house: House) -> None:
    room = 5 * 2**30
    await heartbeats.beat(house.ground.bus, [Queue.LADDER], room)
    found = await figures(house)
    assert found["tongke_work_free_bytes", "ladder"] == room
    assert found["tongke_work_free_bytes", "web"] > 0
    shutil.rmtree(house.ground.settings.work_dir)
    assert math.isnan((await figures(house))["tongke_work_free_bytes", "web"])
