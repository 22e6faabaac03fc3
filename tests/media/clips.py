"""Recordings as they come in, made on the spot by ffmpeg: small, short, each with its own habit.

The picture flashes and the sound beeps at the same moments, at every second of an even number.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from tongke.media.programs import Programs

SECONDS = 9
FLASH_EVERY_S = 2
FLASH_S = 0.2
SIZE = "640x360"
FPS = 25

# What must not be found in anything that is handed out.
SECRETS = (b"SECRET", b"+28.2282", b"PhoneMaker", b"PhoneModel")

_FLASH = f"drawbox=enable='lt(mod(t,{FLASH_EVERY_S}),{FLASH_S})':color=white:t=fill"
_BEEP = f"aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,{FLASH_EVERY_S}),{FLASH_S})':s=48000"
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "50", "-pix_fmt", "yuv420p")
_AAC = ("-c:a", "aac", "-b:a", "64k")

CHAPTERS = """;FFMETADATA1
title=SECRET title
artist=SECRET teacher
location=+28.2282+112.9388/
com.apple.quicktime.make=PhoneMaker
com.apple.quicktime.model=PhoneModel
comment=SECRET comment
[CHAPTER]
TIMEBASE=1/1000
START=0
END=4000
title=SECRET chapter
"""


class Studio:
    """Makes clips in a folder, each once; they are read only for whoever asks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # The clips are the same whatever ffmpeg is under test.
        self.programs: Programs = Programs()

    def clip(self, name: str) -> Path:
        path = self.folder / name
        if not path.exists():
            RECIPES[name](self, path)
        return path

    def make(self, *arguments: str | Path) -> None:
        command = [self.programs.ffmpeg, "-hide_banner", "-v", "error", "-nostdin", "-y"]
        subprocess.run([*command, *map(str, arguments)], check=True, cwd=self.folder)


def picture(size: str = SIZE, fps: int = FPS) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"color=black:s={size}:r={fps},{_FLASH}")


def beep() -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", _BEEP)


def length(seconds: float = SECONDS) -> tuple[str, ...]:
    return ("-t", str(seconds))


def _both(*output: str, size: str = SIZE, fps: int = FPS, seconds: float = SECONDS) -> Recipe:
    """Flash and beep; `output` are the options of the file."""

    def make(studio: Studio, path: Path) -> None:
        studio.make(*picture(size, fps), *beep(), *length(seconds), *output, path)

    return make


def _sound(*output: str) -> Recipe:
    def make(studio: Studio, path: Path) -> None:
        studio.make(*beep(), *length(), *output, path)

    return make


def _of(source: str, *output: str, before: tuple[str, ...] = ()) -> Recipe:
    """Another clip, copied with these options."""

    def make(studio: Studio, path: Path) -> None:
        studio.make(*before, "-i", studio.clip(source), *output, path)

    return make


def _changed(source: str, change: Callable[[bytes], bytes]) -> Recipe:
    """Another clip with its bytes changed."""

    def make(studio: Studio, path: Path) -> None:
        path.write_bytes(change(studio.clip(source).read_bytes()))

    return make


def _telling(studio: Studio, path: Path) -> None:
    """A phone's recording that says where, by whom and with what it was made; a stream too."""
    said = studio.folder / "said.txt"
    said.write_text(CHAPTERS)
    studio.make(
        *picture(), *beep(), "-f", "ffmetadata", "-i", said, "-map", "0:v", "-map", "1:a",
        "-map_metadata", "2", "-map_chapters", "2", "-metadata:s:v", "handler_name=SECRET handler",
        "-metadata:s:a", "title=SECRET stream", *length(), *_H264,
        # Supplemental information in the picture's own stream: an id of 16 bytes, then anything.
        "-bsf:v", "h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+SECRETSEI",
        *_AAC, "-movflags", "+use_metadata_tags", path,
    )  # fmt: skip


def _with_cover(studio: Studio, path: Path) -> None:
    cover = studio.folder / "cover.jpg"
    studio.make(*picture(), "-frames:v", "1", "-pix_fmt", "yuvj420p", cover)
    studio.make(
        *beep(), "-i", cover, "-map", "0:a", "-map", "1:v", "-c:v", "copy",
        "-disposition:v", "attached_pic", *length(), path,
    )  # fmt: skip


def _variable(studio: Studio, path: Path) -> None:
    """A phone in the dark: every third frame is left out in the middle."""
    studio.make(
        *picture(), *beep(), *length(), "-vf", "select='not(between(t,3,6)*not(mod(n,3)))'",
        "-fps_mode", "vfr", *_H264, *_AAC, path,
    )  # fmt: skip


def _late_sound(studio: Studio, path: Path) -> None:
    """The sound begins a second and a half after the picture, still in step."""
    studio.make(
        *picture(), *beep(), "-map", "0", "-map", "1", *length(), *_H264, *_AAC,
        "-af", "atrim=start=1.5", path,
    )  # fmt: skip


def _speech(gain: float) -> Recipe:
    """Bursts of a voice-like noise with pauses."""
    source = (
        f"anoisesrc=c=pink:a={gain}:r=48000:seed=5,tremolo=f=4:d=0.8,"
        "volume='lt(mod(t,5),4)':eval=frame"
    )

    def make(studio: Studio, path: Path) -> None:
        studio.make("-f", "lavfi", "-i", source, *length(20), path)

    return make


def _silence(studio: Studio, path: Path) -> None:
    studio.make("-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", *length(5), path)


def _empty(_studio: Studio, path: Path) -> None:
    path.write_bytes(b"")


