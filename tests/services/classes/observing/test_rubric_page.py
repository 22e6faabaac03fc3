"""Setting a rubric: a school's own goes before its bureau's, and a form that is open keeps what was
given to what it asked."""

from __future__ import annotations

import re

from tests.services.classes.observing.test_observe import keep, opened, page, sent
from tests.services.house import House


async def rubric(house: House, who: str, name: str, items: str) -> int:
    answer = await house.ask(who, "POST", "/rubric", data={"name": name, "items": items})
    return answer.status


async def test_a_school_sets_its_rubric_and_a_bureau_that_of_the_rest(
    house: House, running: int
) -> None:
    path = f"/classes/{running}/observe"
    assert await rubric(house, "province", "全省", "同步：各室一致") == 303
    assert "各室一致" in (await page(house, "county", path))[1]
    assert await rubric(house, "head", "本校", "板书\n提问：有层次") == 303
    _, text = await page(house, "county", path)
    assert "有层次" in text
    assert "各室一致" not in text
    for name in ("zhou", "operator", "xiang"):
        assert (await page(house, name, "/rubric"))[0] == 403, name
        assert await rubric(house, name, "x", "y") == 403, name
    assert await rubric(house, "head", "", "板书") == 422
    assert await rubric(house, "head", "本校", "板书\n板书") == 422


async def test_a_rubric_of_ones_own_is_given_up_for_the_one_above(
    house: House, running: int
) -> None:
    path, word = f"/classes/{running}/observe", "不用自己的，改用上级的"
    await rubric(house, "province", "全省", "同步：各室一致")
    assert word not in (await page(house, "head", "/rubric"))[1], "there is none to give up"
    await rubric(house, "head", "本校", "板书")
    assert word in (await page(house, "head", "/rubric"))[1]
    for name in ("zhou", "operator"):
        answer = await house.ask(name, "POST", "/rubric", data={"action": "give-up"})
        assert answer.status == 403, name
    assert "各室一致" not in (await page(house, "county", path))[1]
    answer = await house.ask("head", "POST", "/rubric", data={"action": "give-up"})
    assert answer.status == 303
    assert "各室一致" in (await page(house, "county", path))[1]
    _, text = await page(house, "head", "/rubric")
    assert word not in text and "各室一致" in text


async def test_a_form_that_was_begun_keeps_its_rubric(house: House, running: int) -> None:
    path = f"/classes/{running}/observe"
    await keep(house, running, "county", **{"star-0": "3"})
    await rubric(house, "head", "本校", "板书")
    assert "教学目标" in (await page(house, "county", path))[1]
    assert "教学目标" not in (await page(house, "xiang", path))[1]


async def test_stars_stay_with_what_they_were_given_to_where_the_rubric_is_another_now(
    house: House, running: int
) -> None:
    """The form was open, and nothing of it kept."""
    path = f"/classes/{running}/observe"
    await rubric(house, "head", "本校", "板书\n提问\n作业")
    form = {**await opened(house, running, "county"), "action": "send", "advice": "多等三秒"}
    form |= {"star-0": "2", "star-1": "5", "star-2": "4"}
    await rubric(house, "head", "本校", "提问\n板书：工整\n评价")
    answer = await house.ask("county", "POST", path, data=form)
    text = await answer.text()
    assert answer.status == 409
    assert "评课量表刚改过" in text and "多等三秒" in text
    checked = re.findall(r'name="star-(\d)" value="(\d)" checked', text)
    assert checked == [("0", "5"), ("1", "2")]
    again = {**await opened(house, running, "county"), "action": "keep", "star-2": "3"}
    assert (await house.ask("county", "POST", path, data=again)).status == 303


async def test_a_rubric_that_only_explains_more_disturbs_nobody(house: House, running: int) -> None:
    await rubric(house, "head", "本校", "板书")
    form = {**await opened(house, running, "county"), "action": "keep", "star-0": "2"}
    await rubric(house, "head", "本校", "板书：工整")
    answer = await house.ask("county", "POST", f"/classes/{running}/observe", data=form)
    assert answer.status == 303


async def test_a_form_is_headed_by_the_name_of_its_rubric_as_it_was(
    house: House, running: int
) -> None:
    path = f"/classes/{running}/observe"

    def heading(text: str, tag: str) -> str:
        return re.findall(rf"<{tag}>(.*?)</{tag}>", text)[0]

    assert heading((await page(house, "county", path))[1], "h1") == "听课评课表"
    await rubric(house, "head", "青年教师汇报课评价表", "板书\n提问")
    assert heading((await page(house, "county", path))[1], "h1") == "青年教师汇报课评价表"
    number = await sent(house, running, "county")
    draft = {**await opened(house, running, "xiang"), "action": "keep", "star-0": "3"}
    await house.ask("xiang", "POST", path, data=draft)
    await rubric(house, "head", "常态课评价表", "板书\n提问")
    for name in ("county", "zhou"):
        _, text = await page(house, name, f"/observations/{number}")
        assert heading(text, "h2") == "青年教师汇报课评价表", name
    assert heading((await page(house, "xiang", path))[1], "h1") == "青年教师汇报课评价表"
    assert heading((await page(house, "province", path))[1], "h1") == "常态课评价表"
