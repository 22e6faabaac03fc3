"""Draws the sample pages, with or without page scripts built."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import jinja2

from services.web.i18n import Language
from services.web.rendering import OPTIONS, STATIC_ROOT, StaticFiles, dress, render
from tests.services.web import samples

# What the page scripts' build writes: these tests must pass before it has run.
BUILT = ("page.js", "page.css", "player.js", "player.css", "upload.js", "upload.css")


def statics() -> StaticFiles:
    """Our static files with a manifest as the build writes it."""
    if (STATIC_ROOT / "build" / "manifest.json").exists():
        return StaticFiles()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "static"
        shutil.copytree(STATIC_ROOT, root)
        (root / "build").mkdir(exist_ok=True)
        manifest = {name: name.replace(".", "-0000000.") for name in BUILT}
        (root / "build" / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        return StaticFiles(root)


def environment(language: Language) -> jinja2.Environment:
    made = jinja2.Environment(**OPTIONS)  # OPTIONS sets autoescape
    dress(made, language, statics(), lambda: samples.NOW)
    return made


def draw(language: Language) -> dict[str, str]:
    """Name of the sample -> its HTML."""
    made = environment(language)
    return {
        name: render(made, samples.shell(language, person, f"/{name}"), view)
        for name, (person, view) in samples.PAGES_BY_NAME.items()
    }
