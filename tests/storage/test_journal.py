"""A journal keeps what it said it kept, wherever a death cut it."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.storage.journal import Journal, SharedJournal, records

some_records = st.lists(st.binary(max_size=80), max_size=12)


@given(some_records, some_records, st.integers(0, 2000))
def test_a_cut_anywhere_loses_only_what_was_cut(
    before: list[bytes], after: list[bytes], cut: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lesson" / "journal"
        first = Journal(path)
        first.append(before)
        first.close()
        os.truncate(path, min(cut, path.stat().st_size))
        whole = list(records(path))
        assert whole == before[: len(whole)]
        again = Journal(path)
        again.append(after)
        again.close()
        assert list(records(path)) == whole + after


@given(some_records.filter(any), st.integers(0, 10_000))
def test_a_bit_that_fell_ends_it_there(kept: list[bytes], at: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal"
        journal = Journal(path)
        journal.append(kept)
        journal.close()
        data = bytearray(path.read_bytes())
        data[at % len(data)] ^= 0x10
        path.write_bytes(data)
        found = list(records(path))
        assert found == kept[: len(found)]
        assert len(found) < len(kept)


async def test_many_wait_for_few_writes(tmp_path: Path) -> None:
    writes: list[int] = []

    class Counted(Journal):
        def append(self, added: object) -> None:
            writes.append(len(added))  # type: ignore[arg-type]  # as the journal is given it
            super().append(added)  # type: ignore[arg-type]  # the same

    shared = SharedJournal(Counted(tmp_path / "journal"))
    sent = [b"%d" % number for number in range(200)]
    await asyncio.gather(*map(shared.append, sent))
    await shared.close()
    assert sorted(records(tmp_path / "journal")) == sorted(sent)
    assert sum(writes) == 200
    assert len(writes) < 20


async def test_a_disk_that_takes_no_more_is_told_and_nothing_is_torn(tmp_path: Path) -> None:
    """A limit on the file's size does what a full disk does: some bytes, then an error."""
    path = tmp_path / "journal"
    shared = SharedJournal(Journal(path))
    await shared.append(b"one")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 4, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            await shared.append(b"two")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    await shared.append(b"three")
    await shared.close()
    assert list(records(path)) == [b"one", b"three"]


WRITER = """
import sys
from pathlib import Path
from tongke.storage.journal import Journal
journal = Journal(Path(sys.argv[1]))
for number in range(1_000_000):
    journal.append([b"%d" % number * 50])
    print(number, flush=True)
"""


def test_what_was_acknowledged_before_a_kill_is_there(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout
    acknowledged = [int(writer.stdout.readline()) for _ in range(50)]
    writer.kill()
    writer.wait()
    found = list(records(path))
    assert len(found) > acknowledged[-1]
    assert found == [b"%d" % number * 50 for number in range(len(found))]


def test_a_closed_one_writes_into_no_other_file(tmp_path: Path) -> None:
    """By then its number may be another file's."""
    journal = Journal(tmp_path / "journal")
    journal.append([b"kept"])
    journal.close()
    with (tmp_path / "another").open("wb", buffering=0) as another:
        with pytest.raises(OSError, match="closed"):
            journal.append([b"not kept"])
        journal.close()
        another.write(b"its own")
    assert (tmp_path / "another").read_bytes() == b"its own"
    assert list(records(tmp_path / "journal")) == [b"kept"]
