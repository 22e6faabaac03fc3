"""A small stand-in for the service, for trying the page scripts alone.

It keeps to the contract of the JSON API, and lets a test do to it what happens in schools: cut
the line, restart, be slow. The real service is walked by tests/browser.
"""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

import hatch_build

PAGES = Path(__file__).parent / "pages"
STATIC = hatch_build.ROOT / "services" / "web" / "static"

CONFIG = {
    "audiences": [
        {"token": "user:7", "label": "只我", "needs_review": False, "reviewer": None},
        {"token": "school:3", "label": "本校", "needs_review": False, "reviewer": None},
        {"token": "agreement:1", "label": "橘洲路中学", "needs_review": False, "reviewer": None},
        {
            "token": "region:430102",
            "label": "全县",
            "needs_review": True,
            "reviewer": "花垣县教育局",
        },
        {"token": "everyone", "label": "所有人", "needs_review": True, "reviewer": "省教育厅"},
    ],
    "vocabulary": {
        "kind": [
            {"value": "lesson_recording", "label": "课堂实录"},
            {"value": "management_policy", "label": "管理制度"},
            {"value": "courseware", "label": "课件"},
        ],
        "stage": [{"value": "primary", "label": "小学"}, {"value": "junior", "label": "初中"}],
        "grade": [
            {"value": str(n), "label": f"{'一二三四五六七八九'[n - 1]}年级"} for n in range(1, 10)
        ],
        "subject": [{"value": "math", "label": "数学"}, {"value": "chinese", "label": "语文"}],
    },
    "max_bytes": 8 * 1024**3,
    "accept": [".mp4", ".docx", ".pptx", ".pdf", ".txt"],
    "user_id": 7,
}


@dataclass
class Upload:
    id: str
    length: int
    fields: dict[str, Any]
    data: bytearray = field(default_factory=bytearray)
    resource: int | None = None