def _references(studio: Studio, path: Path) -> None:
    """A QuickTime film whose frames are said to lie in another file, which is there."""
    whole = studio.clip("lesson.mp4").read_bytes()
    here = b"\0\0\0\x0curl \0\0\0\x01"  # a data reference that means: in this file
    alias = b"\0\0\0\0" + _alias(studio.clip("secret.mp4"))
    there = (8 + len(alias)).to_bytes(4, "big") + b"alis" + alias
    path.write_bytes(_grown(whole, here, there))


def _alias(target: Path) -> bytes:
    """A Macintosh alias record that names a file by its absolute path (its field 2)."""
    name = str(target).encode()
    volume = b"\x04disk".ljust(28, b"\0")
    file = bytes([len(target.name)]) + target.name.encode().ljust(63, b"\0")
    levels = (1).to_bytes(2, "big") * 2
    fields = b"\0\2" + len(name).to_bytes(2, "big") + name + b"\0" * (len(name) % 2)
    head = bytes(10) + volume + bytes(12) + file + bytes(16)
    return head + levels + bytes(16) + fields + b"\xff" * 4


# The boxes that hold each other around a data reference, from outside.
_AROUND = (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref")


def _grown(whole: bytes, here: bytes, there: bytes) -> bytes:
    """Put `there` in the place of the first `here`, and let the boxes around it grow."""
    at = whole.index(here)
    grown = bytearray(whole[:at] + there + whole[at + len(here) :])
    for name in _AROUND:
        start = whole.rindex(name, 0, at) - 4
        size = int.from_bytes(grown[start : start + 4], "big") + len(there) - len(here)
        grown[start : start + 4] = size.to_bytes(4, "big")
    return bytes(grown)


Recipe = Callable[[Studio, Path], None]

RECIPES: dict[str, Recipe] = {
    "lesson.mp4": _both(*_H264, *_AAC),
    "secret.mp4": _both(*_H264, *_AAC, seconds=3),
    "silent.mp4": lambda studio, path: studio.make(*picture(), *length(), *_H264, path),
    "tall.mp4": _both(*_H264, *_AAC, size="640x1138", seconds=3),
    "tiny.mp4": _both(*_H264, *_AAC, size="320x180", seconds=5),
    "hd.mp4": _both(*_H264, *_AAC, size="1280x720"),
    "fast.mp4": _both(*_H264, *_AAC, fps=50),
    "long.mp4": _both(*_H264, *_AAC, size="320x180", seconds=21),
    "short.mp4": _both(*_H264, *_AAC, seconds=0.5),
    "wide.mp4": _both(*_H264, *_AAC, "-vf", "setsar=16/9", size="360x360"),
    "sparse.mp4": _both("-c:v", "libx264", "-g", "1000", "-keyint_min", "1000",
                        "-pix_fmt", "yuv420p", *_AAC, seconds=12),
    "interlaced.mp4": _both(*_H264, "-flags", "+ildct+ilme", "-x264opts", "tff=1", *_AAC),
    "hevc.mp4": _both("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none",
                      "-tag:v", "hvc1", *_AAC),
    # What phones record in the dark, and in HDR.
    "hevc10.mp4": _both("-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast",
                        "-x265-params", "log-level=none", "-tag:v", "hvc1", *_AAC),
    "telling.mov": _telling,
    "variable.mp4": _variable,
    "late.mp4": _late_sound,
    "rotated.mp4": _of("lesson.mp4", "-c", "copy", before=("-display_rotation", "90")),
    "lesson.mkv": _of("lesson.mp4", "-c", "copy"),
    "lesson.ts": _of("lesson.mp4", "-c", "copy"),
    "lesson.flv": _of("lesson.mp4", "-c", "copy"),
    "lesson.avi": _of("lesson.mp4", "-c", "copy"),
    "browser.webm": _both("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a",
                          "libopus", "-live", "1", "-f", "webm"),
    "old.mpg": _both("-c:v", "mpeg1video", "-c:a", "mp2", "-f", "mpeg"),
    "lesson.wmv": _both("-c:v", "wmv2", "-c:a", "wmav2", "-f", "asf"),
    "surround.mp4": _both(*_H264, *_AAC, "-ac", "6"),
    "encrypted.mp4": _of("lesson.mp4", "-c", "copy", "-encryption_scheme", "cenc-aes-ctr",
                         "-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb",
                         "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8"),
    "sound.mp3": _sound(),
    "sound.m4a": _sound(),
    "sound.wav": _sound(),
    "sound.flac": _sound(),
    "sound.aac": _sound("-f", "adts"),
    "sound.ogg": _sound("-c:a", "libopus"),
    "cover.mp3": _with_cover,
    "speech.wav": _speech(0.2),
    "quiet.wav": _speech(0.1),
    "silence.wav": _silence,
    "empty.mp4": _empty,
    "references.mov": _references,
    "cut.mp4": _changed("lesson.mp4", lambda whole: whole[: len(whole) // 2]),
    "half.mp4": lambda studio, path: _half(studio, path),
    "unknown.mp4": _changed("lesson.mp4", lambda whole: whole.replace(b"avc1", b"zzzz")),
    "damaged.mkv": _changed("lesson.mkv", lambda whole: whole[:40] + bytes(len(whole) - 40)),
}  # fmt: skip


def _half(studio: Studio, path: Path) -> None:
    """The index is at the beginning, and says more than there is."""
    whole = studio.folder / "whole.mp4"
    studio.make("-i", studio.clip("lesson.mp4"), "-c", "copy", "-movflags", "+faststart", whole)
    data = whole.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
