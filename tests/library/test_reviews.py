"""The officers' queue: who decides what, once, and with which words."""

from __future__ import annotations

import pytest

from tests.library.world import World, approve, send_back
from tongke.errors import Invalid, NotFound
from tongke.library import queries, resources, reviews
from tongke.library.models import Resource
from tongke.library.queries import ResourceFilter
from tongke.library.reviews import AlreadyDecided, ChangedMeanwhile, OwnWork
from tongke.people.models import Role, School


def waiting(world: World, name: str) -> list[tuple[int, str]]:
    return [
        (review.resource_id, review.token)
        for review in reviews.queue(world.session, world.viewer(name), limit=100)
    ]


def test_each_officer_sees_what_waits_for_them_the_oldest_first(world: World) -> None:
    first = world.publish("zhou", ["region:430102"])
    second = world.publish("zhou", ["region:430100", "everyone"])
    assert waiting(world, "county") == [(first.id, "region:430102")]
    assert waiting(world, "city") == [(first.id, "region:430102"), (second.id, "region:430100")]
    assert len(waiting(world, "province")) == 3
    assert waiting(world, "othercounty") == []
    assert waiting(world, "head") == waiting(world, "operator") == []


def test_what_cannot_be_watched_waits_for_nobody(world: World) -> None:
    unfinished = world.make("zhou", ["region:430102"])
    deleted = world.publish("zhou", ["region:430102"])
    resources.delete(world.session, world.viewer("zhou"), deleted.id)
    assert waiting(world, "county") == []
    for resource in (unfinished, deleted):
        with pytest.raises(NotFound):
            approve(world, world.viewer("county"), world.review(resource).id)


def test_approved_it_is_published_to_what_was_asked_for(world: World) -> None:
    made = world.publish("zhou", ["everyone"])
    review = world.review(made)
    approve(world, world.viewer("province"), review.id, " 很好 ")
    assert world.tokens(made) == {world.me("zhou"), "admin:1", "everyone"}
    assert (review.state, review.comment) == ("approved", "很好")
    assert review.decided_by == world.ids["province"]
    assert review.decided_at is not None
    assert world.announced()[-1] == made.id


def test_an_officer_above_may_decide_too(world: World) -> None:
    made = world.publish("zhou", ["region:430102"])
    approve(world, world.viewer("province"), world.review(made).id)
    assert "region:430102" in world.tokens(made)


def test_returned_it_stays_where_it_was_and_says_why(world: World) -> None:
    made = world.publish("zhou", ["school:1", "region:430102"])
    review = world.review(made)
    send_back(world, world.viewer("county"), review.id, "请补上学段")
    assert world.tokens(made) == {world.me("zhou"), "admin:1", "school:1"}
    assert (review.state, review.comment) == ("returned", "请补上学段")
    assert waiting(world, "county") == []


@pytest.mark.parametrize("comment", ["", " \n"])
def test_nothing_is_returned_without_a_word(world: World, comment: str) -> None:
    made = world.publish("zhou", ["region:430102"])
    review = world.review(made)
    with pytest.raises(Invalid) as refused:
        send_back(world, world.viewer("county"), review.id, comment)
    assert list(refused.value.fields) == ["comment"]
    assert review.state == "waiting"


def test_what_was_returned_and_then_approved_is_no_longer_called_returned(world: World) -> None:
    made = world.publish("zhou", ["region:430102"])
    send_back(world, world.viewer("county"), world.review(made).id, "请补上学段")

    def called(state: str) -> int:
        wanted = ResourceFilter(mine=True, review=state)
        return queries.count_resources(world.session, world.viewer("zhou"), wanted)

    assert (called("returned"), called("waiting")) == (1, 0)
    resources.edit(world.session, world.viewer("zhou"), made.id, {"audience": ["region:430102"]})
    assert (called("returned"), called("waiting")) == (0, 1)
    approve(world, world.viewer("county"), made.reviews[-1].id)
    assert (called("returned"), called("waiting"), called("approved")) == (0, 0, 1)


def test_a_long_queue_is_read_in_pages_and_counted_without_reading_it(world: World) -> None:
    made = [world.publish("zhou", ["region:430102"]) for _ in range(5)]
    county = world.viewer("county")
    assert reviews.waiting(world.session, county) == 5
    first = reviews.queue(world.session, county, limit=3)
    rest = reviews.queue(world.session, county, limit=3, after_id=first[-1].id)
    assert [review.resource_id for review in (*first, *rest)] == [row.id for row in made]
    assert reviews.waiting(world.session, world.viewer("zhou")) == 0


def test_after_it_was_returned_it_may_be_asked_for_again(world: World) -> None:
    made = world.publish("zhou", ["region:430102"])
    send_back(world, world.viewer("county"), world.review(made).id, "请补上学段")
    resources.edit(
        world.session, world.viewer("zhou"), made.id, {"audience": ["region:430102"], "grade": "7"}
    )
    assert [review.state for review in made.reviews] == ["returned", "waiting"]
    assert waiting(world, "county") == [(made.id, "region:430102")]


