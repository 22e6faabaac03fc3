"""Draws the sample pages. The tests draw them without page scripts, built or not."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import jinja2

from services.http.language import Language
from services.web.rendering import OPTIONS, STATIC_ROOT, StaticFiles, dress, render
from tests.services.web import samples
from tests.services.web.samples_ground import NOW, shell

# What the page scripts' build writes: these tests must pass before it has run.
BUILT = (
    "page.js",
    "page.css",
    "player.js",
    "player.css",
    "upload.js",
    "upload.css",
    "resource.css",
    "booking.js",
    "patrol.js",
    "marks.js",
    "compare.js",
)


def unbuilt(name: str) -> str:
    """What `name` is called where nothing was built."""
    return name.replace(".", "-0000000.")


def statics() -> StaticFiles:
    """Our static files with a manifest as the build writes it, and no scripts behind it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "static"
        shutil.copytree(STATIC_ROOT, root, ignore=shutil.ignore_patterns("build"))
        (root / "build").mkdir()
        manifest = {name: unbuilt(name) for name in BUILT}
        (root / "build" / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        return StaticFiles(root)


def environment(language: Language, files: StaticFiles | None = None) -> jinja2.Environment:
    made = jinja2.Environment(**OPTIONS)
    dress(made, language, files or statics(), lambda: NOW)
    return made


def draw(language: Language, files: StaticFiles | None = None) -> dict[str, str]:
    """Name of the sample -> its HTML."""
    made = environment(language, files)
    return {
        name: render(made, shell(language, person, f"/{name}"), view)
        for name, (person, view) in samples.PAGES_BY_NAME.items()
    }
