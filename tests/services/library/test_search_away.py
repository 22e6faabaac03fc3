"""The library while the index is away: what is newest, for those who may see it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from search.elastic import ElasticIndex
from search.elastic_circuit import FAILURES
from search.elastic_client import SEARCH_LIMIT_S
from services.app import create_app
from tests.servers.ports import free_port
from tests.services.house import AGREEMENT, House

NOTE = "搜索暂时用不了"


@pytest.fixture
async def away(house: House, aiohttp_client: AiohttpClient) -> AsyncIterator[House]:
    """The same house, with an Elasticsearch that nobody answers for."""
    index = ElasticIndex(f"http://127.0.0.1:{free_port()}", "away")
    client = await aiohttp_client(create_app(replace(house.ground, index=index)))
    yield replace(house, client=client)
    await index.close()


async def test_shows_the_newest_and_says_that_search_is_away(house: House, away: House) -> None:
    await house.publish("zhou", [f"agreement:{AGREEMENT}"], title="先来的课")
    await house.publish("zhou", [f"agreement:{AGREEMENT}"], title="后来的课")
    await house.publish("tang", [], title="只给自己的课")
    for address in ("/library", "/library?q=方程&subject=数学&sort=views"):
        answer = await away.ask("xiang", "GET", address)
        page = await answer.text()
        assert answer.status == 200
        assert NOTE in page
        assert page.index("后来的课") < page.index("先来的课")
        assert "只给自己的课" not in page


async def test_the_words_stay_in_their_box(away: House) -> None:
    page = await (await away.ask("long", "GET", "/library?q=有理数")).text()
    assert 'value="有理数"' in page
    assert NOTE in page


async def test_there_is_nothing_to_filter_and_nothing_to_sort(away: House) -> None:
    page = await (await away.ask("long", "GET", "/library")).text()
    assert "facets" not in page.split("<main")[1]
    assert "排序" not in page


async def test_nobody_goes_on_waiting_for_a_search_that_never_answers(
    house: House, aiohttp_client: AiohttpClient
) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    index = ElasticIndex(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "silent")
    client = await aiohttp_client(create_app(replace(house.ground, index=index)))
    mute = replace(house, client=client)
    begun = time.monotonic()
    await asyncio.gather(*(mute.ask("long", "GET", "/library") for _ in range(FAILURES)))
    assert time.monotonic() - begun < 2 * FAILURES * SEARCH_LIMIT_S
    begun = time.monotonic()
    answer = await mute.ask("long", "GET", "/library")
    took = time.monotonic() - begun
    assert NOTE in await answer.text()
    assert took < SEARCH_LIMIT_S / 2
    await index.close()
    server.close()


async def test_a_program_is_told_to_try_again(away: House) -> None:
    answer = await away.ask("long", "GET", "/api/v1/search?q=方程")
    assert answer.status == 503
    assert (await answer.json())["code"] == "index-unavailable"


async def test_a_balancer_goes_on_sending_people(away: House) -> None:
    answer = await away.ask("", "GET", "/readyz")
    assert answer.status == 200
    assert (await answer.json())["parts"]["search"] is False


async def test_a_library_that_is_searched_says_nothing_of_it(house: House) -> None:
    assert NOTE not in await (await house.ask("long", "GET", "/library")).text()
