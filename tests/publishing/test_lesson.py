"""A recording through every step, on the real ground."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.publishing.desk import Desk
from tests.waiting import LIMIT_S
from tongke.library.jobs import JobState
from tongke.library.models import Rendition
from tongke.library.vocabulary import Medium, State, Step
from tongke.media.errors import FfmpegFailed
from tongke.media.probe import probe
from tongke.media.remux import remux
from tongke.media.rendition import PLAYLIST, SOUND, SOURCE, SOURCE_SOUND
from tongke.publishing import lesson
from tongke.publishing.growing import ENOUGH, Growing

pytestmark = pytest.mark.media


async def test_a_lesson_is_playable_before_its_ladder_and_whole_at_the_end(desk: Desk) -> None:
    job = await desk.put_in("hd.mp4")
    await desk.run_until(job, Step.THUMBNAILS)
    resource = await desk.resource(job)
    assert resource.state == State.PLAYABLE
    assert resource.viewable_at is not None
    assert resource.medium == Medium.VIDEO
    assert set(await desk.renditions(job)) == {SOURCE, SOURCE_SOUND}
    await desk.run_until(job, Step.LADDER)
    assert (await desk.resource(job)).state == State.ENCODING
    assert set(await desk.renditions(job)) == {SOURCE, SOURCE_SOUND, SOUND, "240p"}
    await desk.run(job)
    resource, rows = await desk.resource(job), await desk.renditions(job)
    assert resource.state == State.PUBLISHED
    assert resource.duration_s == pytest.approx(9, abs=0.1)
    assert set(rows) == {SOURCE, SOURCE_SOUND, SOUND, "240p", "360p", "480p"}
    for row in rows.values():
        await desk.assert_whole(row)
    assert desk.scratch() == []


async def test_the_master_playlist_lists_what_there_is(desk: Desk) -> None:
    job = await desk.put_in("hd.mp4")
    await desk.run_until(job, Step.THUMBNAILS)
    first = await desk.master(job)
    assert first.count("#EXT-X-STREAM-INF") == 1
    assert f"{SOURCE_SOUND}/{PLAYLIST}" in first
    await desk.run(job)
    text, rows = await desk.master(job), await desk.renditions(job)
    pictures = [row for row in rows.values() if row.kind == "video"]
    assert text.count("#EXT-X-STREAM-INF") == len(pictures) == 4
    for row in pictures:
        assert f"{row.prefix}{row.playlist}" in text.splitlines()
    # The levelled sound takes the place of the first.
    assert f"{SOUND}/{PLAYLIST}" in text
    assert SOURCE_SOUND not in text


async def test_poster_storyboard_and_copies_to_take_along(desk: Desk) -> None:
    job = await desk.put_in("hd.mp4")
    await desk.run(job)
    found = await desk.assets(job)
    assert {role for role, _ in found} == {"poster", "storyboard", "download"}
    for asset in found.values():
        info = await desk.ground.objects.info(desk.key(asset, asset.name))
        assert info.size > 0
        if asset.role == "download":
            assert info.size == asset.details["bytes"]
        if asset.role == "poster":
            small = await desk.ground.objects.info(desk.key(asset, asset.details["small"]))
            assert 0 < small.size < info.size
            assert (asset.details["width"], asset.details["small_width"]) == (1280, 480)
    kinds = {a.details["kind"] for a in found.values() if a.role == "download"}
    assert kinds == {"video", "sound"}


@pytest.mark.parametrize(
    ("name", "top"), [("hevc.mp4", "360p"), ("hevc10.mp4", "360p"), ("rotated.mp4", "360p")]
)
async def test_what_browsers_do_not_play_is_viewable_after_the_thin_rung(
    desk: Desk, name: str, top: str
) -> None:
    job = await desk.put_in(name)
    await desk.run_until(job, Step.THIN)
    assert (await desk.resource(job)).viewable_at is None
    assert (await desk.resource(job)).state == State.CHECKING
    await desk.step(job)
    assert (await desk.resource(job)).viewable_at is not None
    await desk.run(job)
    assert (await desk.resource(job)).state == State.PUBLISHED
    assert set(await desk.renditions(job)) == {SOUND, "240p", top}


@pytest.mark.parametrize("name", ["cover.mp3", "sound.wav"])
async def test_sound_alone_is_one_rendition_and_one_file(desk: Desk, name: str) -> None:
    job = await desk.put_in(name)
    await desk.run(job)
    resource = await desk.resource(job)
    assert (resource.state, resource.medium) == (State.PUBLISHED, Medium.SOUND)
    assert set(await desk.renditions(job)) == {SOUND}
    text = await desk.master(job)
    assert text.count("#EXT-X-STREAM-INF") == 1
    assert "EXT-X-MEDIA:" not in text
    assert set(await desk.assets(job)) == {("download", 1)}


async def test_a_picture_without_sound_is_published(desk: Desk) -> None:
    job = await desk.put_in("silent.mp4")
    await desk.run(job)
    assert (await desk.resource(job)).state == State.PUBLISHED
    assert set(await desk.renditions(job)) == {SOURCE, "240p"}
    assert "AUDIO" not in await desk.master(job)


async def test_a_recording_of_one_rung_can_be_taken_along_too(desk: Desk) -> None:
    job = await desk.put_in("tiny.mp4")
    await desk.run(job)
    assert set(await desk.renditions(job)) == {SOURCE, SOURCE_SOUND, SOUND, "180p"}
    assert ("download", 0) in await desk.assets(job)


@pytest.mark.parametrize(
    ("name", "code"),
    [("empty.mp4", "empty-file"), ("cut.mp4", "truncated-recording"),
     ("encrypted.mp4", "encrypted-recording"), ("damaged.mkv", "damaged-recording")],
)  # fmt: skip
async def test_what_cannot_be_published_fails_at_once_with_its_reason(
    desk: Desk, name: str, code: str
) -> None:
    job = await desk.put_in(name)
    await desk.run(job)
    found = await desk.job(job)
    assert found.state == JobState.FAILED
    assert found.reason is not None
    assert found.reason["code"] == code
    assert found.reason["message"]["zh"]
    assert found.steps[0].attempts == 1
    assert (await desk.resource(job)).state == State.FAILED
    assert await desk.kept(job) == []


@pytest.mark.parametrize(
    ("name", "state"), [("办法.txt", State.PUBLISHED), ("lesson.mp4", State.FAILED)]
)
async def test_a_text_goes_the_way_of_documents(
    desk: Desk, tmp_path: Path, name: str, state: State
) -> None:
    """Under the name of a recording it is most likely not what was meant."""
    path = tmp_path / name
    path.write_text("第一条　为规范学生考勤，制定本办法。")
    job = await desk.put_in_file(path)
    await desk.step(job)
    assert await desk.next_step(job) == Step.DOCUMENT
    assert (await desk.resource(job)).medium == Medium.DOCUMENT
    await desk.run(job)
    assert (await desk.resource(job)).state == state


async def test_a_source_that_cannot_be_remuxed_after_all_is_encoded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise FfmpegFailed("non-monotonous DTS")

    monkeypatch.setattr(lesson, "remux", broken)
    job = await desk.put_in("tall.mp4")
    await desk.run_until(job, Step.THUMBNAILS)
    assert (await desk.resource(job)).viewable_at is None
    await desk.run(job)
    assert (await desk.resource(job)).state == State.PUBLISHED
    # The rung that the source would have stood for is there.
    assert set(await desk.renditions(job)) == {SOUND, "240p", "360p", "480p", "640p"}


async def test_a_file_that_holds_less_than_it_says_is_as_long_as_what_it_holds(
    desk: Desk,
) -> None:
    job = await desk.put_in("half.mp4")
    await desk.run(job)
    resource = await desk.resource(job)
    assert resource.state == State.PUBLISHED
    assert resource.duration_s is not None
    assert 1 < resource.duration_s < 8


class Writer:
    """Writes a remuxed source into a folder, a segment each time it is told to."""

    def __init__(self, whole: Path, folder: Path) -> None:
        self.whole = whole
        self.folder = folder
        self.go = asyncio.Semaphore(0)

    async def write(self) -> None:
        lines = (self.whole / SOURCE / PLAYLIST).read_text().splitlines(keepends=True)
        for at, line in enumerate(lines):
            if line.endswith(".m4s\n"):
                await self.go.acquire()
                self._list(lines[: at + 1])
        await self.go.acquire()
        self._list(lines)

    def _list(self, lines: list[str]) -> None:
        shutil.copytree(self.whole / SOURCE, self.folder / SOURCE, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns(PLAYLIST))  # fmt: skip
        new = self.folder / SOURCE / "new"
        new.write_text("".join(lines))
        new.replace(self.folder / SOURCE / PLAYLIST)


async def test_a_playlist_grows_as_an_event_and_ends(desk: Desk, tmp_path: Path) -> None:
    job = await desk.put_in("long.mp4")
    await desk.run_until(job, Step.PLAYABLE)
    work = await desk.claim(job)
    clip = desk.studio.clip("long.mp4")
    found = await probe(desk.ground.programs, clip)
    silent = type(found)(found.demuxer, found.duration_s, found.bit_rate, found.video, None)
    await remux(desk.ground.programs, clip, silent, tmp_path / "whole")
    folder = tmp_path / "growing"
    writer = Writer(tmp_path / "whole", folder)
    publishing = asyncio.create_task(Growing(work, folder, silent).publish(writer.write()))
    for _ in range(ENOUGH):
        assert not await desk.renditions(job)
        writer.go.release()
    row = await shown(desk, job, publishing)
    text = await desk.playlist(row)
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in text
    assert "#EXT-X-ENDLIST" not in text
    assert (await desk.resource(job)).state == State.PLAYABLE
    for _ in range(20):
        writer.go.release()
    await publishing
    await desk.assert_whole(row)


async def shown(desk: Desk, job: int, publishing: asyncio.Task[None]) -> Rendition:
    """The row of the source, as soon as it is there."""
    async with asyncio.timeout(LIMIT_S):
        while not (rows := await desk.renditions(job)):
            assert not publishing.done()
            await asyncio.sleep(0)
    return rows[SOURCE]
