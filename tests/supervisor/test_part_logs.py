"""The logs of parts stay small, and a disk that is full for a while ends nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.waiting import until_true
from tongke.supervisor import part_logs
from tongke.supervisor.part_logs import PartLogs, rotate


def test_a_large_log_is_put_aside_and_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("ab") as writer:
        for text in (b"one", b"two", b"three", b"four"):
            writer.write(text)
            writer.flush()
            assert rotate(log, most_bytes=3, kept=2)
        writer.write(b"5")
    assert not rotate(log, most_bytes=3, kept=2)
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert kept == {"web.log": b"5", "web.log.1": b"four", "web.log.2": b"three"}


async def test_a_log_that_could_not_be_put_aside_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Path] = []

    def full_disk(log: Path) -> bool:
        looks.append(log)
        raise OSError("no space left on device")

    monkeypatch.setattr(part_logs, "rotate", full_disk)
    monkeypatch.setattr(part_logs, "LOG_LOOK_EVERY_S", 0.0)
    keeping = asyncio.create_task(PartLogs(tmp_path).keep_small(["web"]))
    await until_true(lambda: len(looks) > 1)
    keeping.cancel()
