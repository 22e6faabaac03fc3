"""A document's pages are kept in the sizes in which they are asked for."""

from __future__ import annotations

from pathlib import Path

import pypdfium2

from tests.documents import made
from tests.publishing.desk import Desk
from tongke.library.vocabulary import AssetRole


async def test_a_slide_is_kept_for_large_screens_and_an_upright_page_is_not(
    desk: Desk, tmp_path: Path
) -> None:
    document = pypdfium2.PdfDocument(made.pdf(tmp_path / "a.pdf", [made.RULES, made.RULES]))
    document[0].set_rotation(90)
    document.save(tmp_path / "课件.pdf")
    number = await desk.put_in_file(tmp_path / "课件.pdf")
    await desk.run(number)
    assets = await desk.assets(number)
    slide, upright = (assets[AssetRole.PAGE, page] for page in (1, 2))
    assert slide.details["width"] == upright.details["width"] == 1600
    assert "wide" not in upright.details
    keys = [desk.key(slide, slide.details[size]) for size in ("small", "large", "wide")]
    assert set(keys) <= set(await desk.kept(number))
    assert len(set(keys)) == 3
