"""A still of a live picture, or the word that there is none."""

from __future__ import annotations

import pytest

from tongke.media.errors import FfmpegFailed
from tongke.media.programs import Programs
from tongke.media.still import still

pytestmark = pytest.mark.media


@pytest.mark.parametrize("fragment", [b"", b"no fragment at all", b"\0" * 100_000])
async def test_where_no_picture_is_that_is_said(programs: Programs, fragment: bytes) -> None:
    with pytest.raises(FfmpegFailed):
        await still(programs.ffmpeg, fragment)
