"""The build of the page scripts: what pages and installers rely on."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import hatch_build

# A page's own script on a 1 Mbit/s line: pages.md. hls.js comes besides.
OWN_SCRIPT_BYTES = 60_000


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("build")
    assert hatch_build.build(target=target)
    return target


def manifest(folder: Path) -> dict[str, str]:
    names: dict[str, str] = json.loads((folder / "manifest.json").read_text())
    return names


def test_pages_find_every_script_and_style_by_its_plain_name(built: Path) -> None:
    names = manifest(built)
    assert names.keys() >= {
        *("page.js", "page.css", "player.js", "player.css"),
        *("upload.js", "upload.css", "hls.js"),
    }
    for plain, hashed in names.items():
        assert (built / hashed).is_file()
        assert hashed != plain


def test_own_scripts_are_light_enough_for_a_thin_line(built: Path) -> None:
    names = manifest(built)
    for page in ("page.js", "player.js", "upload.js"):
        assert gzipped(built, reached(built, names[page])) < OWN_SCRIPT_BYTES, page


def reached(folder: Path, name: str) -> set[str]:
    """A script and all that it imports before it runs (a late `import()` is not among them)."""
    found, todo = set(), [name]
    while todo:
        current = todo.pop()
        found.add(current)
        text = (folder / current).read_text()
        statics = {
            other.name
            for other in folder.glob("*.js")
            if f'from"./{other.name}"' in text or f'import"./{other.name}"' in text
        }
        todo.extend(statics - found)
    return found


def gzipped(folder: Path, names: set[str]) -> int:
    return sum(len(gzip.compress((folder / name).read_bytes())) for name in names)


def test_hls_is_fetched_only_when_a_player_needs_it(built: Path) -> None:
    names = manifest(built)
    assert names["hls.js"] not in reached(built, names["player.js"])


def test_every_switch_of_hls_is_set(built: Path) -> None:
    """One that a new version brings would stop the player with a ReferenceError."""
    assert "__USE_" not in (built / manifest(built)["hls.js"]).read_text()


def test_a_second_build_has_nothing_to_do(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_: object) -> None:
        raise AssertionError("node was started")

    monkeypatch.setattr(hatch_build, "node", started)
    assert not hatch_build.build(target=built)


def test_a_change_is_built_and_what_it_replaces_leaves(built: Path, tmp_path: Path) -> None:
    web, target = tmp_path / "web", tmp_path / "build"
    shutil.copytree(hatch_build.WEB, web, symlinks=True)
    hatch_build.build(web, target)
    before = manifest(target)
    with (web / "page.css").open("a") as sheet:
        sheet.write(".suggest-new { color: var(--ink); }")
    assert hatch_build.build(web, target)
    after = manifest(target)
    assert after["page.css"] != before["page.css"]
    assert after["player.js"] == before["player.js"], "what did not change keeps its name"
    assert not (target / before["page.css"]).exists()


def test_the_lock_names_no_address() -> None:
    lock = (hatch_build.WEB / "package-lock.json").read_text()
    assert "://" not in lock
    assert "resolved" not in lock
    packages = json.loads(lock)["packages"]
    assert all("integrity" in package for name, package in packages.items() if name)


def test_a_wheel_carries_the_scripts(tmp_path: Path) -> None:
    """What `pip install .` does, without the network: hatchling and node are installed already."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=hatch_build.ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "services/web/static/build/manifest.json" in names
    assert any(name.startswith("services/web/static/build/player-") for name in names)
