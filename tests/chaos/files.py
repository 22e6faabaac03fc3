"""The files that are uploaded: small lessons and papers, no two alike."""

from __future__ import annotations

import asyncio
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import docx

from tongke.media.programs import Programs


@dataclass(frozen=True)
class Sent:
    """A file on its way, and whether it can become something to read or watch."""

    name: str
    content: bytes
    sound: bool = True

    @property
    def title(self) -> str:
        return f"标题 {self.name}"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


async def lesson(programs: Programs, folder: Path, name: str, seconds: int, lines: int) -> Sent:
    """A recording of moving picture and sound; its pitch tells it from the others."""
    path = folder / name
    process = await asyncio.create_subprocess_exec(
        programs.ffmpeg, "-v", "error",
        "-f", "lavfi", "-i", f"testsrc2=size={lines * 16 // 9 // 2 * 2}x{lines}:rate=15",
        "-f", "lavfi", "-i", f"sine=frequency={200 + sum(name.encode())}",
        "-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
        "-g", "15", "-c:a", "aac", "-shortest", "-y", path,
    )  # fmt: skip
    assert await process.wait() == 0
    return Sent(name, await asyncio.to_thread(path.read_bytes))


def paper(name: str) -> Sent:
    """A notice as plain text, in the encoding that schools' machines still write."""
    lines = [f"第{number}条　{name}：结对学校共享课堂资源。" for number in range(1, 400)]
    return Sent(name, "\n".join(lines).encode("gb18030"))


def word(name: str) -> Sent:
    """A notice as Word writes it."""
    document = docx.Document()
    document.add_heading(f"关于{name}的通知", 1)
    for number in range(1, 60):
        document.add_paragraph(f"{number}. {name}：各结对学校按学期制定教研计划。")
    body = io.BytesIO()
    document.save(body)
    return Sent(name, body.getvalue())


def broken(name: str) -> Sent:
    """A recording in name only."""
    return Sent(name, b"\x00\x00\x00\x18ftypmp42" + bytes(range(1, 256)) * 300, sound=False)