@dataclass
class FakeApi:
    """Its attributes are the switches and the memory that tests look at."""

    media_folder: Path
    media: dict[str, Any] = field(default_factory=dict)
    positions: list[float] = field(default_factory=list)
    uploads: dict[str, Upload] = field(default_factory=dict)
    resources: dict[int, dict[str, Any]] = field(default_factory=dict)
    patches: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)
    # None: the line is whole. Otherwise each request's body is cut after so many bytes.
    cut_after: int | None = None
    down: bool = False
    bytes_per_s: float = 0
    csrf_missing: int = 0

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1 << 30, middlewares=[self.watch])
        app.add_routes(
            [
                web.get("/", self.player_page),
                web.get("/upload", self.upload_page),
                web.get("/page", self.small_page),
                web.get("/api/v1/resources/12/media", self.get_media),
                web.put("/api/v1/resources/12/position", self.put_position),
                web.get("/api/v1/uploads", self.list_uploads),
                web.post("/api/v1/uploads", self.create),
                web.head("/api/v1/uploads/{id}", self.offset),
                web.patch("/api/v1/uploads/{id}", self.patch),
                web.delete("/api/v1/uploads/{id}", self.terminate),
                web.put("/api/v1/uploads/{id}/fields", self.put_fields),
                web.post("/api/v1/uploads/{id}/finish", self.finish),
                web.get("/api/v1/resources", self.list_resources),
                web.get("/api/v1/resources/{id}", self.get_resource),
                web.patch("/api/v1/resources/{id}", self.patch_resource),
                web.post("/api/v1/jobs/{id}/retry", self.retry),
                web.get("/api/v1/search/suggest", self.suggest),
                web.static("/media/12", self.media_folder),
                web.static("/static", STATIC),
            ]
        )
        return app

    @web.middleware
    async def watch(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path.startswith(("/api", "/media")):
            self.seen.append((request.method, request.path))
            if self.down:
                assert request.transport is not None
                request.transport.abort()
            unsafe = request.method not in {"GET", "HEAD"}
            if unsafe and request.headers.get("X-CSRF-Token") != "csrf-1":
                self.csrf_missing += 1
        return await handler(request)

    # Pages

    def page(self, body: str, *names: str) -> web.Response:
        built = json.loads((STATIC / "build" / "manifest.json").read_text())
        links = '<link rel="stylesheet" href="/static/tokens.css">'
        for name in ("page", *names):
            links += f'<link rel="stylesheet" href="/static/build/{built[f"{name}.css"]}">'
            links += f'<script type="module" src="/static/build/{built[f"{name}.js"]}"></script>'
        html = (
            '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="csrf-token" content="csrf-1"><link rel="icon" href="data:,">'
            f"<title>同课</title>{links}<body>{body}</body></html>"
        )
        return web.Response(text=html, content_type="text/html")

    async def player_page(self, _request: web.Request) -> web.Response:
        return self.page((PAGES / "player.html").read_text(), "player")

    async def upload_page(self, _request: web.Request) -> web.Response:
        config = json.dumps(CONFIG, ensure_ascii=False)
        return self.page((PAGES / "upload.html").read_text().replace("CONFIG", config), "upload")

    async def small_page(self, _request: web.Request) -> web.Response:
        return self.page((PAGES / "page.html").read_text())

    # The player's part

    async def get_media(self, _request: web.Request) -> web.Response:
        return web.json_response(self.media)

    async def put_position(self, request: web.Request) -> web.Response:
        self.positions.append((await request.json())["seconds"])
        return web.Response(status=204)

    # tus

    async def list_uploads(self, _request: web.Request) -> web.Response:
        items = [
            {
                "id": one.id,
                "filename": one.fields["filename"],
                "length": one.length,
                "offset": len(one.data),
                "fields": one.fields,
                "resource_id": one.resource,
            }
            for one in self.uploads.values()
        ]
        return web.json_response({"items": items})

    async def create(self, request: web.Request) -> web.Response:
        pairs = [pair.split(" ") for pair in request.headers["Upload-Metadata"].split(",")]
        fields = {key: base64.b64decode(value).decode() for key, value in pairs}
        upload = Upload(f"u{len(self.uploads) + 1}", int(request.headers["Upload-Length"]), fields)
        self.uploads[upload.id] = upload
        return await self.receive(request, upload, 201)

    async def offset(self, request: web.Request) -> web.Response:
        upload = self.uploads.get(request.match_info["id"])
        if upload is None:
            return web.Response(status=404)
        return self.tus(upload, 200)

    async def patch(self, request: web.Request) -> web.Response:
        upload = self.uploads[request.match_info["id"]]
        if int(request.headers["Upload-Offset"]) != len(upload.data):
            return web.Response(status=409)
        return await self.receive(request, upload, 204)

    async def receive(self, request: web.Request, upload: Upload, status: int) -> web.Response:
        taken = 0
        async for chunk in request.content.iter_chunked(64 * 1024):
            upload.data.extend(chunk)
            taken += len(chunk)
            if self.bytes_per_s:
                await asyncio.sleep(len(chunk) / self.bytes_per_s)
            if self.cut_after is not None and taken >= self.cut_after:
                assert request.transport is not None
                request.transport.abort()
        if len(upload.data) == upload.length:
            self.finish_upload(upload)
        return self.tus(upload, status)

    def finish_upload(self, upload: Upload) -> None:
        if upload.resource is not None:
            return
        upload.resource = 100 + len(self.resources)
        self.resources[upload.resource] = {
            "id": upload.resource,
            "title": upload.fields.get("title", ""),
            "state": "checking",
            "viewable": False,
            "poster": None,
            "failure": None,
            "progress": None,
            "job_id": 5,
        }

    def tus(self, upload: Upload, status: int) -> web.Response:
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": str(len(upload.data)),
            "Upload-Length": str(upload.length),
        }
        if status == 201:
            headers["Location"] = f"/api/v1/uploads/{upload.id}"
        if upload.resource is not None and status != 200:
            headers["Tongke-Resource"] = str(upload.resource)
        return web.Response(status=status, headers=headers)

    async def terminate(self, request: web.Request) -> web.Response:
        del self.uploads[request.match_info["id"]]
        return web.Response(status=204)

    async def put_fields(self, request: web.Request) -> web.Response:
        return await self.keep(request, f"upload {request.match_info['id']}")

    async def patch_resource(self, request: web.Request) -> web.Response:
        return await self.keep(request, f"resource {request.match_info['id']}")

    async def keep(self, request: web.Request, what: str) -> web.Response:
        body = await request.json()
        if body.get("title") == "":
            errors = {"title": "请写题目"}
            return web.json_response(
                {"code": "invalid", "detail": "有几处填得不对", "errors": errors}, status=422
            )
        self.patches.append((what, body))
        return web.json_response({})

    async def finish(self, request: web.Request) -> web.Response:
        upload = self.uploads[request.match_info["id"]]
        self.finish_upload(upload)
        return web.json_response({"resource": {"id": upload.resource}})

    # Resources

    async def list_resources(self, request: web.Request) -> web.Response:
        limit, before = int(request.query["limit"]), int(request.query.get("cursor", 1 << 53))
        ids = sorted((found for found in self.resources if found < before), reverse=True)
        items = [self.resources[found] for found in ids[:limit]]
        following = {"next": str(ids[limit - 1])} if len(ids) > limit else {}
        return web.json_response({"items": items, **following})

    async def get_resource(self, request: web.Request) -> web.Response:
        found = self.resources.get(int(request.match_info["id"]))
        return web.json_response(found) if found else web.Response(status=404)

    async def retry(self, _request: web.Request) -> web.Response:
        return web.json_response({})

    async def suggest(self, request: web.Request) -> web.Response:
        texts = ["有理数的乘法", "有理数的加减", "一元一次方程"]
        items = [
            {"text": text, "kind": "title", "url": f"/page?q={text}"}
            for text in texts
            if request.query["q"] in text
        ]
        return web.json_response({"items": items})


class Running:
    """The stand-in on a thread of its own, at `url`."""

    def __init__(self, api: FakeApi) -> None:
        self.api = api
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.runner = web.AppRunner(api.app(), shutdown_timeout=0.1)
        self.url = asyncio.run_coroutine_threadsafe(self.start(), self.loop).result()

    async def start(self) -> str:
        await self.runner.setup()
        site = web.TCPSite(self.runner, "localhost", 0)
        await site.start()
        assert self.runner.addresses
        return f"http://localhost:{self.runner.addresses[0][1]}"

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
