"""The sweeper and uploads: it finishes those whose end was lost, forgets those that expired, and
leaves those alone that somebody writes to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tests.publishing.floor import BODY, Floor, all_resources, once
from tongke import clock
from tongke.errors import Unavailable
from tongke.library import uploads
from tongke.library.models import Job, Upload
from tongke.people.models import Role
from tongke.publishing import sweeping, uploading
from tongke.storage.objects.errors import ObjectMissing

LONG_AGO = datetime(2026, 9, 1, tzinfo=UTC)


async def test_an_upload_whose_end_was_lost_is_finished_once(floor: Floor) -> None:
    complete, half = await floor.begin(), await floor.begin(length=1000)
    sealed = await floor.begin()
    await floor.shop.appendable.seal(sealed.key, sealed.final_key, "application/test")
    assert await sweeping.finish_uploads(floor.shop) == 2
    assert await sweeping.finish_uploads(floor.shop) == 0
    found = await floor.desk.look(all_resources)
    assert {row.original_key for row in found} == {complete.final_key, sealed.final_key}
    assert await floor.keys() == {complete.final_key, sealed.final_key}
    assert await floor.pending() == {half.key}
    assert len(await floor.desk.look(lambda s: s.scalars(select(Job)).all())) == 2


async def test_the_store_is_asked_once_about_an_upload_that_rests(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    resting, written = await floor.begin(length=1000), await floor.begin(length=1000, written=True)
    asked: list[str] = []
    size = floor.shop.appendable.size

    async def noting(key: str) -> int:
        asked.append(key)
        return await size(key)

    monkeypatch.setattr(floor.shop.appendable, "size", noting)
    for _ in range(3):
        assert await sweeping.finish_uploads(floor.shop) == 0
    assert asked == [resting.key]
    await floor.change(update(Upload).where(Upload.id == written.id).values(touched_at=LONG_AGO))
    assert await sweeping.finish_uploads(floor.shop) == 0
    assert asked == [resting.key, written.key]


async def test_who_goes_on_with_a_resting_upload_is_found_again(floor: Floor) -> None:
    upload = await floor.begin(BODY[:3], length=len(BODY))
    assert await sweeping.finish_uploads(floor.shop) == 0
    (rested,) = await floor.desk.look(all_uploads)
    assert rested.touched_at is None
    await uploading.append(floor.shop, rested, 3, once(BODY[3:]))
    (left,) = await floor.desk.look(all_uploads)
    assert left.touched_at is not None
    assert await sweeping.finish_uploads(floor.shop) == 0, "its writer may be there yet"
    await floor.change(update(Upload).values(touched_at=LONG_AGO))
    assert await sweeping.finish_uploads(floor.shop) == 1
    assert await floor.keys() == {upload.final_key}


async def test_who_goes_on_while_the_store_is_asked_is_not_forgotten(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await floor.begin(length=1000)
    size = floor.shop.appendable.size

    async def and_meanwhile(key: str) -> int:
        await floor.shop.database.write(uploads.touch, upload.id)
        return await size(key)

    monkeypatch.setattr(floor.shop.appendable, "size", and_meanwhile)
    await sweeping.finish_uploads(floor.shop)
    (found,) = await floor.desk.look(all_uploads)
    assert found.touched_at is not None


async def test_a_database_that_is_away_stops_no_bytes(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await floor.begin(b"", length=1000)

    async def away(*_: object) -> None:
        raise Unavailable(part="数据库")

    with monkeypatch.context() as patch:
        patch.setattr(floor.shop.database, "write", away)
        assert await uploading.append(floor.shop, upload, 0, once(BODY)) == len(BODY)


async def test_an_upload_that_cannot_be_finished_does_not_stop_the_others(floor: Floor) -> None:
    gone = await floor.begin()
    await floor.shop.appendable.abort(gone.key)
    complete = await floor.begin()
    assert await sweeping.finish_uploads(floor.shop) == 1
    assert await floor.keys() == {complete.final_key}


async def test_an_upload_that_begins_at_this_moment_is_left_alone(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, store = await floor.begin(b"", length=1000), floor.shop.appendable
    ask = store.size

    async def before_it_was_there(key: str) -> int:
        """Its row is written, its object not yet; a moment later it is."""
        monkeypatch.setattr(store, "size", ask)
        raise ObjectMissing(key=key)

    monkeypatch.setattr(store, "size", before_it_was_there)
    assert await sweeping.finish_uploads(floor.shop) == 0
    assert await floor.pending() == {upload.key}
    assert await store.append(upload.key, 0, once(b"its first byte")) == 14


async def test_who_may_not_upload_any_more_gets_no_resource(floor: Floor) -> None:
    await floor.begin()
    await floor.change(delete(Role))
    assert await sweeping.finish_uploads(floor.shop) == 0
    assert await floor.desk.look(all_resources) == []


async def test_expired_uploads_are_forgotten_with_their_bytes(floor: Floor) -> None:
    expired, kept = await floor.begin(length=1000), await floor.begin(length=1000)
    (number,) = await floor.put_in()
    await expire(floor, expired.id)
    made = await floor.desk.resource(number)
    await expire(floor, made.original_key.removeprefix("originals/"))
    assert await sweeping.drop_expired_uploads(floor.shop) == 2
    assert await floor.pending() == {kept.key}
    assert [row.id for row in await floor.desk.look(all_uploads)] == [kept.id]
    assert await floor.keys() == {made.original_key}
    assert [row.id for row in await floor.desk.look(all_resources)] == [number]


async def test_an_upload_still_written_stays_and_the_others_go(floor: Floor) -> None:
    busy, expired = await floor.begin(length=1000), await floor.begin(length=1000)
    for upload in (busy, expired):
        await expire(floor, upload.id)

    async def and_meanwhile() -> AsyncIterator[bytes]:
        yield b"more"
        assert await sweeping.drop_expired_uploads(floor.shop) == 1

    await floor.shop.appendable.append(busy.key, len(BODY), and_meanwhile())
    assert [row.id for row in await floor.desk.look(all_uploads)] == [busy.id]
    assert await sweeping.drop_expired_uploads(floor.shop) == 1


async def expire(floor: Floor, upload_id: str) -> None:
    past = clock.now() - timedelta(seconds=1)
    await floor.change(update(Upload).where(Upload.id == upload_id).values(expires_at=past))


def all_uploads(session: Session) -> list[Upload]:
    return list(session.scalars(select(Upload)))
