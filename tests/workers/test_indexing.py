"""The index follows the outbox, and can be built anew."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.library.world import World
from tests.services.house import show
from tests.workers.shelf import Shelf
from tests.workers.shelf import shelf as shelf
from tongke import clock
from tongke.cli.doctor import storage
from tongke.cli.doctor.finding import State
from tongke.library import outbox
from tongke.library.models import Resource
from workers import indexing

# Following


async def test_what_changed_is_found_and_what_was_deleted_is_not(shelf: Shelf) -> None:
    first, second = await shelf.publish("声音的产生"), await shelf.publish("光的反射")
    assert await shelf.titles() == set()
    assert await indexing.catch_up(shelf.ground) > 0
    assert await shelf.titles() == {"声音的产生", "光的反射"}
    await shelf.rename(first, "声音的传播")
    await shelf.delete(second)
    await indexing.catch_up(shelf.ground)
    assert await shelf.titles() == {"声音的传播"}
    assert await shelf.backlog() == 0
    assert await indexing.catch_up(shelf.ground) == 0


async def test_what_cannot_be_looked_at_is_in_nobodys_search(shelf: Shelf) -> None:
    """Not even its author's, who would be shown a cover with nothing behind it."""
    number = await shelf.change(lambda world: world.make("zhou", title="损坏的录像").id)
    assert await shelf.backlog() > 0
    await indexing.catch_up(shelf.ground)
    assert await shelf.versions() == {}
    assert await indexing.mend(shelf.ground) == 0
    assert await indexing.rebuild(shelf.ground) == 0
    found = await storage.index(shelf.ground)
    assert found.state is State.OK
    await shelf.change(lambda world: show(world.session, world.session.get_one(Resource, number)))
    await indexing.catch_up(shelf.ground)
    assert (await shelf.versions()).keys() == {number}


async def test_what_an_older_version_put_into_the_index_leaves_it(shelf: Shelf) -> None:
    number = await shelf.publish("声音的产生")
    await indexing.catch_up(shelf.ground)
    unseen = update(Resource).where(Resource.id == number).values(viewable_at=None)
    await shelf.behind_its_back(unseen)
    assert await indexing.mend(shelf.ground) == 1
    await indexing.catch_up(shelf.ground)
    assert await shelf.versions() == {}


async def test_more_than_one_batch_is_taken(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "BATCH", 3)
    for number in range(8):
        await shelf.publish(f"第{number}课")
    backlog = await shelf.backlog()
    assert await indexing.catch_up(shelf.ground) == backlog
    assert len(await shelf.titles()) == 8


async def test_an_indexer_that_died_before_it_was_done_is_repeated(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shelf.publish("声音的产生")
    with monkeypatch.context() as patch, pytest.raises(ConnectionError):
        patch.setattr(outbox, "done", _die)
        await indexing.catch_up(shelf.ground)
    before = await shelf.versions()
    assert before
    assert await shelf.backlog() > 0
    await indexing.catch_up(shelf.ground)
    assert await shelf.versions() == before
    assert await shelf.backlog() == 0


def _die(_session: Session, _ids: list[int]) -> None:
    raise ConnectionError


async def test_two_indexers_at_once_end_at_the_newest(shelf: Shelf) -> None:
    numbers = [await shelf.publish(f"第{number}课") for number in range(6)]

    async def rename_all() -> None:
        for number in numbers:
            await shelf.rename(number, f"新的第{number}课")
            await indexing.catch_up(shelf.ground)

    await asyncio.gather(rename_all(), *(indexing.catch_up(shelf.ground) for _ in range(3)))
    await indexing.catch_up(shelf.ground)
    assert await shelf.titles() == {f"新的第{number}课" for number in numbers}
    assert await indexing.mend(shelf.ground) == 0


async def test_a_document_says_what_the_resource_says(shelf: Shelf) -> None:
    def publish(world: World) -> int:
        said = {"title": "声音", "grade": "8", "subject": "physics", "unit": "声现象"}
        return world.publish("zhou", ["school:1", "agreement:1"], **said).id

    number = await shelf.change(publish)
    (document,) = await shelf.ground.database.read(indexing.documents, {number: 7})
    assert (document.id, document.version, document.title) == (number, 7, "声音")
    assert (document.author, document.school) == ("zhou", "橘洲路中学")
    assert document.audience == {
        f"user:{shelf.ids['zhou']}", "school:1", "agreement:1", "admin:1",
    }  # fmt: skip
    assert "声现象" in document.text
    assert dict(document.facets) == {
        "kind": ("lesson_recording",),
        "stage": ("junior",),
        "grade": ("8",),
        "subject": ("physics",),
        "unit": ("声现象",),
        "school": ("橘洲路中学",),
        "agreement": ("1",),
        "year": (str(clock.today().year),),
    }


# Built anew


async def test_a_rebuild_has_everything_and_says_how_far_it_is(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "BATCH", 2)
    kept = [await shelf.publish(f"第{number}课") for number in range(5)]
    await shelf.delete(kept.pop())
    said: list[int] = []
    assert await indexing.rebuild(shelf.ground, said.append) == 4
    assert said == [2, 4]
    assert await shelf.titles() == {f"第{number}课" for number in range(4)}
    await indexing.catch_up(shelf.ground)
    assert await indexing.mend(shelf.ground) == 0


async def test_changes_that_come_during_a_rebuild_are_in_it(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and after the place where the rebuild stands; taken meanwhile by the indexer."""
    monkeypatch.setattr(indexing, "BATCH", 2)
    numbers = [await shelf.publish(f"第{number}课") for number in range(6)]
    await indexing.catch_up(shelf.ground)
    rebuilt = indexing._page_after
    passed: list[int] = []

    def page_after(session: Session, after: int) -> list[object]:
        passed.append(after)
        return list(rebuilt(session, after))

    async def change() -> None:
        while len(passed) < 2:
            await asyncio.sleep(0)
        await shelf.rename(numbers[0], "改过的第一课")
        await shelf.delete(numbers[1])
        await shelf.rename(numbers[5], "改过的末课")
        await shelf.publish("新课")
        await indexing.catch_up(shelf.ground)

    monkeypatch.setattr(indexing, "_page_after", page_after)
    await asyncio.gather(indexing.rebuild(shelf.ground), change())
    await indexing.catch_up(shelf.ground)
    assert await shelf.titles() == {
        "改过的第一课", "第2课", "第3课", "第4课", "改过的末课", "新课",
    }  # fmt: skip
    assert await indexing.mend(shelf.ground) == 0
