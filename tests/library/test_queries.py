"""What is asked of the library: only what the viewer may see, in the order that was asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.library.world import World
from tongke import clock
from tongke.errors import NotFound
from tongke.library import queries, resources
from tongke.library.queries import ResourceFilter


def listed(world: World, name: str, wanted: ResourceFilter, limit: int = 50) -> list[int]:
    found = queries.list_resources(world.session, world.viewer(name), wanted, limit=limit)
    ids = [resource.id for resource in found]
    if limit == 50:
        assert queries.count_resources(world.session, world.viewer(name), wanted) == len(ids)
    return ids


def test_lists_hold_what_the_viewer_may_see_the_newest_first(world: World) -> None:
    private = world.publish("zhou")
    shared = world.publish("zhou", ["school:1"])
    paired = world.publish("xiang", ["agreement:1"])
    assert listed(world, "zhou", ResourceFilter()) == [paired.id, shared.id, private.id]
    assert listed(world, "tang", ResourceFilter()) == [paired.id, shared.id]
    assert listed(world, "xiang", ResourceFilter()) == [paired.id]
    assert listed(world, "long", ResourceFilter()) == []
    assert listed(world, "operator", ResourceFilter()) == []


def test_filters_meet_all_at_once(world: World) -> None:
    lesson = world.publish("zhou", ["school:1"], unit="声现象", subject="physics")
    policy = world.publish("tang", ["school:1"], kind="management_policy")
    checking = world.make("zhou")
    asked = world.publish("zhou", ["region:430102"])
    expected = {
        ResourceFilter(mine=True): [asked.id, checking.id, lesson.id],
        ResourceFilter(kind="management_policy"): [policy.id],
        ResourceFilter(unit="声现象", subject="physics"): [lesson.id],
        ResourceFilter(unit="声现象", subject="math"): [],
        ResourceFilter(state="checking"): [checking.id],
        ResourceFilter(states=("checking", "failed")): [checking.id],
        ResourceFilter(review="waiting"): [asked.id],
        ResourceFilter(viewable=True): [asked.id, policy.id, lesson.id],
        ResourceFilter(school_ids=frozenset({1})): [asked.id, checking.id, policy.id, lesson.id],
        ResourceFilter(school_ids=frozenset({2})): [],
        ResourceFilter(since=clock.now() + timedelta(hours=1)): [],
    }
    assert {wanted: listed(world, "zhou", wanted) for wanted in expected} == expected


def test_pages_go_on_where_the_last_one_ended(world: World) -> None:
    made = [world.publish("zhou").id for _ in range(5)]
    seen: list[int] = []
    before: int | None = None
    while page := queries.list_resources(
        world.session, world.viewer("zhou"), ResourceFilter(), limit=2, before_id=before
    ):
        seen += [resource.id for resource in page]
        before = page[-1].id
        # What comes meanwhile is on a page already passed.
        world.publish("zhou")
    assert seen == made[::-1]


def test_one_that_may_not_be_seen_looks_like_none(world: World) -> None:
    made = world.publish("zhou", ["school:1"])
    session = world.session
    assert queries.visible_resource(session, world.viewer("tang"), made.id) is made
    assert queries.may_see(session, world.viewer("tang"), made.id)
    for number in (made.id, 404):
        assert not queries.may_see(session, world.viewer("long"), number)
        with pytest.raises(NotFound):
            queries.visible_resource(session, world.viewer("long"), number)


def test_what_the_index_found_keeps_its_order_and_its_rights(world: World) -> None:
    first, second = world.publish("zhou", ["school:1"]), world.publish("zhou", ["school:1"])
    hidden = world.publish("zhou")
    found = queries.visible_by_ids(
        world.session, world.viewer("tang"), [second.id, hidden.id, 404, first.id]
    )
    assert [resource.id for resource in found] == [second.id, first.id]


def test_renditions_come_with_the_largest_picture_first(world: World) -> None:
    made = world.publish("zhou")
    (largest,) = queries.renditions(world.session, made.id)
    for name, kind, height in (("180p", "video", 180), ("sound", "audio", None)):
        world.session.add(
            type(largest)(
                resource_id=made.id, name=name, kind=kind, prefix="a1-1/", playlist=name,
                codecs="", bandwidth=1, average_bandwidth=1, height=height,
            )
        )  # fmt: skip
    names = [row.name for row in queries.renditions(world.session, made.id)]
    assert names == ["720p", "180p", "sound"]


def test_a_poster_for_each_that_has_one(world: World) -> None:
    made, bare = world.publish("zhou"), world.make("zhou")
    posters = queries.posters(world.session, [made.id, bare.id])
    assert {number: asset.name for number, asset in posters.items()} == {made.id: "poster.jpg"}


def test_the_newest_job_of_each(world: World) -> None:
    made, other = world.make("zhou"), world.make("zhou")
    newest = resources.jobs.create(world.session, made.id)
    found = queries.latest_jobs(world.session, [made.id, other.id])
    assert found[made.id] is newest
    assert found[other.id].resource_id == other.id
    assert queries.jobs_of(world.session, made.id)[0] is newest


def test_uploads_to_go_on_with_are_ones_own_and_unfinished(world: World) -> None:
    first, second = world.begin("zhou"), world.begin("zhou")
    world.begin("tang")
    world.make("zhou")
    first.created_at -= timedelta(minutes=1)
    world.session.flush()
    assert queries.uploads_of(world.session, world.viewer("zhou")) == [second, first]
