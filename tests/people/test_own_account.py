"""What people do with an account of their own, and what it ends."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.people.worlds import Town, viewer
from tongke.errors import Forbidden, Invalid, TongkeError
from tongke.people import own_account, sign_in, slips
from tongke.people.errors import RoomDevice


def test_a_new_password_ends_the_other_sign_ins(session: Session, town: Town) -> None:
    person = town["yucai.teacher"]
    kept, other = (
        sign_in.start(
            session, person, verified=town.password_hash, address="::1", user_agent="", days=1
        )
        for _ in range(2)
    )
    _, code = slips.issue(session, town["yucai.admin"], person)
    own_account.change_password(
        session,
        viewer(session, person),
        verified=town.password_hash,
        password_hash="$new",
        keep=kept[0].id,
    )
    assert sign_in.session_of(session, kept[1]) is not None
    assert sign_in.session_of(session, other[1]) is None
    with pytest.raises(TongkeError):
        slips.account_of(session, code)


def test_a_password_checked_against_an_older_hash_changes_nothing(
    session: Session, town: Town
) -> None:
    person = viewer(session, town["yucai.teacher"])
    with pytest.raises(Forbidden):
        own_account.change_password(
            session, person, verified="$old", password_hash="$new", keep=None
        )


def test_a_pupil_at_a_rooms_screen_cannot_shut_it_out(session: Session, town: Town) -> None:
    room = viewer(session, town["yucai.room"])
    with pytest.raises(RoomDevice):
        own_account.change_password(
            session, room, verified=town.password_hash, password_hash="$new", keep=None
        )
    with pytest.raises(RoomDevice):
        own_account.change_own(session, room, name="三班")
    with pytest.raises(RoomDevice):
        sign_in.add_api_token(session, room, "脚本")
    assert own_account.change_own(session, room, language="en").language == "en"


def test_an_unknown_language_is_refused(session: Session, town: Town) -> None:
    with pytest.raises(Invalid):
        own_account.change_own(session, viewer(session, town["yucai.teacher"]), language="fr")
