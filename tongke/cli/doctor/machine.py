"""Checks of the machine: Python, the programs from the wheels, the page scripts, secrets."""

from __future__ import annotations

import asyncio
import platform
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from tongke.bootstrap import Ground
from tongke.cli.doctor.finding import Finding, note, ok, wrong
from tongke.errors import Text
from tongke.media.programs import NoFfmpeg, Programs
from tongke.production import weak_secrets
from tongke.settings import Settings
from tongke.storage.bus.embedded import find_server

PYTHON_MIN = (3, 11)
# What the plans of tongke.media ask ffmpeg for.
ENCODERS = ("libx264", "aac", "mjpeg")
MUXERS = ("hls", "mp4")
FILTERS = ("scale", "split", "ebur128", "alimiter", "tile", "thumbnail")
# A program that prints its version takes milliseconds; a broken one must not keep us.
PROGRAM_LIMIT_S = 20.0


def python(_settings: Settings) -> Finding:
    found = f"Python {platform.python_version()}, tongke {version('tongke')}"
    if sys.version_info < PYTHON_MIN:
        needed = ".".join(map(str, PYTHON_MIN))
        return wrong(
            "python",
            Text(found, found),
            Text(f"需要 Python {needed} 以上", f"Python {needed} or newer is needed"),
        )
    return ok("python", found)


async def ffmpeg(ground: Ground) -> Finding:
    """ffmpeg and ffprobe run, and ffmpeg can do what is asked of it."""
    return await asyncio.to_thread(_ffmpeg, ground.programs, ground.settings)


def _ffmpeg(programs: Programs, settings: Settings) -> Finding:
    seen = f"{_first_line(programs.ffmpeg)} ({programs.ffmpeg})"
    missing = [
        *_missing(programs.ffmpeg, "-encoders", ENCODERS),
        *_missing(programs.ffmpeg, "-muxers", MUXERS),
        *_missing(programs.ffmpeg, "-filters", FILTERS),
    ]
    if missing:
        names = ", ".join(missing)
        return wrong(
            "ffmpeg",
            Text(f"{seen} 缺少：{names}", f"{seen} lacks: {names}"),
            Text(
                "换一个完整的 ffmpeg，或去掉 TONGKE_FFMPEG 用自带的",
                "Use a complete ffmpeg, or unset TONGKE_FFMPEG for the one that comes with Tongke",
            ),
        )
    try:
        _first_line(programs.ffprobe)
    except NoFfmpeg:
        if settings.embedded_bus or settings.ffprobe:
            raise
        return _without_ffprobe(seen)
    return ok("ffmpeg", seen)


def _without_ffprobe(seen: str) -> Finding:
    """Where the bus is elsewhere, so may the workers be: the image of the web has no ffprobe."""
    return note(
        "ffmpeg",
        Text(f"{seen}，没有 ffprobe", f"{seen}, without ffprobe"),
        Text(
            "只有后台处理要用 ffprobe：到运行它的机器上再检查一次",
            "Only workers need ffprobe: check where they run too",
        ),
    )


def valkey_program(settings: Settings) -> Finding:
    if not settings.embedded_bus:
        return note("valkey-server", Text("用外部服务，不需要", "Not needed: another is set"))
    program = find_server(settings.valkey_server)
    return ok("valkey-server", f"{_first_line(program)} ({program})")


def libreoffice(settings: Settings) -> Finding:
    named = settings.libreoffice
    found = shutil.which(named) if named else shutil.which("soffice")
    if found:
        return ok("libreoffice", f"{_first_line(Path(found))} ({found})")
    if named:
        return wrong(
            "libreoffice",
            Text(f"找不到 {named}", f"{named} was not found"),
            Text("改正 TONGKE_LIBREOFFICE", "Correct TONGKE_LIBREOFFICE"),
        )
    return note(
        "libreoffice",
        Text("没有安装", "Not installed"),
        Text(
            "要收 .doc、.ppt 和 .wps 文件时才需要",
            "Needed only to take .doc, .ppt and .wps files",
        ),
    )


def page_scripts(_settings: Settings) -> Finding:
    """The player and the uploader were built when Tongke was installed."""
    built = files("services.web") / "static" / "build"
    names = [entry.name for entry in built.iterdir()] if built.is_dir() else []
    if not any(name.endswith(".js") for name in names):
        return wrong(
            "page-scripts",
            Text("页面脚本没有构建", "The page scripts are not built"),
            Text("重新安装，或在源码目录运行 make demo", "Install again, or run make demo"),
        )
    return ok("page-scripts", f"{len(names)} 个文件", f"{len(names)} files")


def secrets(settings: Settings) -> Finding:
    """Whether the secrets are such as production needs; in production it would not have started."""
    weak = weak_secrets(settings)
    if not weak:
        return ok("secrets", "没有占位或太短的密码", "None is a placeholder or short")
    names = ", ".join(weak)
    return note(
        "secrets",
        Text(f"只适合试用：{names}", f"Fit for looking around only: {names}"),
        Text(
            "各换一个随机密码，再设 TONGKE_PRODUCTION=true",
            "Give each a random secret of its own, then set TONGKE_PRODUCTION=true",
        ),
    )


def _first_line(program: Path) -> str:
    """What a program says of its version, without copyright and build."""
    asked = "-version" if program.name.startswith("ff") else "--version"
    said = _run(program, asked).splitlines()
    return re.split(r" (?:Copyright|sha=)", said[0])[0] if said else ""


def _missing(ffmpeg: Path, listing: str, names: tuple[str, ...]) -> list[str]:
    listed = _run(ffmpeg, "-hide_banner", listing)
    return [name for name in names if not re.search(rf"^\s*\S+\s+{name}\s", listed, re.MULTILINE)]


def _run(program: Path, *arguments: str) -> str:
    done = subprocess.run(
        [program, *arguments],
        capture_output=True,
        text=True,
        timeout=PROGRAM_LIMIT_S,
        check=True,
    )
    return done.stdout
