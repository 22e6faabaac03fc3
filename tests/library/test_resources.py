"""What happens to a resource: made, edited, shown to more or fewer, deleted, brought back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.library.world import World, approve
from tongke.errors import Forbidden, Invalid, NotFound
from tongke.library import jobs, resources
from tongke.library.models import Job
from tongke.library.queries import latest_job
from tongke.library.vocabulary import State, Step
from tongke.people.models import Role, School


def job_of(world: World, number: int) -> Job:
    job = latest_job(world.session, number)
    assert job is not None
    return job


# Made


def test_an_upload_becomes_a_resource_with_its_job(world: World) -> None:
    made = world.make("zhou", title="声音的产生", grade="8", subject="physics")
    assert (made.title, made.stage, made.grade, made.school_id) == ("声音的产生", "junior", "8", 1)
    assert (made.author_id, made.size_bytes, made.state) == (world.ids["zhou"], 8, State.CHECKING)
    assert [step.name for step in job_of(world, made.id).steps] == [Step.CHECKING]
    assert world.announced() == [made.id]


def test_until_it_can_be_watched_only_its_author_sees_it(world: World) -> None:
    made = world.make("zhou", ["school:1", "agreement:1"])
    assert world.tokens(made) == {world.me("zhou")}


def test_what_an_author_may_give_holds_at_once_and_the_rest_waits(world: World) -> None:
    made = world.publish("zhou", ["school:1", "agreement:1", "region:430100", "everyone"])
    assert world.tokens(made) == {
        world.me("zhou"), "admin:1", "school:1", "agreement:1", "review:430100", "review:430000",
    }  # fmt: skip
    asked = {review.token: review.region_code for review in made.reviews}
    assert asked == {"region:430100": "430100", "everyone": "430000"}


def test_a_trusted_school_waits_for_nobody(world: World) -> None:
    world.session.get_one(School, 1).trusted = True
    made = world.publish("zhou", ["region:430102", "everyone"])
    assert world.tokens(made) == {world.me("zhou"), "admin:1", "region:430102", "everyone"}
    assert made.reviews == []


def test_who_left_a_trusted_school_asks_like_anybody_else(world: World) -> None:
    world.session.get_one(School, 1).trusted = True
    made = world.publish("zhou", ["school:1"])
    role = world.session.scalars(select(Role).where(Role.account_id == world.ids["zhou"])).one()
    role.school_id = 3
    world.session.flush()
    wanted = {"audience": ["region:430102"]}
    resources.edit(world.session, world.viewer("zhou"), made.id, wanted)
    assert world.tokens(made) == {world.me("zhou"), "admin:1", "review:430102"}


def test_who_belongs_to_no_school_any_more_brings_nothing_back(world: World) -> None:
    made = world.publish("zhou", ["school:1"])
    resources.delete(world.session, world.viewer("zhou"), made.id)
    role = world.session.scalars(select(Role).where(Role.account_id == world.ids["zhou"])).one()
    world.session.delete(role)
    world.session.flush()
    with pytest.raises(Forbidden):
        resources.restore(world.session, world.viewer("zhou"), made.id)


def test_what_moved_out_of_reach_meanwhile_is_left_out_and_nothing_is_lost(world: World) -> None:
    upload = world.begin("zhou", ["school:1"])
    upload.fields = {**upload.fields, "audience": ["school:1", "school:3", "agreement:77"]}
    made = resources.create_from_upload(world.session, upload, world.viewer("zhou"))
    assert {grant.token for grant in made.grants} == {world.me("zhou"), "school:1"}


# Edited


def test_an_edit_changes_what_is_said_and_keeps_the_rest(world: World) -> None:
    made = world.publish("zhou", ["school:1"], title="旧题", summary="说明")
    before = made.version
    edited = resources.edit(
        world.session, world.viewer("zhou"), made.id, {"title": "新题", "grade": "11"}
    )
    assert (edited.title, edited.summary, edited.stage) == ("新题", "说明", "senior")
    assert "school:1" in world.tokens(edited)
    assert edited.version > before
    assert world.announced()[-1] == made.id


@pytest.mark.parametrize(
    ("who", "error"), [("tang", Forbidden), ("head", Forbidden), ("long", NotFound)]
)
def test_nobody_else_edits_it(world: World, who: str, error: type[Exception]) -> None:
    made = world.publish("zhou", ["school:1"])
    with pytest.raises(error):
        resources.edit(world.session, world.viewer(who), made.id, {"title": "别人的"})


def test_a_wrong_field_is_named_and_changes_nothing(world: World) -> None:
    made = world.publish("zhou", title="好题")
    with pytest.raises(Invalid) as refused:
        resources.edit(world.session, world.viewer("zhou"), made.id, {"grade": "13"})
    assert list(refused.value.fields) == ["grade"]
    assert made.grade == ""


def test_one_cannot_publish_to_where_one_is_not(world: World) -> None:
    made = world.publish("zhou")
    for token in ("school:3", "region:433101", "agreement:9", world.me("tang")):
        with pytest.raises(Invalid) as refused:
            resources.edit(world.session, world.viewer("zhou"), made.id, {"audience": [token]})
        assert token in refused.value.fields["audience"].zh


def test_an_audience_replaces_the_one_before(world: World) -> None:
    made = world.publish("zhou", ["school:1", "region:430100"])
    author = world.viewer("zhou")
    resources.edit(world.session, author, made.id, {"audience": ["agreement:1", "everyone"]})
    assert world.tokens(made) == {world.me("zhou"), "admin:1", "agreement:1", "review:430000"}
    resources.edit(world.session, author, made.id, {"audience": []})
    assert world.tokens(made) == {world.me("zhou")}


def test_asking_again_neither_asks_twice_nor_undoes_an_approval(world: World) -> None:
    made = world.publish("zhou", ["region:430100"])
    author, wanted = world.viewer("zhou"), {"audience": ["region:430100"]}
    resources.edit(world.session, author, made.id, wanted)
    assert len(made.reviews) == 1
    approve(world, world.viewer("city"), made.reviews[0].id)
    resources.edit(world.session, author, made.id, wanted)
    assert "region:430100" in world.tokens(made)
    assert [review.state for review in made.reviews] == ["approved"]


def test_what_was_given_up_has_to_be_asked_for_anew(world: World) -> None:
    made = world.publish("zhou", ["region:430100"])
    author = world.viewer("zhou")
    approve(world, world.viewer("city"), made.reviews[0].id)
    resources.edit(world.session, author, made.id, {"audience": []})
    assert "region:430100" not in world.tokens(made)
    resources.edit(world.session, author, made.id, {"audience": ["region:430100"]})
    assert "review:430100" in world.tokens(made)
    assert "region:430100" not in world.tokens(made)


# Deleted


def test_the_deleted_is_seen_by_nobody(world: World) -> None:
    made = world.publish("zhou", ["school:1"])
    resources.delete(world.session, world.viewer("zhou"), made.id)
    assert world.tokens(made) == set()
    assert world.announced()[-1] == made.id
    with pytest.raises(NotFound):
        resources.delete(world.session, world.viewer("zhou"), made.id)


def test_a_school_takes_its_submissions_away_and_nothing_else(world: World) -> None:
    submitted, private = world.publish("zhou", ["school:1"]), world.publish("zhou")
    resources.delete(world.session, world.viewer("head"), submitted.id)
    with pytest.raises(NotFound):
        resources.delete(world.session, world.viewer("head"), private.id)
    with pytest.raises(Forbidden):
        other = world.publish("zhou", ["school:1"])
        resources.delete(world.session, world.viewer("tang"), other.id)


def test_its_author_brings_it_back_as_it_was(world: World) -> None:
    made = world.publish("zhou", ["school:1", "everyone"])
    before = world.tokens(made)
    resources.delete(world.session, world.viewer("zhou"), made.id)
    for other in ("tang", "head"):
        with pytest.raises(Forbidden):
            resources.restore(world.session, world.viewer(other), made.id)
    resources.restore(world.session, world.viewer("zhou"), made.id)
    assert world.tokens(made) == before


def test_what_the_school_took_away_its_author_does_not_bring_back(world: World) -> None:
    made = world.publish("zhou", ["school:1"])
    resources.delete(world.session, world.viewer("head"), made.id)
    with pytest.raises(Forbidden):
        resources.restore(world.session, world.viewer("zhou"), made.id)
    resources.restore(world.session, world.viewer("head"), made.id)
    assert "school:1" in world.tokens(made)


@pytest.mark.parametrize("number", [404, None])
def test_only_the_deleted_is_brought_back(world: World, number: int | None) -> None:
    made = world.publish("zhou")
    with pytest.raises(Forbidden):
        resources.restore(world.session, world.viewer("zhou"), number or made.id)


# Where it stands


def test_its_state_follows_its_job(world: World) -> None:
    made = world.make("zhou")
    job = job_of(world, made.id)
    said = [made.state]
    steps = (Step.PLAYABLE, Step.THIN, Step.LADDER)
    while (step := jobs.next_step(job)) is not None:
        step.attempts = 1
        step.state = jobs.StepState.DONE
        if step.name == Step.CHECKING:
            job.steps += [
                jobs.JobStep(position=number, name=name) for number, name in enumerate(steps, 1)
            ]
        elif step.name == Step.PLAYABLE:
            made.viewable_at = made.created_at
        elif step.name == Step.LADDER:
            job.state = jobs.JobState.DONE
        resources.settle(world.session, made)
        said.append(made.state)
    assert said == [
        State.CHECKING, State.CHECKING, State.PLAYABLE, State.ENCODING, State.PUBLISHED,
    ]  # fmt: skip
    assert made.published_at is not None


def test_a_job_that_failed_says_so_and_leaves_what_can_be_watched(world: World) -> None:
    made = world.publish("zhou", ["school:1"])
    job = job_of(world, made.id)
    job.state = jobs.JobState.FAILED
    resources.settle(world.session, made)
    assert made.state == State.FAILED
    assert "school:1" in world.tokens(made)
