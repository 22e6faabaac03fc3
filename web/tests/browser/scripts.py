"""The scripts of the classroom by themselves, on an empty page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

Script = Callable[[str], Any]


class Scripts:
    """Serves the built scripts of the classroom, each at its plain name, and an empty page."""

    def __init__(self, built: Path) -> None:
        self.built = built
        self.names: dict[str, str] = json.loads((built / "manifest.json").read_text())

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self.empty),
                web.get("/{name}.js", self.script),
            ]
        )
        return app

    async def empty(self, _request: web.Request) -> web.Response:
        html = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body></body>'
        return web.Response(text=html, content_type="text/html")

    async def script(self, request: web.Request) -> web.FileResponse:
        name = request.match_info["name"] + ".js"
        return web.FileResponse(self.built / self.names.get(name, name))
