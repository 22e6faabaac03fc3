"""The nginx before the service tells those who run it of itself, and nobody else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest
from aiohttp import ClientSession
from pytest_aiohttp.plugin import AiohttpClient

from services.app import create_app
from tests.deploy.front import Front
from tests.deploy.test_metrics import figures
from tests.servers import nginx as nginx_server
from tests.servers.nginx import Nginx
from tests.servers.ports import free_port
from tests.servers.process import short_folder
from tests.services.house import House
from tongke import bootstrap, clock, front
from tongke.bootstrap import Ground
from tongke.cli.certificates import issue
from tongke.cli.doctor import front as doctor
from tongke.cli.doctor.finding import State

PATIENCE_S = 5.0


def before(ground: Ground, **settings: str | None) -> Ground:
    """The same ground, told of what stands before the service."""
    return bootstrap.build(ground.settings.model_copy(update=settings))


async def test_it_says_how_busy_it_is_and_that_it_reaches_the_service(
    house: House, nginx: Front
) -> None:
    first = await front.ask(nginx.running.status_url, PATIENCE_S)
    await (await house.client.get("/sign-in")).read()
    then = await front.ask(nginx.running.status_url, PATIENCE_S)
    assert then.server.startswith("nginx/")
    assert then.reaches_web
    # The page, and what was asked of it here.
    assert then.requests > first.requests + 1
    assert then.active >= 1
    assert then.dropped == 0
    assert abs(then.clock_ahead_s) < 5


async def test_the_world_learns_nothing_of_it(
    house: House, nginx: Front, browser: ClientSession
) -> None:
    async with browser.get(front.STATUS_PATH) as response:
        assert response.status == 404
        assert response.headers["Server"] == "nginx"
        assert "Active connections" not in await response.text()
    # Nor is the service to be had where it tells.
    async with browser.get(f"{nginx.running.status_url}/library") as response:
        assert response.status == 404
        assert "nginx/" in response.headers["Server"]


async def test_the_doctor_and_the_figures_know_it(
    house: House, nginx: Front, aiohttp_client: AiohttpClient
) -> None:
    told = before(house.ground, nginx_url=nginx.running.status_url)
    found = await doctor.nginx(told)
    assert found.state is State.OK
    assert found.seen.en.startswith("nginx/")
    counted = await figures(House(told, await aiohttp_client(create_app(told))))
    assert counted["tongke_part_up", "nginx"] == 1
    assert counted["tongke_nginx_connections", ""] >= 1
    assert counted["tongke_nginx_dropped", ""] == 0
    await told.close()


async def test_one_without_a_service_behind_it_is_found(nginx: Front, ground: Ground) -> None:
    told = before(ground, nginx_url=nginx.running.status_url)
    found = await doctor.nginx(told)
    assert found.state is State.WRONG
    assert "reaches no web process" in found.seen.en
    await told.close()


async def test_one_that_is_away_is_found_and_the_figures_say_so(
    ground: Ground, aiohttp_client: AiohttpClient
) -> None:
    told = before(ground, nginx_url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(front.FrontAway):
        await doctor.nginx(told)
    counted = await figures(House(told, await aiohttp_client(create_app(told))))
    assert counted["tongke_part_up", "nginx"] == 0
    assert counted["tongke_part_up", "database"] == 1
    await told.close()


async def test_what_is_not_an_nginx_that_tells_is_said(nginx: Front, house: House) -> None:
    """The address that people type, say."""
    with pytest.raises(front.FrontAway, match="/status HTTP 404"):
        await front.ask(nginx.url, PATIENCE_S)


@pytest.fixture
def over_tls() -> Iterator[Nginx]:
    folder = short_folder("nginx-tls")
    issued = issue(folder / "tls", ["localhost"])
    web_process = (f"127.0.0.1:{free_port()}",)
    running = nginx_server.start(folder, web_process, tls=(issued.certificate, issued.key))
    with running.server:
        yield running
    shutil.rmtree(folder)


async def test_the_certificate_that_people_are_shown_is_looked_at(
    over_tls: Nginx, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = before(ground, public_url=over_tls.url, tls_cert=None)
    found = await doctor.https(told)
    assert found.state is State.OK
    assert "valid until" in found.seen.en
    later = clock.now() + timedelta(days=3650)
    monkeypatch.setattr(clock, "now", lambda: later)
    found = await doctor.https(told)
    assert found.state is State.WRONG
    assert "ended on" in found.seen.en
    await told.close()


async def test_an_address_that_cannot_be_reached_from_here_is_no_fault(ground: Ground) -> None:
    told = before(ground, public_url=f"https://127.0.0.1:{free_port()}", tls_cert=None)
    found = await doctor.https(told)
    assert found.state is State.NOTE
    await told.close()
