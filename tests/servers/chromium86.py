"""A real Chromium 86: the oldest browser of a classroom's PC that has to show a lesson.

It comes in the npm package `chrome-aws-lambda`: headless, with the codecs of films. The package is
fetched once, from the registry that npm is set to, and kept unpacked in the user's cache. It needs
the shared libraries of any Chromium; Debian's `chromium` brings them.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
import tempfile
import urllib.request
from pathlib import Path
from typing import NamedTuple

import hatch_build
from tests.servers.ports import free_port
from tests.servers.process import Missing, Server, cache

PACKAGE, VERSION = "chrome-aws-lambda", "5.3.1"
SHA256 = "e258e73f4d5957f39de30f6343a2f44de425d978d8058631e4e9d20111c2222a"
PROGRAM = "package/bin/chromium.br"

_UNPACK = """
const { createReadStream, createWriteStream } = require("node:fs");
const { pipeline } = require("node:stream/promises");
const [, packed, program] = process.argv;
const unpack = require("node:zlib").createBrotliDecompress();
pipeline(createReadStream(packed), unpack, createWriteStream(program, { mode: 0o755 }));
"""

ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-sync", "--hide-scrollbars", "--lang=zh-CN"),
    # Several windows, and none is in front of the others.
    *("--disable-background-timer-throttling", "--disable-renderer-backgrounding"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
    "--autoplay-policy=no-user-gesture-required",
)


class Chromium86(NamedTuple):
    """A browser that runs; `url` is where its DevTools answer."""

    server: Server
    url: str


def start(folder: Path) -> Chromium86:
    """Start one with its profile in `folder`, and wait until it answers. Raises `Missing`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command: list[str | Path] = [
        *(program(), *ARGUMENTS, f"--user-data-dir={folder / 'profile'}"),
        *(f"--remote-debugging-port={port}", "about:blank"),
    ]
    server = Server("chromium86", command, folder, lambda: _answers(url))
    server.start()
    return Chromium86(server, url)


def program() -> Path:
    """The unpacked browser, fetched when it is not there yet. Raises `Missing`."""
    kept = cache() / f"chromium86-{SHA256[:12]}"
    if not kept.exists():
        with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
            _unpack(_fetch(Path(scratch)), Path(scratch) / "chromium").rename(kept)
    return kept


def _fetch(folder: Path) -> Path:
    """The package as it was published."""
    try:
        hatch_build.npm(folder, "pack", f"{PACKAGE}@{VERSION}", *hatch_build.QUIET)
    except SystemExit as failed:
        raise Missing(f"npm could not fetch {PACKAGE} {VERSION}: {failed}") from failed
    archive = folder / f"{PACKAGE}-{VERSION}.tgz"
    with archive.open("rb") as packed:
        found = hashlib.file_digest(packed, "sha256").hexdigest()
    if found != SHA256:
        raise Missing(f"{archive.name} is not what it was: its SHA-256 is {found}")
    return archive


def _unpack(archive: Path, target: Path) -> Path:
    with tarfile.open(archive) as packed:
        packed.extract(PROGRAM, archive.parent, filter="data")
    hatch_build.node(archive.parent, "-e", _UNPACK, str(archive.parent / PROGRAM), str(target))
    return target


def _answers(url: str) -> bool:
    with urllib.request.urlopen(f"{url}/json/version", timeout=2) as answer:
        return str(json.load(answer)["Browser"]).split("/")[1].startswith("86.")
