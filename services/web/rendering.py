"""From a view to a page: templates, both languages, addresses of static files.

One Jinja environment a language, made when the service starts: a template asks for its strings,
dates and sizes without knowing in which language it is drawn, and no per-request global state is
needed. A handler calls `respond(request, shell, view)`; the view's type names its template.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import CodeType
from typing import Any, Final

import aiohttp_jinja2
import jinja2
from aiohttp import web
from jinja2.bccache import Bucket

from services.http.language import LANGUAGES, Language
from services.web import formats, labels
from services.web.i18n import HTML_LANG, translations
from services.web.views import Shell, View
from tongke import clock

STATIC_ROOT: Final = Path(__file__).parent / "static"
STATIC_PREFIX: Final = "/static"
TEMPLATES: Final = Path(__file__).parent / "templates"
ENVIRONMENTS: Final = {
    language: web.AppKey(f"environment_{language}", jinja2.Environment) for language in LANGUAGES
}
# Ten hex digits tell 40 bits: no two versions of one file will meet.
DIGEST_LENGTH: Final = 10


class Compiled(jinja2.BytecodeCache):
    """The compiled templates of this process: each takes some 70 ms, and is the same code in every
    language."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._codes.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._codes[bucket.key] = bucket.checksum, bucket.code


OPTIONS: Final[Mapping[str, Any]] = {
    "bytecode_cache": Compiled(),
    "loader": jinja2.FileSystemLoader(TEMPLATES),
    "autoescape": True,
    "undefined": jinja2.StrictUndefined,
    "extensions": ["jinja2.ext.i18n"],
    "trim_blocks": True,
    "lstrip_blocks": True,
}


class StaticFiles:
    """Addresses of static files, each of which changes when its content does.

    Our own files get `?v=<digest>`; what esbuild built carries its digest in its name, which
    `build/manifest.json` tells ("player.js" -> "player-ABC123.js"). All may be cached for good.
    """

    def __init__(self, root: Path = STATIC_ROOT, prefix: str = STATIC_PREFIX) -> None:
        self._addresses = {
            path.relative_to(root).as_posix(): f"{prefix}/{path.relative_to(root).as_posix()}"
            f"?v={hashlib.sha256(path.read_bytes()).hexdigest()[:DIGEST_LENGTH]}"
            for path in sorted(root.rglob("*"))
            if path.is_file() and "build" not in path.relative_to(root).parts
        }
        manifest = root / "build" / "manifest.json"
        if manifest.exists():
            built: dict[str, str] = json.loads(manifest.read_text("utf-8"))
            self._addresses |= {
                f"build/{name}": f"{prefix}/build/{hashed}" for name, hashed in built.items()
            }

    def url(self, name: str) -> str:
        """The address of `home.css`, `build/player.js`, …

        Raises LookupError for a name that is not there; for `build/…` that means the page
        scripts have not been built.
        """
        try:
            return self._addresses[name]
        except KeyError:
            hint = "run `python hatch_build.py`" if name.startswith("build/") else "misspelt?"
            raise LookupError(f"no static file {name!r} ({hint})") from None


def dress(
    environment: jinja2.Environment,
    language: Language,
    statics: StaticFiles,
    now: Callable[[], datetime] = clock.now,
) -> None:
    """Give an environment its language, filters and globals."""
    catalogue = translations(language)
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds it
    written = formats.Formats(language, catalogue, now)
    environment.filters.update(
        day=written.day,
        day_time=written.day_time,
        plain_day=written.plain_day,
        long_day=written.long_day,
        weekday=written.weekday,
        weekday_name=written.weekday_name,
        length_of=written.length,
        say=written.say,
        number=formats.number,
        tenths=formats.tenths,
        clock=formats.clock,
        time_of_day=formats.time_of_day,
        size=formats.size,
        short_name=formats.short_name,
        bracket_tail=formats.bracket_tail,
        ending=formats.ending,
        code_spans=formats.code_spans,
        label=lambda value, table: catalogue.gettext(labels.label(table, value)),
    )
    environment.globals.update(
        static_url=statics.url, html_lang=HTML_LANG[language], tables=labels.TABLES, now=now
    )


def setup(app: web.Application, statics: StaticFiles | None = None) -> None:
    """Put the environments of both languages into the application."""
    statics = statics or StaticFiles()
    for language, key in ENVIRONMENTS.items():
        environment = aiohttp_jinja2.setup(
            app, app_key=key, default_helpers=False, auto_reload=False, **OPTIONS
        )
        dress(environment, language, statics)


def render(environment: jinja2.Environment, shell: Shell, view: View) -> str:
    """The page as HTML."""
    return environment.get_template(view.template).render(shell=shell, view=view)


def respond(
    request: web.Request,
    shell: Shell,
    view: View,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """The answer to a request. Pages are of one person: no cache may keep them."""
    html = render(request.config_dict[ENVIRONMENTS[shell.language]], shell, view)
    return web.Response(
        text=html,
        content_type="text/html",
        charset="utf-8",
        status=status,
        headers={"Cache-Control": "private, no-store", "Vary": "Cookie", **(headers or {})},
    )
