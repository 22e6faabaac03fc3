"""Sessions and API tokens: found by their secret, until they end; and each ends where it should."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.people.worlds import Town, viewer
from tongke import clock
from tongke.errors import Invalid, NotFound
from tongke.people import accounts, sign_in
from tongke.people.errors import SignInFailed, TooManyTokens
from tongke.people.models import Account, ApiToken, LoginSession
from tongke.people.secret import digest
from tongke.storage.database import Database, all_rights_changed, rights_changed_of


def start(session: Session, town: Town, username: str = "yucai.teacher", **more: str) -> str:
    return sign_in.start(
        session,
        town[username],
        verified=more.get("verified", town.password_hash),
        rehashed=more.get("rehashed"),
        address=more.get("address", "10.0.0.7"),
        user_agent="Chromium " * 50,
        days=30,
    )[1]


def pass_time(monkeypatch: pytest.MonkeyPatch, **amount: int) -> None:
    later = clock.now() + timedelta(**amount)
    monkeypatch.setattr(clock, "now", lambda: later)


def test_a_session_says_who_it_is(session: Session, town: Town) -> None:
    secret = start(session, town)
    found = sign_in.session_of(session, secret)
    assert found is not None and found.viewer == viewer(session, town["yucai.teacher"])
    assert [row.id for row in sign_in.sessions(session, town["yucai.teacher"])] == [
        found.session_id
    ]
    assert sign_in.session_of(session, secret + "x") is None
    assert sign_in.session_of(session, "") is None


def test_the_secret_itself_is_not_kept(session: Session, town: Town) -> None:
    secret = start(session, town)
    _, token = sign_in.add_api_token(session, viewer(session, town["root"]), "备份")
    kept = {
        *session.scalars(select(LoginSession.token_hash)),
        *session.scalars(select(ApiToken.token_hash)),
    }
    assert len(kept) == 2 and not kept & {secret, token}
    assert all(sign_in.session_of(session, digest) is None for digest in kept)


def test_a_session_ends_in_its_time(
    session: Session, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = start(session, town)
    pass_time(monkeypatch, days=29, hours=23)
    assert sign_in.session_of(session, secret) is not None
    pass_time(monkeypatch, hours=2)
    assert sign_in.session_of(session, secret) is None
    assert sign_in.sessions(session, town["yucai.teacher"]) == []


def test_nothing_starts_on_a_password_that_was_changed_meanwhile(
    session: Session, town: Town
) -> None:
    with pytest.raises(SignInFailed):
        start(session, town, verified="$older")


def test_nothing_starts_for_an_account_disabled_meanwhile(session: Session, town: Town) -> None:
    session.get_one(Account, town["yucai.teacher"]).disabled_at = clock.now()
    with pytest.raises(SignInFailed):
        start(session, town)


def test_a_hash_of_older_parameters_is_replaced(session: Session, town: Town) -> None:
    start(session, town, rehashed="$better")
    assert session.get_one(Account, town["yucai.teacher"]).password_hash == "$better"


def test_credentials_are_of_enabled_accounts(session: Session, town: Town) -> None:
    found = sign_in.credentials(session, "yucai.teacher", "10.0.0.7")
    assert found == sign_in.Credentials(town["yucai.teacher"], town.password_hash, False)
    assert sign_in.credentials(session, "nobody", "10.0.0.7") is None
    accounts.disable(session, viewer(session, town["root"]), town["yucai.teacher"])
    session.flush()
    assert sign_in.credentials(session, "yucai.teacher", "10.0.0.7") is None


def test_an_address_is_known_while_it_is_signed_in_from_there(
    session: Session, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(session, town, address="10.0.0.7")

    def known(username: str, address: str) -> bool:
        found = sign_in.credentials(session, username, address)
        return found is not None and found.known_address

    assert known("yucai.teacher", "10.0.0.7")
    assert not known("yucai.teacher", "10.0.0.8")
    assert not known("yucai.staff", "10.0.0.7")
    pass_time(monkeypatch, days=31)
    assert not known("yucai.teacher", "10.0.0.7")


def test_the_last_sign_in_is_kept_beyond_its_session(
    session: Session, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = session.get_one(Account, town["yucai.teacher"])
    assert account.last_sign_in_at is None
    start(session, town)
    pass_time(monkeypatch, days=1)
    start(session, town)
    sign_in.end_everything(session, account.id)
    session.expire_all()
    assert account.last_sign_in_at == clock.now()


def listened(db: Database) -> list[set[str] | None]:
    """Of which things each commit from now on was told as a change of rights; None: of all."""
    heard: list[set[str] | None] = []

    def hear(session: Session) -> None:
        heard.append(None if all_rights_changed(session) else set(rights_changed_of(session)))

    db.after_commit.append(hear)
    return heard


async def test_signing_in_is_not_told_as_rights_taken_away(db: Database, town: Town) -> None:
    told = listened(db)
    await db.write(start, town)
    assert told == [set()]


def test_ending_one_ending_the_others(session: Session, town: Town) -> None:
    person, stranger = town["yucai.teacher"], town["liye.teacher"]
    kept, ended, other = start(session, town), start(session, town), start(session, town)
    foreign = start(session, town, "liye.teacher")

    def row(secret: str) -> int:
        found = sign_in.session_of(session, secret)
        assert found is not None and found.session_id is not None
        return found.session_id

    with pytest.raises(NotFound):
        sign_in.end_session(session, stranger, row(ended))
    sign_in.end_session(session, person, row(ended))
    sign_in.end_sessions(session, person, keep=row(kept))
    alive = [sign_in.session_of(session, secret) is not None for secret in (kept, ended, other)]
    assert alive == [True, False, False]
    assert sign_in.session_of(session, foreign) is not None


async def test_what_has_ended_is_told_by_itself(db: Database, town: Town) -> None:
    """Whoever signs in and out in a loop would have everybody of every class asked about anew."""

    def end_one(session: Session, secret: str) -> None:
        found = sign_in.session_of(session, secret)
        assert found is not None and found.session_id is not None
        sign_in.end_session(session, town["yucai.teacher"], found.session_id)

    def make_token(session: Session) -> tuple[int, str]:
        row, secret = sign_in.add_api_token(session, viewer(session, me), "课表屏")
        return row.id, secret

    me, told = town["yucai.teacher"], listened(db)
    secrets = [await db.write(start, town) for _ in range(3)]
    one, mine = f"credential/{digest(secrets[0])}", f"account/{me}"
    await db.write(end_one, secrets[0])
    await db.write(sign_in.end_sessions, me)
    await db.write(sign_in.end_sessions, me)
    number, secret = await db.write(make_token)
    await db.write(sign_in.revoke_api_token, me, number)
    _, last = await db.write(make_token)
    await db.write(sign_in.end_everything, me)
    await db.close()
    assert told[:3] == [set()] * 3
    assert told[3:] == [
        {one}, {mine}, set(), set(), {f"credential/{digest(secret)}"}, set(),
        {f"credential/{digest(last)}"},
    ]  # fmt: skip


def test_an_api_token_speaks_for_its_account(
    session: Session, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = viewer(session, town["yucai.teacher"])
    row, token = sign_in.add_api_token(session, person, "  校园  网站 ", 7)
    assert (row.name, row.hint) == ("校园 网站", token[-4:]) and token.startswith("tk_")
    found = sign_in.token_of(session, token)
    assert found == sign_in.SignedIn(person, None)
    assert sign_in.session_of(session, token) is None
    assert sign_in.token_of(session, token.removeprefix("tk_")) is None
    with pytest.raises(NotFound):
        sign_in.revoke_api_token(session, town["root"], row.id)
    pass_time(monkeypatch, days=8)
    assert sign_in.token_of(session, token) is None
    assert sign_in.api_tokens(session, person.account_id) == [row]
    sign_in.revoke_api_token(session, person.account_id, row.id)
    session.flush()
    assert sign_in.api_tokens(session, person.account_id) == []


@pytest.mark.parametrize(
    ("name", "days", "fields"),
    [
        ("", 7, {"name"}),
        ("名" * 61, 7, {"name"}),
        ("脚本", 0, {"days"}),
        (" ", 999, {"name", "days"}),
    ],
)
def test_a_token_says_what_for_and_how_long(
    session: Session, town: Town, name: str, days: int, fields: set[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        sign_in.add_api_token(session, viewer(session, town["root"]), name, days)
    assert set(refused.value.fields) == fields


def test_tokens_are_few_enough_to_look_through(session: Session, town: Town) -> None:
    person = viewer(session, town["yucai.teacher"])
    for number in range(sign_in.API_TOKENS_MAX):
        sign_in.add_api_token(session, person, f"脚本{number}")
    with pytest.raises(TooManyTokens):
        sign_in.add_api_token(session, person, "再来一个")
