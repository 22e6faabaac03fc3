"""Whoever waits for a rendition is woken by it, and by what concerns all."""

from __future__ import annotations

import asyncio

from services.live.carrying.news import AT_ONCE, News


async def test_each_rendition_wakes_its_own() -> None:
    news = News(["source", "sound"])
    waiting = {name: asyncio.create_task(news.until(name)) for name in ("source", "sound")}
    await asyncio.sleep(0)
    news.tell("source")
    await waiting["source"]
    await asyncio.sleep(0)
    assert not waiting["sound"].done()
    news.tell_all()
    await waiting["sound"]


async def test_what_was_told_before_wakes_nobody() -> None:
    news = News(["source"])
    news.tell("source")
    waiting = asyncio.create_task(news.until("source"))
    await asyncio.sleep(0)
    assert not waiting.done()
    news.tell("source")
    await waiting


async def test_many_are_woken_some_at_a_time_and_all_of_them() -> None:
    """Between two of them the loop hears of other things."""
    news, order = News(["source"]), list[str]()

    async def waits() -> None:
        await news.until("source")
        order.append("woken")

    waiting = [asyncio.create_task(waits()) for _ in range(2 * AT_ONCE + 1)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    news.tell("source")
    asyncio.get_running_loop().call_soon(order.append, "something else")
    await asyncio.wait(waiting)
    assert order.count("woken") == 2 * AT_ONCE
    assert 0 < order.index("something else") < AT_ONCE
