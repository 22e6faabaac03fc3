"""Small files as teachers have them: recordings, papers, and some that are broken."""

from __future__ import annotations

import hashlib
import struct
import subprocess
from pathlib import Path

from docx import Document

from tongke.media.programs import Programs

MIB = 2**20


def lesson(
    path: Path,
    seconds: int = 3,
    size: str = "320x180",
    weight: int = 0,
    *,
    index_first: bool = True,
) -> Path:
    """A recording in H.264 and AAC whose picture moves; at least `weight` bytes.

    The weight is a box that players skip (ISO 14496-12, 8.1.2), of bytes that differ all along.
    """
    front = ["-movflags", "+faststart"] if index_first else []
    subprocess.run(
        [
            *(Programs().ffmpeg, "-v", "error", "-y"),
            *("-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25"),
            *("-f", "lavfi", "-i", "sine=frequency=330"),
            *("-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-g", "50"),
            *("-pix_fmt", "yuv420p", "-c:a", "aac", *front, str(path)),
        ],
        check=True,
    )
    if weight:
        with path.open("ab") as file:
            file.write(struct.pack(">I4s", weight, b"free") + _noise(weight - 8))
    return path


def _noise(count: int) -> bytes:
    return hashlib.shake_128(b"tongke").digest(count)


def cut_off(path: Path) -> Path:
    """A recording whose recorder lost power: its index, which stands at the end, is missing."""
    lesson(path, index_first=False)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def garbled(path: Path, weight: int = 64 * 1024) -> Path:
    """What a broken stick gives back: `weight` bytes that are nothing."""
    path.write_bytes(_noise(weight))
    return path


def paper(path: Path, title: str, *paragraphs: str) -> Path:
    document = Document()
    document.core_properties.author = "写的人"
    document.add_heading(title, level=1)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(str(path))
    return path


def plain(path: Path, text: str, encoding: str = "gb18030") -> Path:
    path.write_bytes(text.encode(encoding))
    return path
