"""What cannot be written is not said to be there, and is written when it can be."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.live.carrying.kept_chunks import KeptChunks
from tests.waiting import until_true
from tongke.live.wire import Chunk, ChunkTrack, configuration
from tongke.storage.journal import Journal, records

SAID = '{"stream":3,"sound":{"codec":"opus","channels":2}}'


async def has_space() -> bool:
    return True


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
    kept = await KeptChunks.open(tmp_path / "journal", has_space)
    kept.configure(configuration(SAID), SAID)
    assert kept.last_stream == -1, "not yet: a publisher would leave it out"
    await until_true(lambda: failed and not kept._writing, what="it could not be written")
    assert kept.last_stream == -1
    chunk = Chunk(ChunkTrack.SOUND, 3, 1, 1, 20_000, b"x")
    kept.keep(chunk, chunk.encode())
    await until_true(lambda: kept.durable.up_to == 1, what="the chunk is written")
    assert kept.last_stream == 3
    await kept.close()
    assert list(records(tmp_path / "journal")) == [SAID.encode(), chunk.encode()]
