"""Static addresses that change with their content, and the answer a handler gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from services.web import rendering
from services.web.rendering import STATIC_ROOT, StaticFiles, respond, setup
from tests.services.web import samples
from tests.services.web.pages import statics
from tests.services.web.samples_ground import shell

WEB = Path(__file__).parents[3] / "web"
# look.md: what Chromium 86 does not know.
TOO_NEW = re.compile(
    r"(?<!-)aspect-ratio\s*:|\binset\s*:|:is\(|:where\(|:has\(|@container|color-mix|@layer|subgrid"
    r"|accent-color|\d[dsl]vh|text-wrap|text-autospace|&:|& "
)


def test_an_address_changes_with_the_content(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a{}")
    first = StaticFiles(tmp_path).url("a.css")
    assert first == StaticFiles(tmp_path).url("a.css")
    (tmp_path / "a.css").write_text("b{}")
    assert StaticFiles(tmp_path).url("a.css") != first
    assert first.startswith("/static/a.css?v=")


def test_a_built_script_has_the_name_that_its_manifest_tells(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "manifest.json").write_text('{"page.js": "page-AB12.js"}')
    assert StaticFiles(tmp_path).url("build/page.js") == "/static/build/page-AB12.js"


def test_a_name_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="hatch_build"):
        StaticFiles(tmp_path).url("build/page.js")
    with pytest.raises(LookupError, match=r"nothing\.css"):
        StaticFiles(tmp_path).url("nothing.css")


SHEETS = [
    *sorted(STATIC_ROOT.glob("*.css")),
    *sorted(WEB.glob("page/*.css")),
    *sorted(WEB.glob("resource/*.css")),
    *sorted(WEB.glob("classroom/*/*.css")),
]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_sheet_is_for_the_classroom_pc_and_takes_its_colours_from_the_tokens(
    sheet: Path,
) -> None:
    css = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.S)
    assert not TOO_NEW.search(css)
    known = set(re.findall(r"(--[\w-]+)\s*:", (STATIC_ROOT / "tokens.css").read_text("utf-8")))
    known |= set(re.findall(r"(--[\w-]+)\s*:", css))
    assert set(re.findall(r"var\((--[\w-]+)", css)) <= known


def test_every_icon_that_a_template_shows_is_drawn() -> None:
    drawn = set(re.findall(r'symbol id="([\w-]+)"', (STATIC_ROOT / "icons.svg").read_text("utf-8")))
    shown: set[str] = set()
    for template in rendering.TEMPLATES.rglob("*.html"):
        shown |= set(re.findall(r"icon\('([\w-]+)'", template.read_text("utf-8")))
    assert shown <= drawn
    assert len(shown) > 15


def test_the_document_is_the_only_markup_a_template_trusts() -> None:
    trusting = [
        (template.name, line.strip())
        for template in rendering.TEMPLATES.rglob("*.html")
        for line in template.read_text("utf-8").splitlines()
        if re.search(r"\|\s*safe|autoescape|Markup", line)
    ]
    assert [name for name, _ in trusting] == ["resource_document.html"]
    assert trusting[0][1].count("|safe") == 1


@pytest.mark.parametrize("template", sorted(rendering.TEMPLATES.glob("*.html")))
def test_a_template_begins_by_stating_its_context(template: Path) -> None:
    assert re.match(r"\{#((?!#\}).)*`view`", template.read_text("utf-8"), flags=re.S)


async def test_a_handler_answers_with_a_view() -> None:
    async def handler(request: web.Request) -> web.Response:
        language = "en" if request.query.get("lang") == "en" else "zh"
        person, view = samples.PAGES_BY_NAME["error"]
        return respond(request, shell(language, person), view, status=404)

    app = web.Application()
    setup(app, statics())
    app.router.add_get("/", handler)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/")
        assert answer.status == 404
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "没有找到" in await answer.text()
        assert "Not found" in await (await client.get("/?lang=en")).text()
