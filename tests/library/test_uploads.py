"""Uploads as rows: begun, described, finished as often as asked, expired; nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.library.world import KEEP_DAYS, World
from tongke import clock
from tongke.errors import Invalid, NotFound
from tongke.library import uploads
from tongke.library.models import Job, Resource, Upload
from tongke.library.uploads import MOST_FILENAME_CHARACTERS, MayNotUpload
from tongke.people.models import Account, Role


def count(world: World, model: type[Resource] | type[Job]) -> int:
    return world.session.scalar(select(func.count()).select_from(model)) or 0


# Begun


def test_it_begins_with_what_was_said(world: World) -> None:
    upload = world.begin("zhou", ["school:1"], filename="声音.mp4", grade="8", subject="physics")
    assert (upload.filename, upload.length, upload.metadata_header) == ("声音.mp4", 8, "raw")
    assert upload.fields["title"] == "声音"
    assert upload.fields["audience"] == ["school:1"]
    assert upload.expires_at - upload.created_at == timedelta(days=KEEP_DAYS)
    assert (upload.key, upload.final_key) == (f"uploads/{upload.id}", f"originals/{upload.id}")
    assert upload.resource_id is None


def test_addresses_cannot_be_guessed(world: World) -> None:
    ids = {world.begin("zhou").id for _ in range(20)}
    assert len(ids) == 20
    assert {len(number) for number in ids} == {32}


@pytest.mark.parametrize("who", ["room", "operator", "county"])
def test_only_people_of_a_school_upload(world: World, who: str) -> None:
    with pytest.raises(MayNotUpload):
        world.begin(who)


@pytest.mark.parametrize(
    ("said", "field"),
    [({"kind": "nonsense"}, "kind"), ({"grade": "0"}, "grade"), ({"title": "长" * 201}, "title")],
)
def test_a_wrong_field_is_named_before_a_byte_is_sent(
    world: World, said: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        world.begin("zhou", **said)
    assert list(refused.value.fields) == [field]


def test_a_field_that_there_is_not_is_named_before_a_byte_is_sent(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        world.begin("zhou", titel="课", grad="8", filetype="video/mp4")
    assert list(refused.value.fields) == ["grad", "titel"]


def test_what_tus_clients_write_by_themselves_is_taken(world: World) -> None:
    upload = world.begin("zhou", name="课.mp4", type="video/mp4", relativePath="null")
    assert upload.fields["title"] == "课"


def test_an_audience_out_of_reach_is_refused_before_a_byte_is_sent(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        world.begin("zhou", ["school:3"])
    assert "school:3" in refused.value.fields["audience"].en


@given(st.text(max_size=300))
def test_any_name_becomes_one_that_a_file_can_have(given: str) -> None:
    name = uploads._filename(given, "标题")
    assert 0 < len(name) <= MOST_FILENAME_CHARACTERS
    assert "/" not in name
    assert "\\" not in name
    assert name.isprintable()
    assert name not in {".", ".."}
    assert name == uploads._filename(name, "标题")


def test_a_long_name_keeps_its_ending(world: World) -> None:
    name = world.begin("zhou", filename="课" * 200 + ".mp4", title="课").filename
    assert name.endswith("课.mp4")
    assert len(name) == MOST_FILENAME_CHARACTERS


# Described


def test_what_is_said_may_change_on_the_way(world: World) -> None:
    upload = world.begin("zhou", title="旧题", grade="8")
    uploads.describe(
        world.session, world.viewer("zhou"), upload.id, {"title": "新题", "audience": ["school:1"]}
    )
    made = uploads.finish(world.session, upload.id)
    assert made is not None
    assert (made.title, made.grade) == ("新题", "8")
    assert {grant.token for grant in made.grants} == {world.me("zhou"), "school:1"}


def test_a_wrong_description_leaves_the_one_before(world: World) -> None:
    upload = world.begin("zhou", title="旧题")
    for wrong in ({"grade": "99"}, {"audience": ["school:3"]}):
        with pytest.raises(Invalid):
            uploads.describe(world.session, world.viewer("zhou"), upload.id, wrong)
    assert (upload.fields["title"], upload.fields["grade"]) == ("旧题", "")


# Finished


def test_finished_twice_it_is_one_resource_with_one_job(world: World) -> None:
    upload = world.begin("zhou")
    made = [uploads.finish(world.session, upload.id) for _ in range(3)]
    assert made[0] is not None
    assert {resource.id for resource in made if resource} == {made[0].id}
    assert (count(world, Resource), count(world, Job)) == (1, 1)
    assert upload.resource_id == made[0].id


def test_an_account_that_may_not_any_more_finishes_nothing(world: World) -> None:
    moved, disabled = world.begin("zhou"), world.begin("tang")
    world.session.delete(
        world.session.scalars(select(Role).where(Role.account_id == world.ids["zhou"])).one()
    )
    world.session.get_one(Account, world.ids["tang"]).disabled_at = clock.now()
    world.session.flush()
    world.session.expire_all()
    assert uploads.finish(world.session, moved.id) is None
    assert uploads.finish(world.session, disabled.id) is None
    assert count(world, Resource) == 0


def test_what_was_made_before_is_told_to_who_may_not_upload_any_more(world: World) -> None:
    upload = world.begin("zhou")
    made = uploads.finish(world.session, upload.id)
    account = world.session.get_one(Account, world.ids["zhou"])
    account.roles = []
    world.session.flush()
    assert uploads.finish(world.session, upload.id) is made


def test_an_unknown_upload_finishes_nothing(world: World) -> None:
    assert uploads.finish(world.session, "0" * 32) is None


# Another's, ended, expired


def test_anothers_upload_is_not_there(world: World) -> None:
    upload = world.begin("zhou")
    for name in ("tang", "head", "operator"):
        viewer = world.viewer(name)
        with pytest.raises(NotFound):
            uploads.own(world.session, viewer, upload.id)
        with pytest.raises(NotFound):
            uploads.describe(world.session, viewer, upload.id, {"title": "抢来"})
        with pytest.raises(NotFound):
            uploads.end(world.session, viewer, upload.id)
    assert uploads.own(world.session, world.viewer("zhou"), upload.id) is upload


def test_ended_it_is_forgotten_and_a_resource_is_not(world: World) -> None:
    unfinished, finished = world.begin("zhou"), world.begin("zhou")
    made = uploads.finish(world.session, finished.id)
    assert made is not None
    for upload in (unfinished, finished):
        uploads.end(world.session, world.viewer("zhou"), upload.id)
    world.session.flush()
    assert world.gone(Upload, unfinished.id)
    assert not world.gone(Resource, made.id)


def test_only_those_that_nobody_went_on_with_expire(world: World) -> None:
    upload = world.begin("zhou")
    world.session.flush()
    assert uploads.expired(world.session, upload.expires_at) == []
    after = upload.expires_at + timedelta(microseconds=1)
    assert uploads.expired(world.session, after) == [upload]


def test_those_left_by_their_writer_are_found_a_minute_later(world: World) -> None:
    waiting, finished = world.begin("zhou"), world.begin("zhou")
    uploads.finish(world.session, finished.id)
    now = clock.now()
    assert uploads.left(world.session, now) == []
    later = now + uploads.LEFT_AFTER
    assert uploads.left(world.session, later) == [waiting]
    uploads.let_rest(world.session, waiting)
    world.session.expire_all()
    assert uploads.left(world.session, later) == []
    uploads.touch(world.session, waiting.id)
    world.session.expire_all()
    assert uploads.left(world.session, clock.now() + uploads.LEFT_AFTER) == [waiting]
