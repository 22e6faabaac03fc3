"""The index follows the outbox, and comes to agree with the database whatever became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest
from sqlalchemy import Executable, delete, text, update
from sqlalchemy.orm import Session

from search.query import parse
from tests.library.world import World
from tests.services.house import populate, show
from tongke import bootstrap, clock
from tongke.bootstrap import Ground
from tongke.cli.doctor import storage
from tongke.cli.doctor.finding import State
from tongke.library import outbox, resources
from tongke.library.models import OutboxEntry, Resource, ResourceToken
from workers import indexing

T = TypeVar("T")


@dataclass
class Shelf:
    """A library of lessons, and its index."""

    ground: Ground
    ids: dict[str, int]

    async def change(self, command: Callable[[World], T]) -> T:
        return await self.ground.database.write(lambda session: command(World(session, self.ids)))

    async def publish(self, title: str) -> int:
        return await self.change(lambda world: world.publish("zhou", ["school:1"], title=title).id)

    async def rename(self, number: int, title: str) -> None:
        def edit(world: World) -> None:
            resources.edit(world.session, world.viewer("zhou"), number, {"title": title})

        await self.change(edit)

    async def delete(self, number: int) -> None:
        await self.change(
            lambda world: resources.delete(world.session, world.viewer("zhou"), number)
        )

    async def behind_its_back(self, *statements: Executable) -> None:
        """Changes that announce nothing: a person with an SQL prompt, a backup put back."""

        def execute(session: Session) -> None:
            for statement in statements:
                session.execute(statement)

        await self.ground.database.write(execute)

    async def titles(self) -> set[str]:
        """What a teacher of the school finds."""
        page = await self.ground.index.search(parse(""), {"school:1"}, limit=100)
        return {"".join(run.text for run in hit.title) for hit in page.hits}

    async def versions(self) -> dict[int, int]:
        return {number: version async for number, version in self.ground.index.versions()}

    async def backlog(self) -> int:
        return (await self.ground.database.read(outbox.backlog))[0]


@pytest.fixture
async def shelf(ground: Ground) -> Shelf:
    ids, _ = await ground.database.write(populate)
    return Shelf(ground, ids)


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


# Mended


async def mended(shelf: Shelf) -> int:
    """How many differed; in the end nothing does."""
    found = await indexing.mend(shelf.ground)
    await indexing.catch_up(shelf.ground)
    assert await indexing.mend(shelf.ground) == 0
    return found


async def test_where_all_agrees_nothing_is_announced(shelf: Shelf) -> None:
    await shelf.publish("声音的产生")
    await indexing.catch_up(shelf.ground)
    assert await indexing.mend(shelf.ground) == 0
    assert await shelf.backlog() == 0


async def test_what_waits_in_the_outbox_is_no_difference(shelf: Shelf) -> None:
    await shelf.publish("声音的产生")
    backlog = await shelf.backlog()
    assert await indexing.mend(shelf.ground) == 0
    assert await shelf.backlog() == backlog


async def test_an_index_whose_file_was_deleted_is_filled_again(shelf: Shelf) -> None:
    await shelf.publish("声音的产生")
    await shelf.publish("光的反射")
    await indexing.catch_up(shelf.ground)
    path = shelf.ground.settings.index_path
    await shelf.ground.close()
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    shelf.ground = bootstrap.build(shelf.ground.settings)
    assert await mended(shelf) == 2
    assert await shelf.titles() == {"声音的产生", "光的反射"}
    await shelf.ground.close()


async def test_entries_that_were_lost_are_written_again(shelf: Shelf) -> None:
    number, other = await shelf.publish("旧题"), await shelf.publish("不变")
    await indexing.catch_up(shelf.ground)
    await shelf.rename(number, "新题")
    await shelf.publish("新课")
    await shelf.behind_its_back(delete(OutboxEntry))
    assert await mended(shelf) == 2
    assert await shelf.titles() == {"新题", "不变", "新课"}
    assert other in await shelf.versions()


async def test_rows_that_went_behind_its_back_are_found_no_more(shelf: Shelf) -> None:
    gone, hidden = await shelf.publish("没了"), await shelf.publish("藏了")
    await shelf.publish("还在")
    await indexing.catch_up(shelf.ground)
    await shelf.behind_its_back(
        delete(Resource).where(Resource.id == gone),
        update(Resource).where(Resource.id == hidden).values(deleted_at=clock.now()),
        delete(ResourceToken).where(ResourceToken.resource_id == hidden),
    )
    assert await mended(shelf) == 2
    assert await shelf.titles() == {"还在"}


async def test_a_database_put_back_from_an_older_copy_wins_over_a_newer_index(
    shelf: Shelf,
) -> None:
    """Its numbers begin again below those that the index has seen."""
    number, later = await shelf.publish("旧题"), await shelf.publish("后来的课")
    await shelf.rename(number, "后来的题")
    await indexing.catch_up(shelf.ground)
    await shelf.behind_its_back(
        delete(Resource).where(Resource.id == later),
        update(Resource).where(Resource.id == number).values(title="旧题", version=1),
        text(
            "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'outbox'"
            if shelf.ground.database.is_sqlite
            else "SELECT setval('outbox_id_seq', 1)"
        ),
    )
    assert await mended(shelf) == 2
    assert await shelf.titles() == {"旧题"}
