"""Logs tell where something broke, and nothing of what people typed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tongke import logs
from tongke.settings import Settings


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Put the logging of the test run back."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def sign_in(password: str) -> None:
    raise RuntimeError(f"broken with {len(password)} letters")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_trace_has_no_values_of_variables(
    as_json: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(Settings(_env_file=None, data_dir=tmp_path, log_json=as_json))
    log = structlog.get_logger("tongke.test")
    typed = "".join(["hunter", "-", "2"])
    try:
        sign_in(typed)
    except RuntimeError:
        log.error("unforeseen", exc_info=True)
    written = capsys.readouterr().err
    assert "broken with 8 letters" in written and "sign_in" in written
    assert typed not in written


@pytest.mark.parametrize("as_json", [True, False])
def test_what_a_stranger_sends_begins_no_line_of_its_own(
    as_json: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(Settings(_env_file=None, data_dir=tmp_path, log_json=as_json))
    structlog.get_logger("tongke.test").info("request", path="/x\n2026 [info] forged\x1b[2J")
    written = capsys.readouterr().err
    assert written.count("\n") == 1
    assert "\x1b[2J" not in written


@pytest.mark.parametrize("as_json", [True, False])
def test_who_speaks_is_named(
    as_json: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also in the lines of libraries: several parts write to one terminal."""
    monkeypatch.setenv(logs.PART_VARIABLE, "worker-thin")
    logs.configure(Settings(_env_file=None, data_dir=tmp_path, log_json=as_json))
    structlog.get_logger("tongke.test").info("ours")
    logging.getLogger("celery").warning("theirs")
    ours, theirs = capsys.readouterr().err.splitlines()
    assert "worker-thin" in ours and "worker-thin" in theirs
