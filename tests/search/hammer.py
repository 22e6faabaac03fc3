"""One process of many on an index: run by test_fts.py.

`python -m tests.search.hammer <file> write <number>` puts 100 documents in, changes each, and
takes every tenth out. `read` asks until its input is closed, and fails on any inconsistency.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from search.fts import FtsIndex
from search.query import parse
from tests.conformance.search_world import EVERYONE, document


async def write(index: FtsIndex, number: int) -> None:
    ids = [number * 1000 + id for id in range(100)]
    for id in ids:
        await index.upsert([document(id, f"原文 {id}", "方程")])
    for id in ids:
        await index.upsert([document(id, f"改过 {id}", "方程", version=2)])
    await index.delete({id: 3 for id in ids if id % 10 == 0})


async def read(index: FtsIndex) -> None:
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    while not ended.done():
        page = await index.search(parse("方程"), EVERYONE, limit=100)
        browsed = await index.search(parse("原文"), EVERYONE)
        assert page.total >= len(page.hits) == min(page.total, 100)
        assert browsed.total >= len(browsed.hits)


async def main() -> None:
    path, task, number = sys.argv[1:]
    index = FtsIndex(Path(path))
    await (write(index, int(number)) if task == "write" else read(index))
    await index.close()


if __name__ == "__main__":
    asyncio.run(main())
