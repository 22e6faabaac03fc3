"""A recording appliance through a real nginx: it is passed on, and known by its own address."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY

from services.app import behind_proxies, create_app
from tests.deploy.conftest import Serve
from tests.live.rtmp.test_dialogue import GREETING, commanded
from tests.servers import nginx as nginx_server
from tests.servers.ports import free_port
from tests.servers.process import Missing, or_skip, short_folder
from tests.waiting import LIMIT_S
from tongke.bootstrap import Ground


@pytest.fixture
async def door(ground: Ground, serve: Serve) -> AsyncIterator[int]:
    """Where nginx takes appliances, before a web process that trusts it."""
    ground.settings.rtmp_port = free_port()
    ground.settings.trusted_proxies = ["127.0.0.0/8"]
    folder = short_folder("nginx-rtmp")
    upstream = (f"127.0.0.1:{free_port()}",)
    try:
        running = nginx_server.start(folder, upstream, rtmp_port=ground.settings.rtmp_port)
    except Missing as missing:
        or_skip(missing)
    app = create_app(ground)
    await behind_proxies(app, ground.settings.trusted_proxies)
    with running.server:
        await serve(app)
        yield running.rtmp_port
    shutil.rmtree(folder)


async def test_a_wrong_key_is_refused_in_the_words_of_the_service(door: int) -> None:
    before = REGISTRY.get_sample_value("tongke_rtmp_pushes_total", {"outcome": "wrong-stream-key"})
    reader, writer = await asyncio.open_connection("127.0.0.1", door)
    writer.write(GREETING + commanded("connect", 1.0, {"app": "live"}))
    writer.write(commanded("publish", 2.0, None, "sk_guess", "live"))
    answer = await asyncio.wait_for(reader.read(), LIMIT_S)
    writer.close()
    assert b"wrong-stream-key" in answer
    after = REGISTRY.get_sample_value("tongke_rtmp_pushes_total", {"outcome": "wrong-stream-key"})
    assert after == (before or 0.0) + 1


async def test_one_that_knows_no_proxy_is_not_let_in_past_it(door: int, ground: Ground) -> None:
    """Its address would be taken for that of a school."""
    reader, writer = await asyncio.open_connection("127.0.0.1", ground.settings.rtmp_port)
    writer.write(GREETING)
    assert await asyncio.wait_for(reader.read(), LIMIT_S) == b""
    writer.close()
