"""The ladder as it is shipped against one ffmpeg for each rung, in processor time, same run.

`python -m bench.ladder [--seconds 60] [--rounds 1] [--json]` draws two clips and encodes the whole
ladder of each (as if the source could not be kept) in both ways, with the same rungs, settings,
loudness and sound. The bar is a ratio of at most 0.70. It also says what keeping a remuxed source
saves.

Other work on the machine only adds processor time (cold caches), never takes any away: of several
rounds the least of each piece counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import tempfile
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from pathlib import Path

from bench import clips
from tongke.media import ladder, remux, transcode
from tongke.media.ladder import Ladder
from tongke.media.probe import Probe, probe
from tongke.media.programs import Programs

BAR = 0.70


@dataclass(frozen=True)
class Figures:
    """Processor seconds (user and system, all children) for a clip of `seconds`."""

    clip: str
    seconds: int
    thin_s: float
    ladder_s: float
    one_each_s: float
    kept_s: float

    @property
    def shipped_s(self) -> float:
        return self.thin_s + self.ladder_s

    @property
    def ratio(self) -> float:
        return self.shipped_s / self.one_each_s

    def row(self) -> dict[str, float | str]:
        return {
            "clip": self.clip,
            "seconds": self.seconds,
            "thin_cpu_s": round(self.thin_s, 1),
            "ladder_cpu_s": round(self.ladder_s, 1),
            "shipped_cpu_s": round(self.shipped_s, 1),
            "one_ffmpeg_each_cpu_s": round(self.one_each_s, 1),
            "ratio": round(self.ratio, 3),
            "source_kept_cpu_s": round(self.kept_s, 1),
        }


async def measure(
    programs: Programs, clip: Path, seconds: int, rounds: int, scratch: Path
) -> Figures:
    """The least of several rounds, piece by piece."""
    measured = [await _measure(programs, clip, seconds, scratch) for _ in range(rounds)]
    pieces = ("thin_s", "ladder_s", "one_each_s", "kept_s")
    least = {piece: min(getattr(one, piece) for one in measured) for piece in pieces}
    return Figures(clip=clip.stem, seconds=seconds, **least)


async def _measure(programs: Programs, clip: Path, seconds: int, scratch: Path) -> Figures:
    found = await probe(programs, clip)
    whole = ladder.plan(found, may_remux=False)
    # A ladder as if nothing were too fat to be kept: what most lessons take.
    lean = ladder.plan(replace(found, bit_rate=clips.LESSON_BIT_RATE))
    job = Job(programs, clip, found, scratch)
    return Figures(
        clip=clip.stem,
        seconds=seconds,
        thin_s=await job.thin(whole),
        ladder_s=await job.rest(whole),
        one_each_s=await job.one_each(whole),
        kept_s=await job.kept() + await job.thin(lean) + await job.rest(lean),
    )


@dataclass(frozen=True)
class Job:
    """The ways of encoding one clip; each returns its processor seconds."""

    programs: Programs
    clip: Path
    found: Probe
    scratch: Path

    async def thin(self, plan: Ladder) -> float:
        return await _cpu(transcode.encode_thin(*self._of(self.found), plan, self.scratch))

    async def rest(self, plan: Ladder) -> float:
        return await _cpu(transcode.encode_ladder(*self._of(self.found), plan, self.scratch))

    async def kept(self) -> float:
        return await _cpu(remux.remux(*self._of(self.found), self.scratch))

    async def one_each(self, plan: Ladder) -> float:
        """The sound by itself, then an ffmpeg for each rung, straight from the source."""
        total = await self.thin(replace(plan, rungs=()))
        silent = replace(self.found, audio=None)
        for rung in plan.rungs:
            alone = replace(plan, rungs=(rung,))
            total += await _cpu(transcode.encode_thin(*self._of(silent), alone, self.scratch))
        return total

    def _of(self, found: Probe) -> tuple[Programs, Path, Probe]:
        return self.programs, self.clip, found


async def _cpu(work: Awaitable[None]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    await work
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


async def run(seconds: int, rounds: int) -> list[Figures]:
    programs = Programs()
    figures = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for draw in (clips.slides, clips.noisy):
            clip = draw(programs, folder, seconds)
            figures.append(await measure(programs, clip, seconds, rounds, folder / clip.stem))
    return figures


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--seconds", type=int, default=60, help="length of each clip")
    options.add_argument("--rounds", type=int, default=1, help="of which the least counts")
    options.add_argument("--json", action="store_true", help="for a script")
    given = options.parse_args()
    measured = asyncio.run(run(given.seconds, given.rounds))
    rows = [figures.row() for figures in measured]
    if given.json:
        print(json.dumps({"bar": BAR, "clips": rows}))
    else:
        for row in rows:
            print("  ".join(f"{name} {value}" for name, value in row.items()))
        print(f"bar: ratio <= {BAR}")
    return int(any(figures.ratio > BAR for figures in measured))


if __name__ == "__main__":
    sys.exit(main())
