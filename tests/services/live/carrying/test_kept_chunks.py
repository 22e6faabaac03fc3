"""What cannot be written is not said to be there, and is written when it can be."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.live.carrying import kept_chunks
from services.live.carrying.kept_chunks import EARLIER, KeptChunks
from tests.waiting import LIMIT_S, until_true
from tongke.live.wire import Chunk, ChunkTrack, configuration
from tongke.storage.journal import Journal, records

SAID = '{"stream":3,"sound":{"codec":"opus","channels":2}}'


BEGAN_US = 1_000_000_000


async def has_space() -> bool:
    return True


async def opened(folder: Path) -> KeptChunks:
    return await KeptChunks.open(folder / "journal", has_space, began_us=BEGAN_US)


def chunk_of(number: int, at_us: int = BEGAN_US) -> Chunk:
    return Chunk(ChunkTrack.SOUND, 3, number, at_us, 20_000, b"x")


class Disk:
    """Fails for as long as it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fails, self.refusals = True, 0
        append = Journal.append

        def appended(journal: Journal, added: Sequence[bytes]) -> None:
            if self.fails:
                self.refusals += 1
                raise OSError(errno.EROFS, "a disk that fails")
            append(journal, added)

        monkeypatch.setattr(Journal, "append", appended)


async def test_a_configuration_that_could_not_be_written_comes_before_the_next_chunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chunk that is acknowledged is sent no more, and nothing can be made of it without."""
    append, failed = Journal.append, list[bytes]()

    def once_not(journal: Journal, added: Sequence[bytes]) -> None:
        if not failed:
            failed.extend(added)
            raise OSError(errno.EIO, "a disk that fails")
        append(journal, added)

    monkeypatch.setattr(Journal, "append", once_not)
    kept = await opened(tmp_path)
    kept.configure(configuration(SAID), SAID)
    assert kept.last_stream == -1, "not yet: a publisher would leave it out"
    await until_true(lambda: failed and not kept._writing, what="it could not be written")
    assert kept.last_stream == -1
    chunk = chunk_of(1)
    kept.keep(chunk, chunk.encode())
    await until_true(lambda: kept.durable.up_to == 1, what="the chunk is written")
    assert kept.last_stream == 3
    await kept.close()
    assert list(records(tmp_path / "journal")) == [SAID.encode(), chunk.encode()]


async def test_what_a_disk_that_fails_has_left_out_is_not_asked_for_until_it_takes_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time that it is asked for is a break of the lesson. Nothing more need come meanwhile."""
    monkeypatch.setattr(kept_chunks, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(kept_chunks, "CALM_S", 0.1)
    disk, kept = Disk(monkeypatch), await opened(tmp_path)
    again = asyncio.create_task(kept.until_kept_again())
    await asyncio.sleep(0)
    kept.configure(configuration(SAID), SAID)
    kept.keep(chunk_of(1), chunk_of(1).encode())
    await until_true(lambda: disk.refusals > 5, what="it is tried again and again")
    assert not again.done()
    disk.fails = False
    await asyncio.wait_for(again, LIMIT_S)
    await kept.close()
    assert sorted(records(tmp_path / "journal")) == sorted([SAID.encode(), chunk_of(1).encode()])


async def test_of_a_disk_that_fails_now_and_then_it_is_waited_for_that_it_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_chunks, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(kept_chunks, "CALM_S", 3600.0)
    disk, kept = Disk(monkeypatch), await opened(tmp_path)
    looked = counting(kept, monkeypatch)
    again = asyncio.create_task(kept.until_kept_again())
    await asyncio.sleep(0)
    kept.keep(chunk_of(1), chunk_of(1).encode())
    await until_true(lambda: disk.refusals > 0)
    disk.fails = False
    kept.keep(chunk_of(2), chunk_of(2).encode())
    await until_true(lambda: 2 in kept.durable)
    before = len(looked)
    await until_true(lambda: len(looked) > before + 3)
    assert not again.done()
    monkeypatch.setattr(kept_chunks, "CALM_S", 0.0)
    await asyncio.wait_for(again, LIMIT_S)
    await kept.close()


def counting(kept: KeptChunks, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What is found each time that it is looked."""
    looked, look = list[bool](), kept._can_keep_again

    async def looking() -> bool:
        looked.append(await look())
        return looked[-1]

    monkeypatch.setattr(kept, "_can_keep_again", looking)
    return looked


async def test_what_an_earlier_class_of_its_number_left_is_put_aside(tmp_path: Path) -> None:
    """A restored database gives numbers again: they would count as what this class has sent, and
    its publishers would be told that their chunks are durable."""
    earlier = [SAID.encode(), *(chunk_of(n, BEGAN_US - n).encode() for n in range(1, 50))]
    write(tmp_path, earlier)
    kept = await opened(tmp_path)
    assert (kept.durable.highest, kept.last_stream, kept.taken) == (0, -1, 0)
    kept.keep(chunk_of(1), chunk_of(1).encode())
    await kept.close()
    assert list(records(tmp_path / "journal")) == [chunk_of(1).encode()]
    assert list(records(tmp_path / EARLIER)) == earlier


@pytest.mark.parametrize("at_us", [(BEGAN_US - 1, BEGAN_US), ()], ids=["chunks", "none yet"])
async def test_what_the_class_itself_has_is_gone_on_with(
    tmp_path: Path, at_us: tuple[int, ...]
) -> None:
    """A browser begins to film before the class does."""
    found = [chunk_of(n, at) for n, at in enumerate(at_us, 1)]
    write(tmp_path, [SAID.encode(), *(chunk.encode() for chunk in found)])
    kept = await opened(tmp_path)
    assert (kept.durable.up_to, kept.last_stream) == (len(found), 3)
    assert kept.taken > 0
    await kept.close()
    assert not (tmp_path / EARLIER).exists()


def write(folder: Path, added: Sequence[bytes]) -> None:
    journal = Journal(folder / "journal")
    journal.append(added)
    journal.close()
