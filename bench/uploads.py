"""A hundred uploads at once into the real store: all whole, memory flat.

`python -m bench.uploads [--files 100] [--mebibytes 16] [--json]`

A hundred clients begin at the same moment, each with a file of its own, by tus through nginx to two
web nodes and into SeaweedFS. The memory of both nodes is looked at ten times a second: before, at
most, and after. Then every file is read back from the store and compared by SHA-256. Workers are
stopped, so that nobody else reads or writes.

It is done twice: what the first hundred leave behind in a process (the allocator's, and the store's
client's) is there once; memory that grew with uploads would grow again. Ends with 1 where a file is
not whole, or memory did.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import psutil
from sqlalchemy.orm import Session

from bench.city import City, city, send, uploading
from tests.services.house import populate
from tests.topology import account
from tests.topology.stack import WEB
from tongke import bootstrap

MIB = 2**20
# Of what a browser sends in one request (64 MiB), less than which a file is one request.
PATCH_BYTES = 64 * MIB
LOOK_EVERY_S = 0.1
ROUNDS = 2
# What a node's memory may grow by over the last round: flat, but for what the allocator takes and
# gives back. A node passes on 840 MB in it.
MOST_GROWN_MB = 64.0
BLOCK = os.urandom(MIB)


def blocks(number: int, mebibytes: int) -> Iterator[bytes]:
    """The file of this number: like no other, and not in step with the store's parts."""
    yield number.to_bytes(4)
    for index in range(mebibytes):
        at = (number * 7919 + index * 104_729) % len(BLOCK)
        yield BLOCK[at:]
        yield BLOCK[:at]


async def sent(number: int, mebibytes: int) -> AsyncIterator[bytes]:
    for block in blocks(number, mebibytes):
        yield block


def digest(number: int, mebibytes: int) -> str:
    found = hashlib.sha256()
    for block in blocks(number, mebibytes):
        found.update(block)
    return found.hexdigest()


async def upload(client: aiohttp.ClientSession, number: int, mebibytes: int) -> int:
    """Send one file; the resource it was acknowledged as. A refusal is an error."""
    size = 4 + mebibytes * MIB
    assert size <= PATCH_BYTES
    return await send(client, f"一节课{number}.bin", size, sent(number, mebibytes))


async def most_memory(processes: list[psutil.Process], ended: asyncio.Event) -> list[int]:
    """Resident bytes of each, at most, until the end."""
    most = [process.memory_info().rss for process in processes]
    while not ended.is_set():
        now = [process.memory_info().rss for process in processes]
        most = list(map(max, most, now))
        await asyncio.sleep(LOOK_EVERY_S)
    return most


async def round_of(town: City, token: str, numbers: range, mebibytes: int) -> dict[str, Any]:
    """All of these at once; what was seen."""
    nodes = [psutil.Process(town.topology.nodes[name].pid) for name in WEB]
    before = [process.memory_info().rss for process in nodes]
    ended = asyncio.Event()
    watched = asyncio.create_task(most_memory(nodes, ended))
    began = time.perf_counter()
    async with uploading(town.topology.url, token) as client:
        made = await asyncio.gather(*(upload(client, number, mebibytes) for number in numbers))
    seconds = time.perf_counter() - began
    ended.set()
    most = await watched
    wanted = {
        resource: digest(number, mebibytes) for resource, number in zip(made, numbers, strict=True)
    }
    ground = bootstrap.build(town.topology.settings("bench"))
    try:
        found = await account.originals(ground)
    finally:
        await ground.close()
    return {
        "uploads": len(numbers),
        "whole": sum(found.get(resource) == sha256 for resource, sha256 in wanted.items()),
        "seconds": round(seconds, 1),
        "mib_s": round(len(numbers) * mebibytes / seconds, 1),
        "memory_mb": {
            name: {
                "before": round(before[at] / 1e6, 1),
                "most": round(most[at] / 1e6, 1),
                "after": round(nodes[at].memory_info().rss / 1e6, 1),
            }
            for at, name in enumerate(WEB)
        },
    }


def missed(turns: list[dict[str, Any]]) -> list[str]:
    """What misses its bar."""
    broken = [
        f"{turn['uploads'] - turn['whole']} files are not whole"
        for turn in turns
        if turn["whole"] < turn["uploads"]
    ]
    grown = [
        f"{name} grew by {mb['after'] - mb['before']:.0f} MB"
        for name, mb in turns[-1]["memory_mb"].items()
        if mb["after"] - mb["before"] > MOST_GROWN_MB
    ]
    return broken + grown


def inhabit(session: Session) -> str:
    return populate(session)[1]["zhou"]


def measure(files: int, mebibytes: int) -> list[dict[str, Any]]:
    with city(inhabit) as (town, token):
        town.stop_workers()
        turns = [range(turn * files, (turn + 1) * files) for turn in range(ROUNDS)]
        return [asyncio.run(round_of(town, token, turn, mebibytes)) for turn in turns]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--mebibytes", type=int, default=16)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = measure(chosen.files, chosen.mebibytes)
    if chosen.json:
        print(json.dumps(found, indent=2))
    else:
        for turn in found:
            memory = "; ".join(
                f"{name} {mb['before']} -> at most {mb['most']} -> {mb['after']}"
                for name, mb in turn["memory_mb"].items()
            )
            print(
                f"{turn['uploads']} uploads of {chosen.mebibytes} MiB at once:"
                f" {turn['whole']} whole, {turn['seconds']} s, {turn['mib_s']} MiB/s;"
                f" memory, MB: {memory}"
            )
    below = missed(found)
    if below:
        print(f"misses its bar: {'; '.join(below)}", file=sys.stderr)
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
