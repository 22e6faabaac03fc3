"""The LibreOffice that an operator names is the one that documents are read with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents import made
from tongke.documents.process import process
from tongke.documents.result import Caveat


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A program that leaves a mark, and draws nothing."""
    program = tmp_path / "of the operator"
    program.write_text(f'#!/bin/sh\ntouch "{tmp_path}/asked"\n')
    program.chmod(0o755)
    return program


async def test_it_is_asked_to_draw_the_slides(tmp_path: Path, office: Path) -> None:
    deck = made.slides(tmp_path / "a.pptx")
    result = await process(
        deck, deck.name, tmp_path / "out", on_progress=lambda done, total: None, libreoffice=office
    )
    assert (tmp_path / "asked").exists()
    assert Caveat.NOT_DRAWN in result.warnings


async def test_no_other_takes_its_place(tmp_path: Path) -> None:
    deck = made.slides(tmp_path / "a.pptx")
    gone = tmp_path / "gone"
    result = await process(
        deck, deck.name, tmp_path / "out", on_progress=lambda done, total: None, libreoffice=gone
    )
    assert result.html
    assert Caveat.NOT_DRAWN not in result.warnings