def test_a_second_decision_is_refused(world: World) -> None:
    made = world.publish("zhou", ["region:430102"])
    review = world.review(made)
    approve(world, world.viewer("county"), review.id)
    for decide in (
        lambda: approve(world, world.viewer("city"), review.id),
        lambda: send_back(world, world.viewer("city"), review.id, "不行"),
    ):
        with pytest.raises(AlreadyDecided):
            decide()
    assert "region:430102" in world.tokens(made)


def test_what_its_author_changed_since_it_was_read_is_not_decided_upon(world: World) -> None:
    made = world.publish("zhou", ["region:430102"])
    review, county = world.review(made), world.viewer("county")
    read = made.updated_at
    resources.edit(world.session, world.viewer("zhou"), made.id, {"title": "别的话"})
    with pytest.raises(ChangedMeanwhile):
        reviews.approve(world.session, county, review.id, read)
    with pytest.raises(ChangedMeanwhile):
        reviews.send_back(world.session, county, review.id, read, "不行")
    with pytest.raises(ChangedMeanwhile):
        reviews.approve(world.session, county, review.id, None)
    assert waiting(world, "county") == [(made.id, "region:430102")]
    approve(world, county, review.id)
    assert "region:430102" in world.tokens(made)


@pytest.mark.parametrize("who", ["othercounty", "county", "head", "zhou", "operator"])
def test_it_is_decided_by_nobody_else(world: World, who: str) -> None:
    """To the others it is not there."""
    made = world.publish("zhou", ["region:430100"])
    with pytest.raises(NotFound):
        approve(world, world.viewer(who), world.review(made).id)
    assert "region:430100" not in world.tokens(made)


def test_what_is_not_there_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        approve(world, world.viewer("province"), 404)


def approved(world: World, *audience: str) -> Resource:
    made = world.publish("zhou", audience)
    approve(world, world.viewer("province"), world.review(made).id)
    return made


def edit(world: World, made: Resource, **changes: object) -> None:
    resources.edit(world.session, world.viewer("zhou"), made.id, changes)


@pytest.mark.parametrize("field", ["title", "summary", "edition", "unit", "lesson"])
def test_other_words_are_asked_about_again_and_stay_out_meanwhile(world: World, field: str) -> None:
    made = approved(world, "region:430102")
    edit(world, made, **{field: "别的话"}, audience=["region:430102"])
    assert waiting(world, "county") == [(made.id, "region:430102")]
    assert "region:430102" in world.tokens(made)
    edit(world, made, **{field: "再改一次"})
    edit(world, made, audience=["region:430102"])
    assert [review.state for review in made.reviews] == ["approved", "waiting"]
    approve(world, world.viewer("county"), made.reviews[-1].id)
    assert waiting(world, "county") == []
    assert [grant.token for grant in made.grants].count("region:430102") == 1


def test_other_words_that_are_returned_are_out_no_longer(world: World) -> None:
    made = approved(world, "everyone")
    edit(world, made, title="别的话")
    send_back(world, world.viewer("province"), made.reviews[-1].id, "题目不妥")
    assert "everyone" not in world.tokens(made)
    edit(world, made, title="原来的话", audience=["everyone"])
    assert waiting(world, "province") == [(made.id, "everyone")]
    assert "everyone" not in world.tokens(made)


def test_who_takes_it_back_meanwhile_asks_nobody(world: World) -> None:
    made = approved(world, "region:430102")
    edit(world, made, title="别的话")
    edit(world, made, audience=["school:1"])
    assert waiting(world, "county") == []
    assert "region:430102" not in world.tokens(made)


def test_nobody_is_asked_about_the_same_words_or_by_a_trusted_school(world: World) -> None:
    made = approved(world, "region:430102")
    edit(world, made, title=made.title, grade="7", audience=["region:430102"])
    assert waiting(world, "county") == []
    world.session.get_one(School, 1).trusted = True
    edit(world, made, title="别的话")
    assert waiting(world, "county") == []


def test_nobody_decides_on_their_own_work(world: World) -> None:
    made = world.publish("zhou", ["region:430102"])
    office = Role(account_id=world.ids["zhou"], name="officer", region_code="430102")
    world.session.add(office)
    world.session.flush()
    world.session.expire_all()
    assert waiting(world, "zhou") == []
    review, zhou = world.review(made), world.viewer("zhou")
    with pytest.raises(OwnWork):
        approve(world, zhou, review.id)
    with pytest.raises(OwnWork):
        send_back(world, zhou, review.id, "不行")
    assert waiting(world, "county") == [(made.id, "region:430102")]
