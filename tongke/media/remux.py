"""Renditions and files without encoding: the source as it is, and one file to take along."""

from __future__ import annotations

from pathlib import Path

from tongke.media import run
from tongke.media.ladder import copies_sound
from tongke.media.probe import Audio, Probe, opening
from tongke.media.programs import Programs
from tongke.media.rendition import PLAYLIST, SOURCE, SOURCE_SOUND, hls_options
from tongke.media.run import OnProgress

# The sound of a source that cannot be copied, until the normalised one is there.
FIRST_SOUND_BIT_RATE = 96_000

_NO_METADATA = ["-map_metadata", "-1", "-map_chapters", "-1"]
# Supplemental information (H.264, type 6) is where cameras write places and names into the
# picture's own stream; no browser needs any of it.
_NO_SUPPLEMENT = ["-bsf:v", "filter_units=remove_types=6"]


async def remux(
    programs: Programs, path: Path, probe: Probe, out: Path, on_progress: OnProgress | None = None
) -> None:
    """The source as the renditions `source` and `source-sound`.

    The playlists are EVENT lists while they grow: whoever watches the folder may publish each
    segment once it is listed.

    Raises:
        FfmpegFailed: also when the source turns out not to be fit for it.
    """
    arguments = ["-v", "error", *opening(probe.demuxer), "-i", str(path)]
    if probe.video is not None:
        arguments += ["-map", f"0:{probe.video.index}", "-c:v", "copy", "-tag:v", "avc1"]
        arguments += [*_NO_SUPPLEMENT, *_hls_arguments(out / SOURCE)]
    if probe.audio is not None:
        arguments += ["-map", f"0:{probe.audio.index}", *_sound_arguments(probe.audio)]
        arguments += _hls_arguments(out / SOURCE_SOUND)
    await run.ffmpeg(
        programs.ffmpeg, arguments, duration_s=probe.duration_s, on_progress=on_progress
    )


async def join(programs: Programs, pictures: Path | None, sound: Path | None, out: Path) -> None:
    """One file to take along, of renditions that we made ourselves.

    Their own times are kept (`-copyts`), so that sound which begins late still does.
    """
    arguments = ["-v", "error", "-copyts"]
    sources = [source for source in (pictures, sound) if source is not None]
    for source in sources:
        arguments += ["-f", "hls", "-protocol_whitelist", "file", "-allowed_extensions", "ALL"]
        arguments += ["-i", str(source / PLAYLIST)]
    for index in range(len(sources)):
        arguments += ["-map", str(index)]
    arguments += ["-c", "copy", *_NO_METADATA, "-movflags", "+faststart", str(out)]
    await run.ffmpeg(programs.ffmpeg, arguments)


def _sound_arguments(audio: Audio) -> list[str]:
    if copies_sound(audio):
        # AAC of a transport stream says what it is in every packet, MP4 once at the beginning.
        return ["-c:a", "copy", "-bsf:a", "aac_adtstoasc"]
    return ["-c:a", "aac", "-b:a", str(FIRST_SOUND_BIT_RATE), "-ac", "2", "-ar", "48000"]


def _hls_arguments(folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    found = [*_NO_METADATA]
    for name, value in hls_options(folder, "event").items():
        found += [f"-{name}", str(value)]
    return [*found, str(folder / PLAYLIST)]
