"""The library page calls the order of its list what it is."""

from __future__ import annotations

from tests.services.house import House


async def test_what_is_not_searched_for_words_is_the_newest_first(house: House) -> None:
    await house.publish("zhou", ["school:1"], title="方程")
    browsed = await (await house.ask("zhou", "GET", "/library?sort=relevance")).text()
    assert '<span class="visually-hidden">排序：</span>最新' in browsed
    assert "最相关" not in browsed
    searched = await (await house.ask("zhou", "GET", "/library?q=方程")).text()
    assert '<span class="visually-hidden">排序：</span>最相关' in searched


async def test_what_was_found_by_its_sound_is_called_so(house: House) -> None:
    await house.publish("zhou", ["school:1"], title="有理数的加法")
    heard = await (await house.ask("zhou", "GET", "/library?q=younishu")).text()
    assert "读音对得上的" in heard
    assert "只含其中一部分词的" not in heard
