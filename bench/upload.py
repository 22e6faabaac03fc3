"""Uploading: memory of the web process, and throughput against a bare handler.

`python -m bench.upload [--gigabytes 4] [--rounds 3] [--json]`

One large file goes by tus into the real web process while its memory is watched. Then, in turn and
several times, the same bytes go to it and to a bare aiohttp handler in a process of its own that
writes and fsyncs alike; the ratio is of their medians, in one run on one disk.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import psutil
from aiohttp import web

from bench.service import Running, service
from tongke.storage.objects.disk import SYNC_EVERY_BYTES

MIB = 2**20
GIB = 2**30
# What a browser's client sends in one request.
PATCH_BYTES = 64 * MIB
ROUND_BYTES = 512 * MIB
BLOCK = os.urandom(MIB)


async def blocks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // len(BLOCK)):
        yield BLOCK


async def upload(client: aiohttp.ClientSession, size: int) -> float:
    """Send `size` bytes by tus in PATCHes as a browser does; seconds."""
    title = base64.b64encode("一节很长的课.bin".encode()).decode()
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size)}
    headers["Upload-Metadata"] = f"filename {title}"
    async with client.post("/api/v1/uploads", headers=headers) as response:
        response.raise_for_status()
        location = response.headers["Location"]
    started = time.perf_counter()
    for offset in range(0, size, PATCH_BYTES):
        part = min(PATCH_BYTES, size - offset)
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(part),
        }
        async with client.patch(location, data=blocks(part), headers=headers) as response:
            response.raise_for_status()
    return time.perf_counter() - started


async def bare_upload(client: aiohttp.ClientSession, size: int) -> float:
    """The same bytes in the same requests to the bare handler; seconds."""
    started = time.perf_counter()
    for offset in range(0, size, PATCH_BYTES):
        part = min(PATCH_BYTES, size - offset)
        headers = {"Content-Length": str(part), "Upload-Offset": str(offset)}
        async with client.patch("/", data=blocks(part), headers=headers) as response:
            response.raise_for_status()
    return time.perf_counter() - started


async def peak_memory(process: psutil.Process, stop: asyncio.Event) -> tuple[int, int]:
    """Resident bytes at the beginning and at most, until told to stop."""
    first = most = process.memory_info().rss
    while not stop.is_set():
        most = max(most, process.memory_info().rss)
        await asyncio.sleep(0.1)
    return first, most


async def large_file(running: Running, size: int) -> dict[str, float]:
    stop = asyncio.Event()
    watched = asyncio.create_task(peak_memory(running.process("--only", "web"), stop))
    async with running.client() as client:
        seconds = await upload(client, size)
    stop.set()
    first, most = await watched
    return {
        "gigabytes": size / GIB,
        "seconds": round(seconds, 1),
        "memory_before_mb": round(first / 1e6, 1),
        "memory_most_mb": round(most / 1e6, 1),
    }


async def against_bare(running: Running, rounds: int) -> dict[str, float]:
    ours, bare = [], []
    with tempfile.TemporaryDirectory(dir=running.settings.data_dir) as folder:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.upload", "--bare", folder, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        patient = aiohttp.ClientTimeout(total=None)
        async with (
            running.client() as client,
            aiohttp.ClientSession(f"http://127.0.0.1:{port}", timeout=patient) as other,
        ):
            for _ in range(rounds):
                ours.append(ROUND_BYTES / MIB / await upload(client, ROUND_BYTES))
                bare.append(ROUND_BYTES / MIB / await bare_upload(other, ROUND_BYTES))
        process.terminate()
        await process.wait()
    return {
        "ours_mib_s": round(statistics.median(ours), 1),
        "bare_mib_s": round(statistics.median(bare), 1),
        "ratio": round(statistics.median(ours) / statistics.median(bare), 2),
    }


def serve_bare(folder: str) -> None:
    """The bare handler: writes what comes to a file, fsyncs as often as we do, answers."""
    path = Path(folder) / "bare"

    async def take(request: web.Request) -> web.Response:
        mode = "wb" if request.headers["Upload-Offset"] == "0" else "ab"
        with path.open(mode) as file:
            unsynced = 0
            async for chunk in request.content.iter_any():
                file.write(chunk)
                unsynced += len(chunk)
                if unsynced >= SYNC_EVERY_BYTES:
                    file.flush()
                    os.fsync(file.fileno())
                    unsynced = 0
            file.flush()
            os.fsync(file.fileno())
        return web.Response(status=204)

    async def run() -> None:
        app = web.Application(client_max_size=GIB)
        app.router.add_patch("/", take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert runner.addresses
        print(runner.addresses[0][1], flush=True)
        await asyncio.Event().wait()

    import uvloop

    uvloop.run(run())


async def main(gigabytes: float, rounds: int) -> dict[str, dict[str, float]]:
    async with service(workers=False) as running:
        compared = await against_bare(running, rounds)
        large = await large_file(running, int(gigabytes * GIB))
    return {"large": large, "throughput": compared}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--bare", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.bare:
        serve_bare(arguments.bare)
    else:
        found = asyncio.run(main(arguments.gigabytes, arguments.rounds))
        if arguments.json:
            print(json.dumps(found))
        else:
            large, compared = found["large"], found["throughput"]
            print(
                f"{large['gigabytes']:g} GB upload: {large['seconds']} s, memory of the web process"
                f" {large['memory_before_mb']} -> at most {large['memory_most_mb']} MB (bar < 200)"
            )
            print(
                f"throughput {compared['ours_mib_s']} MiB/s, bare handler {compared['bare_mib_s']}"
                f" MiB/s: ratio {compared['ratio']} (bar >= 0.7)"
            )
