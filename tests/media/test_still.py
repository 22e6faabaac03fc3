"""A still of a live picture, or the word that there is none."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from tongke.media.errors import FfmpegFailed
from tongke.media.programs import Programs
from tongke.media.still import still

pytestmark = pytest.mark.media


@pytest.mark.parametrize("fragment", [b"", b"no fragment at all", b"\0" * 100_000])
async def test_where_no_picture_is_that_is_said(programs: Programs, fragment: bytes) -> None:
    with pytest.raises(FfmpegFailed):
        await still(programs.ffmpeg, fragment)


def filmed(programs: Programs, path: Path, size: str) -> bytes:
    subprocess.run(
        [programs.ffmpeg, "-v", "error", "-f", "lavfi", "-i", f"color=size={size}:rate=1",
         "-frames:v", "1", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
         "-movflags", "empty_moov+default_base_moof+frag_keyframe", path],
        check=True,
    )  # fmt: skip
    return path.read_bytes()


async def test_a_picture_of_a_size_that_no_camera_has_is_not_decoded(
    programs: Programs, tmp_path: Path
) -> None:
    drawn = await still(programs.ffmpeg, filmed(programs, tmp_path / "usual.mp4", "1920x1080"))
    assert Image.open(io.BytesIO(drawn)).size == (320, 180)
    with pytest.raises(FfmpegFailed):
        await still(programs.ffmpeg, filmed(programs, tmp_path / "large.mp4", "4112x4096"))
