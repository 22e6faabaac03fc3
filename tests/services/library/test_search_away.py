"""The library while the index is away: what is newest, for those who may see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from search import elastic_circuit, elastic_client
from search.elastic import ElasticIndex
from services.app import create_app
from tests.servers.ports import free_port
from tests.services.house import AGREEMENT, House
from tests.waiting import LIMIT_S

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
    house: House, aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does anybody ask it after some have asked in vain."""
    monkeypatch.setattr(elastic_client, "SEARCH_LIMIT_S", 0.2)
    monkeypatch.setattr(elastic_circuit, "OPEN_S", 3600.0)
    asked: list[asyncio.StreamWriter] = []

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(writer)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    index = ElasticIndex(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "silent")
    client = await aiohttp_client(create_app(replace(house.ground, index=index)))
    mute = replace(house, client=client)

    async def told() -> None:
        answer = await mute.ask("long", "GET", "/library")
        assert NOTE in await answer.text()

    async with asyncio.timeout(LIMIT_S):
        await asyncio.gather(*(told() for _ in range(elastic_circuit.FAILURES)))
        assert asked
        asked.clear()
        await told()
    assert not asked
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
